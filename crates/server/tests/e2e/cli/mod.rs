//! The command line: the real binary, with a server running and without one.

mod backup;
mod console;
mod doctor;
mod failpoints;
mod features;
mod import;
mod jobs;
mod mails;
mod nodes;
mod starts;
mod tokens;
mod two_factor;
mod users;
mod web_hooks;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use reqwest::blocking::Client;
use serde_json::Value;
use tempfile::TempDir;
use tessera_testkit::Shared;
use tessera_testkit::program::{self, Outcome};

/// A data directory that the binary works on.
pub(crate) struct Place {
    folder: TempDir,
    /// Its database, where that is not the file in the data directory.
    database: Option<Shared>,
}

/// The server on it; it is told to stop when this is dropped.
pub(crate) struct Running {
    child: Child,
    url: String,
}

#[expect(clippy::disallowed_methods, reason = "these tests drive the real binary")]
fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tessera"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: None }
    }

    /// One on the database that the tests run on.
    pub(crate) fn on_chosen_database() -> Self {
        Self { database: Shared::create(), ..Self::new() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data directory.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = binary();
        command.args(words).arg("--data-dir").arg(self.data());
        if let Some(database) = &self.database {
            command.env("TESSERA_DATABASE__URL", database.url());
        }
        command
    }

    /// Runs a command, words parted by spaces.
    pub(crate) fn run(&self, line: &str) -> Outcome {
        self.words(&line.split(' ').collect::<Vec<_>>())
    }

    fn words(&self, words: &[&str]) -> Outcome {
        self.command(words).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Runs a command that reads.
    fn fed(&self, line: &str, input: &str) -> Outcome {
        let mut command = self.command(&line.split(' ').collect::<Vec<_>>());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that refuses early reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap().into()
    }

    /// What a command prints as JSON.
    #[track_caller]
    pub(crate) fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.run(&format!("{line} --json")).ok()).unwrap()
    }

    /// Starts the server.
    pub(crate) fn serve(&self) -> Running {
        self.serve_with(&[])
    }

    /// Starts the server with these variables.
    fn serve_with(&self, variables: &[(&str, &str)]) -> Running {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(variables.iter().copied());
        let (child, url) = program::spawn_server(&mut command);
        Running { child, url }
    }
}

impl Running {
    /// Sends JSON with a token, whatever becomes of it.
    fn send(&self, verb: &str, path: &str, token: &str, body: &Value) -> reqwest::Result<Value> {
        send_to(&self.url, verb, path, token, body)
    }

    /// The status of `GET /user` with a token.
    fn status(&self, token: &str) -> u16 {
        let request = Client::new().get(format!("{}/api/v4/user", self.url));
        request.header("PRIVATE-TOKEN", token).send().unwrap().status().as_u16()
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    /// Waits until it has died of itself.
    fn died(mut self) {
        assert!(!self.child.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends JSON with a token to a server that may not be there any more.
fn send_to(url: &str, verb: &str, path: &str, token: &str, body: &Value) -> reqwest::Result<Value> {
    let request = Client::new().request(verb.parse().unwrap(), format!("{url}/api/v4{path}"));
    let request = request.header("PRIVATE-TOKEN", token).header("Content-Type", "application/json");
    let answer = request.body(body.to_string()).send()?;
    assert!(answer.status().is_success(), "{verb} {path}: {}", answer.status());
    Ok(serde_json::from_str(&answer.text()?).unwrap_or_default())
}

/// An instance with the same data directory.
#[expect(clippy::disallowed_methods, reason = "a folder is copied as the operator would")]
fn copy_of(template: &Place) -> Place {
    let place = Place::new();
    let copied = Command::new("cp").arg("-a").arg(template.data()).arg(place.data()).status().unwrap();
    assert!(copied.success());
    place
}

/// The only line of a text.
#[track_caller]
fn line(text: &str) -> &str {
    let line = text.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "more than a line: {text:?}");
    line
}

/// Runs a story without a server and with one: both must read the same.
pub(crate) fn both_ways(story: impl Fn(&Place)) {
    story(&Place::new());
    let place = Place::new();
    let _running = place.serve();
    story(&place);
}
