//! Many clients at once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

use crate::client::Client;
use crate::server::{ROOT, Server, wait_until};

const CLIENTS: usize = 64;
/// Answers that are awaited before a token is revoked, and again after it.
const ENOUGH: u64 = 200;

#[test]
fn sixty_four_clients_mint_tokens_for_one_project_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = Server::start(folder.path());
    let made = server.client().send("POST", "/api/v4/projects", Some(ROOT), r#"{"name":"busy"}"#).unwrap();
    assert_eq!(made.status, 201);
    let users = Mutex::new(Vec::new());
    let barrier = Barrier::new(CLIENTS);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (server, users, barrier) = (&server, &users, &barrier);
            scope.spawn(move || {
                let mut http = server.client();
                barrier.wait();
                for round in 0..4 {
                    let body = format!(r#"{{"name":"bot {client} {round}","scopes":["api"]}}"#);
                    let answer = http
                        .send("POST", "/api/v4/projects/root%2Fbusy/access_tokens", Some(ROOT), &body)
                        .unwrap();
                    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
                    users.lock().unwrap().push(answer.json()["user_id"].as_i64().unwrap());
                }
            });
        }
    });
    let users = users.into_inner().unwrap();
    assert_eq!(users.iter().collect::<BTreeSet<_>>().len(), CLIENTS * 4, "as many bots as tokens");
    let found: BTreeSet<String> = members(&mut server.client(), "root%2Fbusy").into_iter().collect();
    let mut expected: BTreeSet<String> =
        (1..CLIENTS * 4).map(|number| format!("project_1_bot{number}")).collect();
    expected.extend(["project_1_bot".to_owned(), "root".to_owned()]);
    assert_eq!(found, expected, "distinct and without gaps");
}

/// The usernames of all members of a project.
pub fn members(http: &mut Client, project: &str) -> Vec<String> {
    let mut names = Vec::new();
    for page in 1.. {
        let path = format!("/api/v4/projects/{project}/members?per_page=100&page={page}");
        let answer = http.get(&path, Some(ROOT)).unwrap();
        assert_eq!(answer.status, 200);
        let json = answer.json();
        let rows = json.as_array().unwrap();
        if rows.is_empty() {
            break;
        }
        names.extend(rows.iter().map(|row| row["username"].as_str().unwrap().to_owned()));
    }
    names
}

/// Requests that carry the token in turn to every door that is open.
fn probe(http: &mut Client, token: &str, turn: u64) -> u16 {
    let answer = match turn % 3 {
        0 => http.get("/api/v4/user", Some(token)),
        1 => http.get("/api/v4/projects/root%2Fraced", Some(token)),
        _ => {
            let basic = base64(&format!("any:{token}"));
            let request = format!(
                "GET /root/raced.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: x\r\n\
                 Authorization: Basic {basic}\r\n\r\n"
            );
            http.raw(request.as_bytes(), false)
        }
    };
    answer.unwrap().status
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let word = chunk.iter().fold(0_usize, |word, byte| word << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[word >> (18 - 6 * place) & 63];
            out.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

#[test]
fn a_revoked_token_is_refused_to_every_request_begun_after_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = Server::start(folder.path());
    let mut http = server.client();
    assert_eq!(http.send("POST", "/api/v4/projects", Some(ROOT), r#"{"name":"raced"}"#).unwrap().status, 201);
    let (mut before, mut after) = (0, 0);
    for round in 0..5 {
        let (used, refused) = revoke_under_load(&server, round);
        before += used;
        after += refused;
    }
    assert!(before >= 5 * ENOUGH, "the token was in use: {before}");
    assert!(after >= 5 * ENOUGH, "and refused afterwards: {after}");
}

/// Lets 64 clients use a token, revokes it among them, and counts answers before and after.
fn revoke_under_load(server: &Server, round: u64) -> (u64, u64) {
    let mut http = server.client();
    let body = format!(r#"{{"name":"raced {round}","scopes":["api"]}}"#);
    let made =
        http.send("POST", "/api/v4/projects/root%2Fraced/access_tokens", Some(ROOT), &body).unwrap().json();
    let (id, token) = (made["id"].as_i64().unwrap(), made["token"].as_str().unwrap().to_owned());
    // Whether the answer to the revocation has arrived.
    let answered = AtomicBool::new(false);
    let done = AtomicBool::new(false);
    let (used, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for client in 0..CLIENTS as u64 {
            let (answered, done, used, refused, token) = (&answered, &done, &used, &refused, &token);
            scope.spawn(move || {
                let mut http = server.client();
                for turn in client.. {
                    if done.load(Ordering::SeqCst) {
                        return;
                    }
                    let late = answered.load(Ordering::SeqCst);
                    let status = probe(&mut http, token, turn);
                    match status {
                        200 => {
                            assert!(!late, "a request begun after the answer was accepted");
                            used.fetch_add(1, Ordering::Relaxed);
                        }
                        401 => _ = refused.fetch_add(u64::from(late), Ordering::Relaxed),
                        other => panic!("status {other}"),
                    }
                }
            });
        }
        wait_until(|| used.load(Ordering::Relaxed) >= ENOUGH);
        let path = format!("/api/v4/projects/root%2Fraced/access_tokens/{id}");
        assert_eq!(http.send("DELETE", &path, Some(ROOT), "").unwrap().status, 204);
        answered.store(true, Ordering::SeqCst);
        wait_until(|| refused.load(Ordering::Relaxed) >= ENOUGH);
        done.store(true, Ordering::SeqCst);
    });
    (used.into_inner(), refused.into_inner())
}
