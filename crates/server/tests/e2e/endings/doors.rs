//! What each door answers to one credential.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use tessera_testkit::{Client, Method, Reply, Request};

/// The password of everybody in the tests.
pub(super) const PASSWORD: &str = "a password of the tests";

/// A credential, and who sends it.
pub(crate) enum Key {
    /// A token, in every carrier.
    Token(Client),
    /// An administrator's token on somebody's behalf, which is a matter of REST alone.
    Sudo(Client, &'static str),
    /// A user name and password, which is a matter of Git alone.
    Password(Client, &'static str),
}

/// The project at whose doors is knocked.
pub(crate) struct Place {
    /// Its number.
    pub(crate) id: i64,
    /// Its full path.
    pub(crate) path: String,
    /// The commit of `main`.
    pub(crate) head: String,
    names: AtomicU32,
}

impl Place {
    pub(super) fn new(id: i64, path: String, head: String) -> Self {
        Self { id, path, head, names: AtomicU32::new(0) }
    }

    /// A branch that nobody made yet.
    pub(super) fn new_branch(&self) -> String {
        format!("b{}", self.names.fetch_add(1, Ordering::Relaxed))
    }
}

/// The doors: who one is and the token on itself, the project, a file's bytes and a new branch by REST; clone and push
/// by Git, each with its advertisement.
pub(super) const NAMES: [&str; 7] = ["who", "itself", "see", "raw", "write", "fetch", "push"];

/// What the doors are expected to answer: `open`, or the whole refusal.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Doors([&'static str; 7]);

/// All of them let in.
pub(crate) const OPEN: Doors = Doors(["open"; 7]);

impl Doors {
    /// All of them refuse: those of REST in these words, those of Git in those.
    pub(crate) const fn shut(rest: &'static str, git: &'static str) -> Self {
        Self([rest, rest, rest, rest, rest, git, git])
    }

    /// The project is as if it were not there, and nothing else is refused.
    pub(crate) fn without_project() -> Self {
        OPEN.but(&["see", "raw", "write"], NO_PROJECT).but(&["fetch", "push"], NO_REPOSITORY)
    }

    /// The same, but for some doors.
    pub(crate) fn but(mut self, doors: &[&str], answer: &'static str) -> Self {
        for door in doors {
            let place = NAMES.iter().position(|name| name == door).expect("a door of this name");
            self.0[place] = answer;
        }
        self
    }

    pub(super) fn at(&self, door: &str) -> &'static str {
        let place = NAMES.iter().position(|name| *name == door).expect("a door of this name");
        self.0[place]
    }

    /// What all of REST and all of Git answer, if nothing is open.
    pub(super) fn all_shut(&self) -> Option<(&'static str, &'static str)> {
        let (rest, git) = (self.0[0], self.0[5]);
        (rest != "open" && git != "open" && *self == Self::shut(rest, git)).then_some((rest, git))
    }
}

pub(crate) const NO_PROJECT: &str = r#"404 {"message":"404 Project Not Found"}"#;
pub(crate) const NO_REPOSITORY: &str =
    "404 The project you were looking for could not be found or you don't have permission to view it.";
pub(crate) const REVOKED: &str = r#"401 {"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}"#;
pub(crate) const EXPIRED: &str = r#"401 {"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}"#;
pub(crate) const BLOCKED: &str = r#"403 {"message":"403 Forbidden - Your account has been blocked."}"#;
/// Git's one answer to every credential that is not good.
pub(crate) const DENIED: &str = "401 HTTP Basic: Access denied. The user name with this password, or the token given in its place, is wrong, expired or revoked, or none was given.";

impl Key {
    /// What each door answers; nothing where this kind of credential has no such door. Without `each_carrier` the
    /// credential goes in one carrier, and Git's services are called without their advertisements.
    pub(super) async fn knock(&self, place: &Place, each_carrier: bool) -> [Option<String>; 7] {
        let project = format!("/projects/{}", place.id);
        let raw = format!("{project}/repository/files/README.md/raw?ref=main");
        let branches = format!("{project}/repository/branches");
        let branch = json!({ "branch": place.new_branch(), "ref": "main" });
        let own = "/personal_access_tokens/self";
        match self {
            Self::Token(client) => {
                let who = if each_carrier {
                    by_each_carrier(client).await
                } else {
                    rest(&client.get("/user").await)
                };
                [
                    Some(who),
                    Some(rest(&client.get(own).await)),
                    Some(rest(&client.get(&project).await)),
                    Some(rest(&client.get(&raw).await)),
                    Some(rest(&client.post(&branches, branch).await)),
                    Some(self.fetch(place, each_carrier).await),
                    Some(self.push(place, each_carrier).await),
                ]
            }
            Self::Sudo(admin, who) => {
                let whole = [
                    ("Sudo", rest(&admin.sudo(who).get("/user").await)),
                    ("?sudo", rest(&admin.get(&format!("/user?sudo={who}")).await)),
                ];
                let admin = admin.sudo(who);
                [
                    Some(alike(&whole)),
                    None,
                    Some(rest(&admin.get(&project).await)),
                    Some(rest(&admin.get(&raw).await)),
                    Some(rest(&admin.post(&branches, branch).await)),
                    None,
                    None,
                ]
            }
            Self::Password(nobody, login) => {
                let rest = nobody.get("/user").basic(login, PASSWORD).await;
                assert_eq!(rest.status, 401, "REST takes no password: {rest}");
                let (fetch, push) =
                    (self.fetch(place, each_carrier).await, self.push(place, each_carrier).await);
                [None, None, None, None, None, Some(fetch), Some(push)]
            }
        }
    }

    /// A clone: what can be fetched by each carrier, and a pack.
    async fn fetch(&self, place: &Place, each_carrier: bool) -> String {
        let mut all = if each_carrier { self.advertised(place, "git-upload-pack").await } else { Vec::new() };
        let body = format!("0032want {}\n00000009done\n", place.head);
        let reply = self.git(Method::POST, &format!("/{}.git/git-upload-pack", place.path));
        let reply = reply.body("application/x-git-upload-pack-request", body).await;
        let whole = reply.body.windows(4).any(|four| four == b"PACK");
        all.push(("clone", git(&reply, whole)));
        alike(&all)
    }

    /// A push of a new branch.
    async fn push(&self, place: &Place, each_carrier: bool) -> String {
        let mut all =
            if each_carrier { self.advertised(place, "git-receive-pack").await } else { Vec::new() };
        let name = format!("refs/heads/{}", place.new_branch());
        let mut body = update(&place.head, &name);
        body.extend_from_slice(EMPTY_PACK);
        let reply = self.git(Method::POST, &format!("/{}.git/git-receive-pack", place.path));
        let reply = reply.body("application/x-git-receive-pack-request", body).await;
        let done = reply.text().contains(&format!("ok {name}"));
        all.push(("push", git(&reply, done)));
        alike(&all)
    }

    async fn advertised(&self, place: &Place, service: &str) -> Vec<(&'static str, String)> {
        let path = format!("/{}.git/info/refs?service={service}", place.path);
        let ask = async |name, request: Request| {
            let reply = request.await;
            let whole = reply.text().contains(&format!("# service={service}"));
            (name, git(&reply, whole))
        };
        let mut all = vec![ask("Basic", self.git(Method::GET, &path)).await];
        if let Self::Token(client) = self {
            all.push(ask("Bearer", client.at(Method::GET, &path).bearer(client.secret())).await);
            all.push(ask("PRIVATE-TOKEN", client.at(Method::GET, &path)).await);
        }
        all
    }

    /// A Git request as git sends it.
    fn git(&self, method: Method, path: &str) -> Request {
        let (client, login, secret) = self.basic();
        client.at(method, path).basic(login, secret)
    }

    /// User name and password of a Git request.
    pub(super) fn basic(&self) -> (&Client, &str, &str) {
        match self {
            Self::Token(client) => (client, "x", client.secret()),
            Self::Password(nobody, login) => (nobody, login, PASSWORD),
            Self::Sudo(..) => panic!("Git knows no sudo"),
        }
    }
}

/// The commands of a push that makes a branch.
pub(super) fn update(head: &str, name: &str) -> Vec<u8> {
    let line = format!("{} {head} {name}\0 report-status", "0".repeat(40));
    format!("{:04x}{line}0000", line.len() + 4).into_bytes()
}

/// A pack without an object, with its checksum.
pub(super) const EMPTY_PACK: &[u8] =
    b"PACK\0\0\0\x02\0\0\0\0\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e";

/// Who the bearer of a token is, asked with the token in each carrier that REST has.
async fn by_each_carrier(client: &Client) -> String {
    let secret = client.secret();
    let basic = client.get("/user").basic("x", secret).await;
    assert_eq!(basic.status, 401, "REST takes no Basic (D27): {basic}");
    let query = |name: &str| client.get(&format!("/user?{name}={secret}")).without("private-token");
    let form = client.get("/user").without("private-token").form(&format!("private_token={secret}"));
    alike(&[
        ("PRIVATE-TOKEN", rest(&client.get("/user").await)),
        ("Bearer", rest(&client.get("/user").bearer(secret).await)),
        ("?private_token", rest(&query("private_token").await)),
        ("?access_token", rest(&query("access_token").await)),
        ("?bearer_token", rest(&query("bearer_token").await)),
        ("form", rest(&form.await)),
    ])
}

/// The one answer of all carriers, or each one's where they differ.
fn alike(answers: &[(&str, String)]) -> String {
    let first = &answers[0].1;
    if answers.iter().all(|(_, answer)| answer == first) {
        return first.clone();
    }
    answers.iter().map(|(carrier, answer)| format!("{carrier}: {answer}")).collect::<Vec<_>>().join("; ")
}

pub(super) fn rest(reply: &Reply) -> String {
    let dead = reply.text().contains("invalid_token");
    let challenge = reply.header("www-authenticate").starts_with("Bearer realm=");
    match reply.status {
        200 | 201 => "open".to_owned(),
        _ if dead != challenge => {
            format!("{reply} with the challenge {:?}", reply.header("www-authenticate"))
        }
        _ => reply.to_string(),
    }
}

pub(super) fn git(reply: &Reply, whole: bool) -> String {
    let challenge = reply.header("www-authenticate");
    match reply.status {
        200 if whole => "open".to_owned(),
        401 if challenge != "Basic realm=\"GitLab\"" => format!("{reply} with the challenge {challenge:?}"),
        _ => reply.to_string(),
    }
}
