//! Web hooks as the real binary calls them: over real HTTP, to a receiver in this process.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use reqwest::blocking::Client;
use serde_json::{Value, json};
use tessera_testkit::program::Outcome;

use super::failpoints::{dies, told_here};
use super::{Place, copy_of, line};

const NOTICE: &str = "jobs run token_expiry_notice --now 2099-03-05T01:00:00Z";
/// Later than any claim on a call that a dead process left, and before the tokens end.
const REST: &str = "jobs run web_hook_delivery --now 2099-03-05T02:00:00Z";

/// A receiver: keeps what comes, and answers the same to all.
struct Receiver {
    port: u16,
    came: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    fn answering(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let came = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&came), answer.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                if let Some(request) = read(&mut stream) {
                    kept.lock().unwrap().push(request);
                    // Whoever asked may be dead by now.
                    let _ = stream.write_all(answer.as_bytes());
                }
            }
        });
        Self { port, came }
    }

    fn well() -> Self {
        Self::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.came.lock().unwrap())
    }
}

/// A whole request, unless the other side breaks off.
fn read(stream: &mut TcpStream) -> Option<String> {
    let (mut bytes, mut part) = (Vec::new(), [0_u8; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").parse::<usize>().unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut part).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&part[..count]),
        }
    }
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

/// An instance with a project, tokens that end on 2099-03-10, and a hook that leads to a port of this machine.
fn place_with(port: u16, tokens: &[&str]) -> Place {
    let place = Place::new();
    let root = place.run("token create --user root --name setup --scopes api").ok();
    let root = line(&root).to_owned();
    let server = place.serve();
    let send = |method: reqwest::Method, path: &str, body: Value| -> Value {
        let url = format!("{}/api/v4{path}", server.url);
        let asked = Client::new().request(method, url).header("PRIVATE-TOKEN", &root);
        let answer = asked.header("Content-Type", "application/json").body(body.to_string()).send().unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().unwrap()).unwrap()
    };
    let open = json!({
        "outbound_local_requests_whitelist": ["127.0.0.1"],
        "token_expiry_notice_60_days": false, "token_expiry_notice_30_days": false,
    });
    send(reqwest::Method::PUT, "/application/settings", open);
    let project = send(reqwest::Method::POST, "/projects", json!({ "name": "demo" }))["id"].clone();
    let hook = json!({
        "url": format!("http://127.0.0.1:{port}/hook?for=tokens#part"), "token": "open sesame",
        "push_events": false, "resource_access_token_events": true,
    });
    send(reqwest::Method::POST, &format!("/projects/{project}/hooks"), hook);
    for name in tokens {
        let wanted = json!({ "name": name, "scopes": ["api"], "expires_at": "2099-03-10" });
        send(reqwest::Method::POST, &format!("/projects/{project}/access_tokens"), wanted);
    }
    server.stop();
    place.run("jobs run mail_delivery").ok();
    place
}

#[test]
fn a_job_calls_its_web_hooks_before_it_answers() {
    let receiver = Receiver::well();
    let place = place_with(receiver.port, &["ci"]);
    let told = place.json(NOTICE);
    let expected = "1 mails written, 1 web hooks to call, 1 mails sent, 1 web hooks called";
    assert_eq!(told["result"], json!(expected));
    assert_eq!(place.json(NOTICE)["result"], json!("0 mails written"));
    let came = receiver.take();
    assert_eq!(came.len(), 1, "{came:?}");
    let (head, body) = came[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook?for=tokens HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(head, "host"), format!("127.0.0.1:{}", receiver.port));
    assert_eq!(header(head, "content-type"), "application/json");
    assert_eq!(header(head, "content-length"), body.len().to_string());
    assert_eq!(header(head, "x-gitlab-event"), "Resource Access Token Hook");
    assert_eq!(header(head, "x-gitlab-token"), "open sesame");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["object_attributes"]["name"], "ci");
    assert_eq!(body["object_attributes"]["expires_at"], "2099-03-10");
}

#[test]
fn a_receiver_that_is_away_loses_nothing() {
    // A port at which nobody listens.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let place = place_with(port, &["ci"]);
    let told = place.json(NOTICE)["result"].as_str().unwrap().to_owned();
    assert!(told.contains("0 web hooks called, 1 wait: 127.0.0.1:"), "{told}");
    let again = place.json("jobs run web_hook_delivery")["result"].as_str().unwrap().to_owned();
    assert!(again.starts_with("0 web hooks called, 1 wait: "), "{again}");
}

#[test]
fn no_redirection_is_followed() {
    let inner = Receiver::well();
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{}/\r\nContent-Length: 0\r\n\r\n",
        inner.port
    );
    let outer = Receiver::answering(&answer);
    let place = place_with(outer.port, &["ci"]);
    let told = place.json(NOTICE)["result"].as_str().unwrap().to_owned();
    assert!(told.ends_with("1 wait: the receiver answered 307, and no redirection is followed"), "{told}");
    assert_eq!((outer.take().len(), inner.take().len()), (1, 0));
}

/// A receiver that never ends its answer is heard as far as is worth it.
#[test]
fn a_flood_for_an_answer_is_cut() {
    let flood = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(1 << 20));
    let receiver = Receiver::answering(&flood);
    let place = place_with(receiver.port, &["ci"]);
    let told = place.json(NOTICE)["result"].as_str().unwrap().to_owned();
    assert!(told.ends_with("1 web hooks called"), "{told}");
}

/// The process dies between any two steps: every token is told of, once, or twice with the same number where it died
/// between the answer and the mark.
#[test]
fn a_death_at_any_step_loses_no_call() {
    if !told_here() {
        return;
    }
    let receiver = Receiver::well();
    let template = place_with(receiver.port, &["ci", "deploy"]);
    let mut deaths: BTreeMap<String, u32> = BTreeMap::new();
    for fatal in 1.. {
        let place = copy_of(&template);
        receiver.take();
        let died = dies(&place, NOTICE, fatal);
        for rest in [NOTICE, REST] {
            place.run(rest).ok();
        }
        let mut numbers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let came = receiver.take();
        for request in &came {
            let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
            let token = body["object_attributes"]["name"].as_str().unwrap().to_owned();
            numbers.entry(token).or_default().insert(header(request, "idempotency-key").to_owned());
        }
        let told: Vec<(&str, usize)> =
            numbers.iter().map(|(token, numbers)| (token.as_str(), numbers.len())).collect();
        assert_eq!(told, [("ci", 1), ("deploy", 1)], "after death {fatal} at {died:?}");
        let twice = usize::from(died.as_deref() == Some("a web hook was called"));
        assert_eq!(came.len(), 2 + twice, "after death {fatal} at {died:?}");
        match died {
            Some(at) => *deaths.entry(at).or_insert(0) += 1,
            None => break,
        }
    }
    for place in
        ["web hooks to call", "a web hook was claimed", "a web hook was called", "a web hook was settled"]
    {
        assert!(deaths.contains_key(place), "{place} is not among {deaths:?}");
    }
}

/// Without leave the server calls nothing on its own machine, whatever stands in the database.
#[test]
fn the_own_machine_is_not_called_without_leave() {
    let receiver = Receiver::well();
    let place = place_with(receiver.port, &["ci"]);
    let root = place.run("token create --user root --name shut --scopes api").ok();
    let server = place.serve();
    let shut = json!({ "outbound_local_requests_whitelist": [] });
    let url = format!("{}/api/v4/application/settings", server.url);
    let asked = Client::new().put(url).header("PRIVATE-TOKEN", line(&root));
    let answer = asked.header("Content-Type", "application/json").body(shut.to_string()).send().unwrap();
    assert!(answer.status().is_success());
    server.stop();
    let mut words = place.command(&NOTICE.split(' ').collect::<Vec<_>>());
    let outcome: Outcome = words.stdin(Stdio::null()).output().unwrap().into();
    let told = outcome.ok();
    assert!(told.trim_end().ends_with("1 wait: Requests to the local network are not allowed"), "{told}");
    assert_eq!(receiver.take(), [] as [String; 0]);
}
