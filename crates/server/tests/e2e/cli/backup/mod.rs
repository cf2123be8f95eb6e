//! Backups: taken beside a working server, restored over what went on since, or elsewhere.

mod damage;
mod killed;
mod revoked;
mod under_load;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use reqwest::Method;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use tessera_testkit::program::Outcome;

use super::{Place, Running, line};

/// Somebody who uses the API of a running server.
pub(super) struct Api {
    http: Client,
    url: String,
    token: String,
}

impl Api {
    pub(super) fn of(server: &Running, token: &str) -> Self {
        Self { http: Client::new(), url: server.url.clone(), token: token.to_owned() }
    }

    fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        let request = self.http.request(method, format!("{}/api/v4{path}", self.url));
        let request = request.header("PRIVATE-TOKEN", &self.token).header("Content-Type", "application/json");
        request.body(body.to_string()).send().unwrap()
    }

    /// What an answer holds that must be good.
    #[track_caller]
    fn good(&self, method: Method, path: &str, body: &Value) -> Value {
        let answer = self.send(method, path, body);
        let (status, text) = (answer.status(), answer.text().unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub(super) fn post(&self, path: &str, body: &Value) -> Value {
        self.good(Method::POST, path, body)
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.good(Method::GET, path, &json!({}))
    }

    /// A token of a project: its string, number and bot.
    #[track_caller]
    pub(super) fn project_token(&self, project: &str, name: &str) -> (String, i64, i64) {
        let wanted = json!({ "name": name, "scopes": ["api"], "access_level": 40 });
        let made = self.post(&format!("/projects/{project}/access_tokens"), &wanted);
        let token = made["token"].as_str().unwrap().to_owned();
        (token, made["id"].as_i64().unwrap(), made["user_id"].as_i64().unwrap())
    }
}

/// A token of the administrator's.
pub(super) fn root_token(place: &Place) -> String {
    line(&place.run("token create --user root --name setup --scopes api,sudo").ok()).to_owned()
}

/// Takes a backup beside the data directory.
#[track_caller]
fn backup(place: &Place, name: &str) -> String {
    let file = place.folder.path().join(name).to_str().unwrap().to_owned();
    place.run(&format!("backup create {file}")).ok();
    file
}

#[expect(clippy::disallowed_methods, reason = "the client is real git")]
fn git(folder: &Path, arguments: &[&str]) -> Outcome {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Ada", "-c", "user.email=ada@people.test"]).args(arguments).current_dir(folder);
    git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_GLOBAL", "/dev/null").stdin(Stdio::null());
    git.output().unwrap().into()
}

/// The URL of a repository with a token in it.
pub(super) fn remote(server: &Running, token: &str, path: &str) -> String {
    format!("http://any:{token}@{}/{path}.git", server.url.trim_start_matches("http://"))
}

/// Commits once more in a working copy and pushes its branch; the commit, and whether the push was accepted.
pub(super) fn push(copy: &Path, remote: &str, branch: &str, text: &str) -> (String, bool) {
    fs::write(copy.join("file"), text).unwrap();
    git(copy, &["add", "file"]).ok();
    git(copy, &["commit", "-q", "-m", text]).ok();
    let commit = git(copy, &["rev-parse", "HEAD"]).ok().trim().to_owned();
    (commit, git(copy, &["push", "-q", remote, branch]).code == 0)
}

pub(super) fn working_copy(folder: &Path, branch: &str) {
    fs::create_dir_all(folder).unwrap();
    git(folder, &["init", "-q", "-b", branch]).ok();
}

/// Runs `git fsck` over every repository of a data directory; says how many there are.
fn fsck(data: &Path) -> usize {
    let (mut waiting, mut count) = (vec![data.join("repositories/@hashed")], 0);
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
            if entry.path().join("HEAD").exists() {
                git(&entry.path(), &["fsck", "--full", "--strict", "--no-dangling"]).ok();
                count += 1;
            } else {
                waiting.push(entry.path());
            }
        }
    }
    count
}

/// Every file below a folder with its content, but for what a running command keeps there.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut waiting) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if name == "run" {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                waiting.push(path);
            } else {
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// What `audit verify` says of a whole log.
#[track_caller]
fn audit_is_whole(place: &Place) {
    let told = place.run("audit verify").ok();
    assert!(told.ends_with(": whole\n"), "{told}");
}

#[test]
fn a_backup_is_a_file_for_its_owner_alone_and_replaces_none() {
    super::both_ways(|place| {
        let token = root_token(place);
        let file = backup(place, "backup.tar");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let before = fs::read(&file).unwrap();
        let refused = place.run(&format!("backup create {file}"));
        assert_eq!(refused.code, 1);
        assert!(line(&refused.err).ends_with("exists: --force writes over it"), "{}", refused.err);
        assert_eq!(fs::read(&file).unwrap(), before);
        let told = place.json(&format!("backup create {file} --force"));
        assert_eq!(told["rows"]["tokens"], 1);
        assert_eq!(told["repositories"], 0);
        let streamed = place.command(&["backup", "create", "-"]).output().unwrap();
        assert!(
            streamed.status.success() && streamed.stdout.len() > 10_000 && streamed.stdout.len() % 512 == 0
        );
        // Nothing is left of them, and nothing of the token stands in them.
        for folder in ["tmp", "repositories/@tmp"] {
            assert_eq!(fs::read_dir(place.data().join(folder)).unwrap().count(), 0, "{folder}");
        }
        let beside = fs::read_dir(place.folder.path()).unwrap().count();
        assert_eq!(beside, 2, "the data directory and the backup");
        for bytes in [before, fs::read(&file).unwrap(), streamed.stdout] {
            assert!(!bytes.windows(token.len()).any(|part| part == token.as_bytes()));
        }
    });
}

#[test]
fn no_secret_stands_in_a_backup_in_any_spelling() {
    use base64::Engine;
    let place = Place::on_chosen_database();
    let root = root_token(&place);
    let made = place.fed(
        "user create --username ada --name Ada --email ada@people.test --password-stdin",
        "a password of the tests",
    );
    made.ok();
    let server = place.serve();
    let api = Api::of(&server, &root);
    api.post("/projects", &json!({ "name": "demo" }));
    let (first, id, _) = api.project_token("root%2Fdemo", "bot");
    let second = api.post(&format!("/projects/root%2Fdemo/access_tokens/{id}/rotate"), &json!({}));
    let second = second["token"].as_str().unwrap().to_owned();
    assert_eq!(server.status(&second), 200);
    let bytes = fs::read(backup(&place, "backup.tar")).unwrap();
    for secret in [root, first, second, "a password of the tests".to_owned()] {
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&secret);
        let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        let reversed: String = secret.chars().rev().collect();
        for spelled in [&secret, &base64, &hex, &reversed] {
            let found =
                bytes.windows(spelled.len()).any(|part| part.eq_ignore_ascii_case(spelled.as_bytes()));
            assert!(!found, "a secret stands in the backup");
        }
    }
}
