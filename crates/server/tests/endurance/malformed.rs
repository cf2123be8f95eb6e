//! What no client should send, on every route of the table: no answer is a fault of the server's, nothing
//! panics, and whoever asks properly is served all the while.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tessera_model::operation::{self, Method, Row, Surface};

use crate::client::Client;
use crate::random::Random;
use crate::server::{ROOT, Server};

const REQUESTS: u64 = 100_000;
const SENDERS: u64 = 4;

/// Values for path parameters: wrong types, too large, hostile, and a few that exist.
const PLACES: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "3",
    "99999999999999999999",
    "1e5",
    "0x1",
    "%00",
    "..%2f..%2fetc",
    "%2e%2e",
    "%ff%fe",
    "%",
    "%zz",
    "a%2Fb",
    "root%2Ffuzzed",
    "%C3%A9",
    "'",
    "%22",
    "(1)",
    "null",
    "self",
    "1%20",
    "*",
    "%0d%0aX:1",
    "-x",
    "main",
    "README.md",
    "refs%2Fheads%2Fmain",
    "%F0%9F%92%A9",
    "nul%00nul",
    "1/2",
    ";",
    "1;drop",
    "true",
];

/// Values for parameters, as JSON.
const VALUES: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1",
    "40",
    "9223372036854775807",
    "9223372036854775808",
    "1e400",
    "0.5",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[]",
    "[[[[]]]]",
    "{}",
    "[null]",
    "[\"api\"]",
    "[\"api\",3]",
    "{\"a\":{\"b\":[1]}}",
    "\"2027-02-30\"",
    "\"2027-02-03\"",
    "\"-99999-01-01\"",
    "\"main\"",
    "\"../../x\"",
    "\"private\"",
    "\"api,sudo\"",
    "\"<script>\"",
    "\"%s%n\"",
    "\"\u{202e}x\"",
    "\"a\\r\\nb\"",
];

const NAMES: &[&str] = &[
    "current_password",
    "otp_attempt",
    "name",
    "path",
    "scopes",
    "expires_at",
    "access_level",
    "user_id",
    "username",
    "email",
    "password",
    "state",
    "page",
    "per_page",
    "sort",
    "order_by",
    "search",
    "sudo",
    "private_token",
    "title",
    "description",
    "labels",
    "assignee_ids",
    "body",
    "branch",
    "ref",
    "content",
    "commit_message",
    "encoding",
    "tag_name",
    "message",
    "visibility",
    "namespace_id",
    "parent_id",
    "value",
    "key",
    "project",
    "allowed_to_push",
    "push_access_level",
    "id",
    "min_access_level",
    "iids",
    "start_branch",
    "author_email",
    "last_commit_id",
    "created_after",
    "pagination",
    "state_event",
    "due_date",
    "confidential",
];

const TYPES: &[&str] = &[
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/plain",
    "application/json; charset=utf-7",
    "multipart/form-data",
    "\u{7f}",
    "application/x-git-upload-pack-request",
];

struct Forge {
    random: Random,
    tokens: Vec<String>,
}

impl Forge {
    fn object(&mut self) -> String {
        let fields: Vec<String> = (0..self.random.below(5))
            .map(|_| {
                let value = if self.random.chance(2) {
                    deep(self.random.below(3000))
                } else {
                    (*self.random.pick(VALUES)).to_owned()
                };
                format!("\"{}\":{value}", self.random.pick(NAMES))
            })
            .collect();
        format!("{{{}}}", fields.join(","))
    }

    fn pairs(&mut self) -> String {
        let pairs: Vec<String> = (0..self.random.below(5))
            .map(|_| {
                let (name, value) = (*self.random.pick(NAMES), *self.random.pick(PLACES));
                match self.random.below(6) {
                    0 => format!("{name}[]={value}"),
                    1 => format!("{name}[a][b]={value}"),
                    2 => format!("{name}{}={value}", "[x]".repeat(self.random.below(60))),
                    3 => name.to_owned(),
                    _ => format!("{name}={value}"),
                }
            })
            .collect();
        pairs.join("&")
    }

    fn path(&mut self, row: &Row) -> String {
        let mut path = String::new();
        for part in row.path.split('/').skip(1) {
            path.push('/');
            match part.strip_prefix(':') {
                Some(_) if self.random.chance(1) => path.push_str(&"x".repeat(5000)),
                Some(name) => {
                    let place = self.random.pick::<&str>(PLACES);
                    path.push_str(place);
                    path.push_str(name.find(".git").map_or("", |at| &name[at..]));
                }
                None => path.push_str(part),
            }
        }
        let prefix = if row.surface == Surface::Rest { "/api/v4" } else { "" };
        let joint = if path.contains('?') { '&' } else { '?' };
        if self.random.chance(40) {
            format!("{prefix}{path}{joint}{}", self.pairs())
        } else {
            format!("{prefix}{path}")
        }
    }

    fn body(&mut self) -> Vec<u8> {
        match self.random.below(8) {
            0 | 1 => Vec::new(),
            2 | 3 => self.object().into_bytes(),
            4 => self.pairs().into_bytes(),
            5 => {
                (0..self.random.below(300)).map(|_| u8::try_from(self.random.next() & 255).unwrap()).collect()
            }
            6 => format!(
                "--b\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\nx\r\n--b--",
                self.random.pick(NAMES)
            )
            .into_bytes(),
            _ if self.random.chance(2) => vec![b'['; 200_000],
            _ => self.object().into_bytes().split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default(),
        }
    }

    fn headers(&mut self) -> String {
        let token = self.random.pick(&self.tokens).clone();
        let mut headers = match self.random.below(8) {
            0 => String::new(),
            1 => format!("Authorization: Bearer {token}\r\n"),
            2 => "Authorization: Basic !!!\r\n".to_owned(),
            3 => "Authorization: Basic YTpi\r\n".to_owned(),
            _ => format!("PRIVATE-TOKEN: {token}\r\n"),
        };
        if self.random.chance(60) {
            let _ = write!(headers, "Content-Type: {}\r\n", self.random.pick(TYPES));
        }
        if self.random.chance(5) {
            let _ = write!(
                headers,
                "Sudo: {}\r\n",
                self.random.pick(&["root", "1", "-1", "nobody", "99999999999999999999"])
            );
        }
        if self.random.chance(5) {
            headers.push_str("Content-Encoding: gzip\r\n");
        }
        if self.random.chance(3) {
            headers.push_str("If-Unmodified-Since: yesterday\r\nGit-Protocol: version=;;;\r\n");
        }
        headers
    }

    fn request(&mut self, row: &Row) -> (Vec<u8>, bool) {
        let head = row.method == Method::Get && self.random.chance(5);
        let verb = if head { "HEAD" } else { row.method.name() };
        let (path, headers, body) = (self.path(row), self.headers(), self.body());
        let mut request =
            format!("{verb} {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {}\r\n\r\n", body.len())
                .into_bytes();
        request.extend(body);
        (request, head)
    }
}

fn deep(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

/// Another administrator, whom no forged request names, and tokens for the forged ones.
fn prepare(server: &Server) -> (String, Vec<String>) {
    let mut http = server.client();
    let mut post = |path: &str, token: &str, body: &str| {
        let answer = http.send("POST", path, Some(token), body).unwrap();
        assert_eq!(answer.status, 201, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    };
    // Numbers that forged requests name belong to users and projects that may come to harm.
    for number in 0..4 {
        let body = format!(
            r#"{{"username":"u{number}","name":"U","email":"u{number}@example.com","force_random_password":true}}"#
        );
        post("/api/v4/users", ROOT, &body);
    }
    let keeper = r#"{"username":"keeper","name":"K","email":"k@example.com","force_random_password":true,"admin":true}"#;
    let keeper = post("/api/v4/users", ROOT, keeper)["id"].as_i64().unwrap();
    // The same goes for tokens: the first are root's and this one.
    post("/api/v4/users/2/personal_access_tokens", ROOT, r#"{"name":"harmed","scopes":["api"]}"#);
    let path = format!("/api/v4/users/{keeper}/personal_access_tokens");
    let keeper =
        post(&path, ROOT, r#"{"name":"keep","scopes":["api"]}"#)["token"].as_str().unwrap().to_owned();
    post(
        "/api/v4/projects",
        ROOT,
        r#"{"name":"fuzzed","visibility":"public","initialize_with_readme":true}"#,
    );
    let mut tokens =
        vec![ROOT.to_owned(), "glpat-not-a-token-at-all-00".to_owned(), "\u{1}".to_owned(), "x".repeat(3000)];
    for scope in ["api", "read_api", "read_repository", "write_repository"] {
        let body = format!(r#"{{"name":"{scope}","scopes":["{scope}"]}}"#);
        let made = post("/api/v4/projects/root%2Ffuzzed/access_tokens", ROOT, &body);
        tokens.push(made["token"].as_str().unwrap().to_owned());
    }
    (keeper, tokens)
}

#[test]
fn a_hundred_thousand_malformed_requests_are_no_fault_of_the_servers() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = Server::start(folder.path());
    let (keeper, tokens) = prepare(&server);
    let rows: Vec<&Row> = operation::all().collect();
    let (faults, broken) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (server, keeper, rows, tokens) = (&server, &keeper, &rows, &tokens);
            let (faults, broken) = (&faults, &broken);
            scope.spawn(move || {
                let mut forge = Forge { random: Random::new(7 + sender), tokens: tokens.clone() };
                let (mut http, mut proper) = (server.client(), server.client());
                let mut count = 0;
                while count < REQUESTS / SENDERS {
                    let row = *forge.random.pick(rows);
                    let (request, head) = forge.request(row);
                    match http.raw(&request, head) {
                        Some(answer) if answer.status >= 500 => {
                            faults.fetch_add(1, Ordering::Relaxed);
                            println!(
                                "{}: {}",
                                answer.status,
                                String::from_utf8_lossy(&request[..request.len().min(800)])
                            );
                        }
                        Some(_) => {}
                        // What is no HTTP at all ends the connection and does not count.
                        None => {
                            broken.fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                    }
                    count += 1;
                    if count % (1000 / SENDERS) == 0 {
                        still_serves(&mut proper, keeper);
                    }
                }
            });
        }
    });
    let log = server.log_text();
    assert_eq!(faults.into_inner(), 0, "answers of 5xx");
    assert!(!log.contains("panicked"), "a panic stands in the log");
    // HTTP that is none is answered by closing the connection.
    println!("{REQUESTS} malformed requests, {} connections closed", broken.into_inner());
}

fn still_serves(http: &mut Client, token: &str) {
    let answer = http.get("/api/v4/user", Some(token)).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["username"], "keeper");
}
