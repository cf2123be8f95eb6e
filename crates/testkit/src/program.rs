//! Real programs: `git` as people use it, and the server's own binary.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// What a program came to.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

impl Outcome {
    /// Its output, if it ended well.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "out: {}\nerr: {}", self.out, self.err);
        self.out
    }

    /// What it complained of.
    ///
    /// # Panics
    /// When it ended well.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_ne!(self.code, 0, "out: {}\nerr: {}", self.out, self.err);
        self.err
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests drive real programs")]
fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// A folder in which `git` runs, with no configuration but its own.
pub struct GitClient {
    folder: PathBuf,
}

impl GitClient {
    /// Works in this folder.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        std::fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A client in a folder below.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        Self { folder: self.folder.join(name) }
    }

    /// Runs git away from the threads of the server, which may share this process.
    pub async fn run(&self, args: &[&str]) -> Outcome {
        let mut git = command("git");
        git.args(args)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@people.test")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@people.test")
            .stdin(Stdio::null());
        tokio::task::spawn_blocking(move || git.output().unwrap().into()).await.unwrap()
    }

    /// A new repository below this folder with one commit on `main`.
    pub async fn repository(&self, name: &str) -> Self {
        self.run(&["init", "-q", "-b", "main", name]).await.ok();
        let work = self.below(name);
        work.commit("README.md", "hello\n").await;
        work
    }

    /// Commits a file.
    pub async fn commit(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self.run(&["add", "--all"]).await.ok();
        self.run(&["commit", "-q", "-m", &format!("Write {file}")]).await.ok();
    }
}

/// Starts a server and waits until it says at which URL it listens.
///
/// # Panics
/// When it ends without saying so.
pub fn spawn_server(serve: &mut Command) -> (Child, String) {
    serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = serve.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let url = lines
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| line.split_once("listens at ").map(|(_, url)| url.trim().to_owned()));
    // Somebody must go on reading, or the server would wait.
    std::thread::spawn(move || lines.for_each(drop));
    (child, url.expect("the server says where it listens"))
}

/// The server as a process of its own, on a temporary data directory.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl Server {
    /// Starts `tessera serve --ephemeral` with an administrator's token and waits until it listens.
    pub fn start(binary: &str, root_token: &str) -> Self {
        let mut serve = command(binary);
        serve.args(["serve", "--ephemeral", "--listen", "127.0.0.1:0"]).env("TESSERA_ROOT_TOKEN", root_token);
        let (child, url) = spawn_server(&mut serve);
        Self { child, url }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
