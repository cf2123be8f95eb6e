//! Backups of a server that is being written to from all sides, each restored elsewhere (D5).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, audit_is_whole, fsck, git, push, remote, root_token, working_copy};
use crate::cli::{Place, Running};

const BACKUPS: usize = 5;
/// Changes that are answered before each backup, while it is being taken others go on.
const BETWEEN: usize = 12;
const TOKENS: &str = "/projects/root%2Fbusy/access_tokens";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Lives,
    Ended,
    /// Its end was asked for and not answered yet.
    Ending,
}

/// What the writers know: tokens with their fates, and the newest commit of each branch that was answered for.
#[derive(Clone, Default)]
struct Journal {
    tokens: BTreeMap<String, Fate>,
    pushed: BTreeMap<String, String>,
}

struct Load<'a> {
    api: Api,
    remote: String,
    journal: &'a Mutex<Journal>,
    stop: &'a AtomicBool,
    answered: Sender<()>,
}

impl Load<'_> {
    fn note(&self, change: impl FnOnce(&mut Journal)) {
        change(&mut self.journal.lock().unwrap());
        let _ = self.answered.send(());
    }

    fn set(&self, token: &str, fate: Fate) {
        self.journal.lock().unwrap().tokens.insert(token.to_owned(), fate);
    }

    /// Makes tokens, and rotates or revokes every other one.
    fn tokens(&self) {
        for round in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let (token, id, _) = self.api.project_token("root%2Fbusy", "made");
            self.note(|journal| _ = journal.tokens.insert(token.clone(), Fate::Lives));
            if round % 3 == 0 {
                continue;
            }
            self.set(&token, Fate::Ending);
            if round % 3 == 1 {
                let made = self.api.post(&format!("{TOKENS}/{id}/rotate"), &json!({}));
                let next = made["token"].as_str().unwrap().to_owned();
                self.note(|journal| _ = journal.tokens.insert(next, Fate::Lives));
            } else {
                self.api.good(Method::DELETE, &format!("{TOKENS}/{id}"), &json!({}));
            }
            self.note(|journal| _ = journal.tokens.insert(token, Fate::Ended));
        }
    }

    fn pushes(&self, copy: &Path, branch: &str) {
        for round in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let (commit, accepted) = push(copy, &self.remote, branch, &format!("{branch} {round}"));
            assert!(accepted);
            self.note(|journal| _ = journal.pushed.insert(branch.to_owned(), commit));
        }
    }
}

/// What was known when a backup began and when it was done.
struct Taken {
    file: String,
    before: Journal,
    after: Journal,
}

fn take(place: &Place, journal: &Mutex<Journal>, answers: &Receiver<()>, number: usize) -> Taken {
    let known = journal.lock().unwrap().clone();
    let mut answered = 0;
    let before = loop {
        answers.recv().unwrap();
        answered += 1;
        let before = journal.lock().unwrap().clone();
        let every = before.pushed.len() == 2 && before.pushed != known.pushed;
        if answered >= BETWEEN && every && before.tokens.len() > known.tokens.len() {
            break before;
        }
    };
    let file = super::backup(place, &format!("backup{number}.tar"));
    let after = journal.lock().unwrap().clone();
    Taken { file, before, after }
}

/// A few tokens that nobody touches, of all kinds of rights.
fn cast(api: &Api) -> Vec<String> {
    let mut tokens = Vec::new();
    for (name, level) in [("guest", 10), ("developer", 30), ("maintainer", 40)] {
        let person = json!({ "username": name, "name": name, "email": format!("{name}@people.test"),
            "password": "a password of the tests", "skip_confirmation": true });
        let id = api.post("/users", &person)["id"].as_i64().unwrap();
        api.post("/projects/root%2Fbusy/members", &json!({ "user_id": id, "access_level": level }));
        for scope in ["api", "read_api", "read_repository", "read_user"] {
            let wanted = json!({ "name": scope, "scopes": [scope] });
            let made = api.post(&format!("/users/{id}/personal_access_tokens"), &wanted);
            tokens.push(made["token"].as_str().unwrap().to_owned());
        }
    }
    for level in [10, 40] {
        let wanted = json!({ "name": "standing", "scopes": ["api"], "access_level": level });
        tokens.push(api.post(TOKENS, &wanted)["token"].as_str().unwrap().to_owned());
    }
    tokens
}

/// What each of them may do: the statuses of requests that change nothing.
fn verdicts(server: &Running, tokens: &[String]) -> Vec<Vec<u16>> {
    let asked = [
        (Method::GET, "/user"),
        (Method::GET, "/projects/root%2Fbusy"),
        (Method::GET, "/projects/root%2Fother"),
        (Method::GET, TOKENS),
        (Method::GET, "/projects/root%2Fbusy/repository/branches?per_page=1"),
        (Method::GET, "/application/settings"),
        (Method::POST, "/projects/root%2Fbusy/access_tokens"),
        (Method::DELETE, "/projects/root%2Fbusy/members/99999"),
        (Method::DELETE, "/projects/root%2Fbusy/access_tokens/99999"),
    ];
    let of = |token: &String| {
        let api = Api::of(server, token);
        asked
            .iter()
            .map(|(method, path)| api.send(method.clone(), path, &json!({})).status().as_u16())
            .collect()
    };
    tokens.iter().map(of).collect()
}

fn pages(api: &Api, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for page in 1.. {
        let join = if path.contains('?') { '&' } else { '?' };
        match api.get(&format!("{path}{join}per_page=100&page={page}")) {
            Value::Array(rows) if !rows.is_empty() => all.extend(rows),
            _ => break,
        }
    }
    all
}

/// Restores a backup elsewhere and holds what was answered against what is there.
fn check(
    taken: &Taken,
    elsewhere: &Place,
    copies: &[(String, PathBuf)],
    root: &str,
    cast: &[String],
    may: &[Vec<u16>],
) {
    elsewhere.run(&format!("backup restore {} --keep-all", taken.file)).ok();
    audit_is_whole(elsewhere);
    assert_eq!(fsck(&elsewhere.data()), 1);
    let server = elsewhere.serve();
    let api = Api::of(&server, root);
    for (token, fate) in &taken.before.tokens {
        match (fate, &taken.after.tokens[token]) {
            (Fate::Lives, Fate::Lives) => assert_eq!(server.status(token), 200, "an answered token is lost"),
            (Fate::Ended, _) => assert_eq!(server.status(token), 401, "a revoked token is alive"),
            _ => {}
        }
    }
    let known: BTreeSet<String> =
        pages(&api, &format!("{TOKENS}?state=active")).iter().map(|row| row["user_id"].to_string()).collect();
    let members = pages(&api, "/projects/root%2Fbusy/members");
    let bots = members.iter().filter(|member| member["username"].as_str().unwrap().starts_with("project_"));
    assert_eq!(known.len(), bots.count(), "each bot has a live token, each live token a bot");
    for (branch, copy) in copies {
        let Some(commit) = taken.before.pushed.get(branch) else { continue };
        let listed =
            git(copy, &["ls-remote", &remote(&server, root, "root/busy"), &format!("refs/heads/{branch}")])
                .ok();
        let tip = listed.split('\t').next().unwrap();
        git(copy, &["merge-base", "--is-ancestor", commit, tip]).ok();
    }
    // Whatever is there goes on: the next push is taken.
    let (branch, copy) = &copies[0];
    let next = remote(&server, root, "root/busy");
    git(copy, &["push", "-q", "--force", &next, &format!("{branch}:refs/heads/{branch}-next")]).ok();
    assert_eq!(verdicts(&server, cast), may, "the same may do the same");
    let open = api.get("/projects/root%2Fbusy");
    assert_eq!(open["empty_repo"], false);
    server.stop();
    assert_eq!(fsck(&elsewhere.data()), 1);
}

#[test]
fn backups_under_load_restore_to_a_consistent_state() {
    let place = Place::on_chosen_database();
    let root = root_token(&place);
    let server = place.serve();
    let api = Api::of(&server, &root);
    for name in ["busy", "other"] {
        api.post("/projects", &json!({ "name": name, "visibility": "private" }));
    }
    // The check presents rotated secrets, which would otherwise end the secrets after them.
    api.good(Method::PUT, "/application/settings", &json!({ "token_reuse_response": "audit_only" }));
    let cast = cast(&api);
    let copies: Vec<(String, PathBuf)> = (0..2)
        .map(|number| (format!("branch{number}"), place.folder.path().join(format!("copy{number}"))))
        .collect();
    for (branch, copy) in &copies {
        working_copy(copy, branch);
        assert!(push(copy, &remote(&server, &root, "root/busy"), branch, "the first").1);
    }
    let may = verdicts(&server, &cast);
    assert!(
        may.iter().flatten().any(|status| *status == 403)
            && may.iter().flatten().any(|status| *status == 200)
    );

    let (journal, stop) = (Mutex::new(Journal::default()), AtomicBool::new(false));
    let (answered, answers) = channel();
    let taken: Vec<Taken> = std::thread::scope(|scope| {
        for number in 0..4 {
            let load = Load {
                api: Api::of(&server, &root),
                remote: remote(&server, &root, "root/busy"),
                journal: &journal,
                stop: &stop,
                answered: answered.clone(),
            };
            let copies = &copies;
            scope.spawn(move || match copies.get(number) {
                Some((branch, copy)) => load.pushes(copy, branch),
                None => load.tokens(),
            });
        }
        let taken = (0..BACKUPS).map(|number| take(&place, &journal, &answers, number)).collect();
        stop.store(true, Ordering::Relaxed);
        taken
    });
    server.stop();
    for (number, taken) in taken.iter().enumerate() {
        // The last one on the other back end, where there is one: a backup is of neither.
        let elsewhere = if number + 1 == BACKUPS { Place::new() } else { Place::on_chosen_database() };
        check(taken, &elsewhere, &copies, &root, &cast, &may);
    }
}
