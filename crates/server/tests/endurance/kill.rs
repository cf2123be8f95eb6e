//! kill -9 at random moments of create, rotate, revoke and push.
//!
//! Clients keep a journal of what was answered. After each restart: what was acknowledged is there, what
//! was revoked is dead, no bot is half made, the repository is sound.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::client::Client;
use crate::push::{self, Copy};
use crate::races::members;
use crate::random::Random;
use crate::server::{ROOT, Server, wait_until};

const KILLS: u64 = 200;
const WRITERS: u64 = 4;
/// Living tokens that a writer keeps.
const ENOUGH: usize = 12;
/// From exec to ready, whatever was cut short before. One start may meet a machine that is busy with other things,
/// most of them do not.
const READY: Duration = Duration::from_secs(2);

/// What a client knows of a token that it made.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It was answered, and nothing was asked of it since.
    Lives,
    /// Its end was answered.
    Ended,
    /// Its end was asked for, and the answer never came.
    Unknown,
}

/// One writer's journal: token strings with their row's number and fate.
#[derive(Default)]
struct Journal {
    tokens: BTreeMap<String, (i64, Fate)>,
    pushed: Vec<String>,
}

const TOKENS: &str = "/api/v4/projects/root%2Fkilled/access_tokens";

impl Journal {
    fn living(&self, random: &mut Random) -> Option<(String, i64)> {
        let living: Vec<_> = self.tokens.iter().filter(|(_, (_, fate))| *fate == Fate::Lives).collect();
        (!living.is_empty()).then(|| {
            let (token, (id, _)) = random.pick(&living);
            ((*token).clone(), *id)
        })
    }

    /// Makes a token. Without an answer there may be one that nobody holds the string of.
    fn create(&mut self, http: &mut Client) -> bool {
        let Some(answer) = http.send("POST", TOKENS, Some(ROOT), r#"{"name":"k","scopes":["api"]}"#) else {
            return false;
        };
        self.remember(&answer.json());
        assert_eq!(answer.status, 201);
        true
    }

    fn remember(&mut self, made: &serde_json::Value) {
        let token = made["token"].as_str().unwrap().to_owned();
        self.tokens.insert(token, (made["id"].as_i64().unwrap(), Fate::Lives));
    }

    fn set(&mut self, token: &str, fate: Fate) {
        self.tokens.get_mut(token).unwrap().1 = fate;
    }

    fn rotate(&mut self, http: &mut Client, token: &str, id: i64) -> bool {
        self.set(token, Fate::Unknown);
        let Some(answer) = http.send("POST", &format!("{TOKENS}/{id}/rotate"), Some(ROOT), "{}") else {
            return false;
        };
        assert_eq!(answer.status, 200);
        self.set(token, Fate::Ended);
        self.remember(&answer.json());
        true
    }

    fn revoke(&mut self, http: &mut Client, token: &str, id: i64) -> bool {
        self.set(token, Fate::Unknown);
        let Some(answer) = http.send("DELETE", &format!("{TOKENS}/{id}"), Some(ROOT), "") else {
            return false;
        };
        assert_eq!(answer.status, 204);
        self.set(token, Fate::Ended);
        true
    }

    /// Makes, rotates and revokes tokens until the server is gone.
    fn work_with_tokens(&mut self, address: &str, random: &mut Random) {
        let mut http = Client::new(address);
        loop {
            let living = self.tokens.values().filter(|(_, fate)| *fate == Fate::Lives).count();
            let going = match (random.below(3), self.living(random)) {
                (1, Some((token, id))) => self.rotate(&mut http, &token, id),
                (2, Some((token, id))) => self.revoke(&mut http, &token, id),
                (_, Some((token, id))) if living >= ENOUGH => self.revoke(&mut http, &token, id),
                _ => self.create(&mut http),
            };
            if !going {
                return;
            }
        }
    }

    /// Commits and pushes until the server is gone.
    fn work_with_git(&mut self, address: &str, copy: &mut Copy, acknowledged: &AtomicU64) {
        loop {
            let (commit, accepted) = copy.push(&url(address));
            if !accepted {
                return;
            }
            self.pushed.push(commit);
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Holds what was answered against what is there.
    fn check(&mut self, http: &mut Client) {
        for (token, (_, fate)) in &mut self.tokens {
            let status = http.get("/api/v4/user", Some(token)).unwrap().status;
            match fate {
                Fate::Lives => assert_eq!(status, 200, "an acknowledged token is lost"),
                Fate::Ended => assert_eq!(status, 401, "a revoked token is alive"),
                Fate::Unknown => {
                    assert!(matches!(status, 200 | 401));
                    *fate = if status == 200 { Fate::Lives } else { Fate::Ended };
                }
            }
        }
        // Ended ones were seen dead; a few are enough to see that none comes back.
        let ended: Vec<String> = self
            .tokens
            .iter()
            .filter(|(_, (_, fate))| *fate == Fate::Ended)
            .map(|(token, _)| token.clone())
            .collect();
        for token in ended.iter().skip(20) {
            self.tokens.remove(token);
        }
    }
}

fn url(address: &str) -> String {
    format!("http://any:{ROOT}@{address}/root/killed.git")
}

/// Every live token has its bot among the members, and every bot among them a token.
fn no_half_made_bot(http: &mut Client) {
    let mut bearers = BTreeSet::new();
    for page in 1.. {
        let json =
            http.get(&format!("{TOKENS}?state=active&per_page=100&page={page}"), Some(ROOT)).unwrap().json();
        let rows = json.as_array().unwrap().clone();
        if rows.is_empty() {
            break;
        }
        bearers.extend(rows.iter().map(|row| row["user_id"].as_i64().unwrap()));
    }
    let bots = members(http, "root%2Fkilled").into_iter().filter(|name| name != "root").count();
    assert_eq!(bearers.len(), bots, "each bot has a live token, each live token a bot");
}

#[test]
fn two_hundred_kills_lose_and_revive_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = Server::start(folder.path());
    let made = server.client().send("POST", "/api/v4/projects", Some(ROOT), r#"{"name":"killed"}"#).unwrap();
    assert_eq!(made.status, 201);
    // The check below presents rotated secrets again, which would otherwise end the secrets after them.
    let quiet = r#"{"token_reuse_response":"audit_only"}"#;
    let set = server.client().send("PUT", "/api/v4/application/settings", Some(ROOT), quiet).unwrap();
    assert_eq!(set.status, 200);
    let mut random = Random::new(42);
    let mut journals: Vec<Journal> = (0..WRITERS).map(|_| Journal::default()).collect();
    let mut copies: Vec<Copy> = (0..WRITERS)
        .map(|writer| Copy::new(folder.path().join(format!("copy{writer}")), &format!("branch{writer}")))
        .collect();
    let (mut server, mut starts, acknowledged) = (Some(server), Vec::new(), AtomicU64::new(0));
    for round in 0..KILLS {
        let running = server.take().unwrap();
        let address = running.address.clone();
        thread::scope(|scope| {
            for (writer, (journal, copy)) in journals.iter_mut().zip(&mut copies).enumerate() {
                let (address, acknowledged) = (&address, &acknowledged);
                scope.spawn(move || {
                    if writer % 2 == 0 {
                        journal.work_with_git(address, copy, acknowledged);
                    } else {
                        journal.work_with_tokens(address, &mut Random::new(round << 8 | writer as u64));
                    }
                });
            }
            // Some rounds are cut short of the first push, some in the midst of the third, and some after one on
            // however slow a machine.
            if round % 4 == 3 {
                let before = acknowledged.load(Ordering::Relaxed);
                wait_until(|| acknowledged.load(Ordering::Relaxed) > before);
            }
            let longest = if round % 2 == 0 { 120_000 } else { 500_000 };
            thread::sleep(Duration::from_micros(5_000 + random.next() % longest));
            running.kill();
        });
        let (next, took) = Server::start(folder.path());
        starts.push(took);
        let mut http = next.client();
        for journal in &mut journals {
            journal.check(&mut http);
        }
        no_half_made_bot(&mut http);
        check_pushes(&next.address, &journals, &copies);
        server = Some(next);
    }
    push::fsck_all(&folder.path().join("data/repositories"));
    let made = acknowledged.into_inner();
    starts.sort();
    let (usual, slowest) = (starts[starts.len() / 2], starts[starts.len() - 1]);
    println!(
        "{KILLS} kills, {made} acknowledged pushes, ready after {usual:?}, at the slowest after {slowest:?}"
    );
    // However slow the machine, every fourth round waits for one.
    assert!(made > 20, "pushes were acknowledged: {made}");
    assert!(usual < READY, "ready after {usual:?}");
}

/// The branch on the server holds every acknowledged commit.
fn check_pushes(address: &str, journals: &[Journal], copies: &[Copy]) {
    for (writer, (journal, copy)) in journals.iter().zip(copies).enumerate() {
        if let Some(last) = journal.pushed.last() {
            let tip = push::tip(&url(address), &format!("branch{writer}"));
            assert!(copy.contains(&tip, last), "an acknowledged push is lost: {last} is not in {tip}");
        }
    }
}
