//! Two processes on one PostgreSQL.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use tessera_testkit::Shared;

use super::{Place, line, send_to};

/// What a process logs when it has laid a seal.
const SEALED: &str = "the audit log was sealed";

/// A server on a shared database whose log is kept.
pub(super) struct Node {
    child: Child,
    url: String,
    log: JoinHandle<Vec<String>>,
    seals: Mutex<Receiver<()>>,
}

impl Node {
    /// Starts it and waits until it listens.
    pub(super) fn start(place: &Place, database: &str) -> Self {
        let mut child = place
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .env("TESSERA_DATABASE__URL", database)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let (tell, ready) = channel();
        let (laid, seals) = channel();
        let watched = lines.inspect(move |line| {
            if let Some((_, url)) = line.split_once("listens at ") {
                let _ = tell.send(url.trim().to_owned());
            }
            if line.contains(SEALED) {
                let _ = laid.send(());
            }
        });
        let log = std::thread::spawn(move || watched.collect());
        Self { child, url: ready.recv().unwrap(), log, seals: Mutex::new(seals) }
    }

    /// Waits until it has laid a seal; the limit is for one that hangs.
    fn await_seal(&self) {
        self.seals.lock().unwrap().recv_timeout(Duration::from_mins(1)).expect("it seals what it writes");
    }

    /// Stops it and returns its log.
    pub(super) fn stop(mut self) -> Vec<String> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        self.log.join().unwrap()
    }

    /// Kills it, and returns its log.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.join().unwrap()
    }

    /// Has somebody write into the audit log: a flag is set under each of these names.
    fn write(&self, token: &str, names: impl Iterator<Item = String>) {
        for name in names {
            let wanted = json!({ "value": "true", "force": true });
            send_to(&self.url, "POST", &format!("/features/{name}"), token, &wanted).unwrap();
        }
    }
}

/// Gives a second node the keys of the first.
pub(super) fn share_keys(first: &Place, second: &Place) {
    let keys = second.data().join("secrets");
    fs::create_dir_all(&keys).unwrap();
    for key in fs::read_dir(first.data().join("secrets")).unwrap() {
        let key = key.unwrap();
        fs::copy(key.path(), keys.join(key.file_name())).unwrap();
    }
}

/// How many seals a process laid, by its log.
fn seals_of(log: &[String]) -> usize {
    log.iter().filter(|line| line.contains(SEALED)).count()
}

#[test]
fn two_processes_that_write_and_seal_at_once_leave_one_chain() {
    let Some(database) = Shared::create() else {
        println!("not run: two processes share no SQLite database");
        return;
    };
    let (first, second) = (Place::new(), Place::new());
    let url = database.url();
    let run = |place: &Place, words: &str| {
        let mut command = place.command(&words.split(' ').collect::<Vec<_>>());
        let output = command.env("TESSERA_DATABASE__URL", &url).stdin(Stdio::null()).output().unwrap();
        tessera_testkit::program::Outcome::from(output)
    };
    let made = run(&first, "token create --user root --name writer --scopes api,admin_mode").ok();
    let token = line(&made);
    share_keys(&first, &second);
    let names = |who: &str, count: usize| {
        let who = who.to_owned();
        (0..count).map(move |number| format!("{who}_{number}"))
    };
    let (one, two) = (Node::start(&first, &url), Node::start(&second, &url));
    std::thread::scope(|scope| {
        for (node, who) in [(&one, "a"), (&two, "b"), (&one, "c"), (&two, "d")] {
            scope.spawn(move || node.write(token, names(who, 15)));
        }
    });
    // One is killed where it stands, the lease in its hand if it was the one that sealed; what it wrote is the other's
    // to seal. Then they change places.
    let mut logs = [one.kill(), Vec::new()];
    two.write(token, names("e", 5));
    two.await_seal();
    let one = Node::start(&first, &url);
    logs[1] = two.stop();
    one.write(token, names("f", 5));
    one.await_seal();
    logs[0].extend(one.stop());
    for log in &logs {
        assert!(seals_of(log) > 0, "{log:?}");
        assert!(!log.iter().any(|line| line.contains("does not follow")), "{log:?}");
    }
    for place in [&first, &second] {
        let report: Value = serde_json::from_str(&run(place, "audit verify --json").ok()).unwrap();
        assert_eq!((&report["whole"], &report["unsealed"]), (&json!(true), &json!(0)), "{report}");
    }
    let exported = run(&second, "audit export").ok();
    let records: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut set: Vec<&str> = records
        .iter()
        .filter(|record| record["action"] == "feature.set")
        .map(|record| record["target"].as_str().unwrap())
        .collect();
    set.sort_unstable();
    let mut expected: Vec<String> = ["a", "b", "c", "d"].iter().flat_map(|who| names(who, 15)).collect();
    expected.extend(["e", "f"].iter().flat_map(|who| names(who, 5)));
    expected.sort_unstable();
    assert_eq!(set, expected, "each that was answered stands there once");
}
