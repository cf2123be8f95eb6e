//! What the tests share: a server's folders, real git clients, and a listener that joins the two.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::ReaderStream;

use crate::hook::server::{HookServer, Registration};
use crate::hook::{HookRequest, HookVerdict, Nonce};
use crate::{
    Git, GitConfig, Protocol, ReceiveOptions, Repository, RepositoryId, ServiceOutput, Signature, Transport,
    UploadOptions,
};

/// A server's folders and its hook socket, with git opened.
pub(crate) struct Fixture {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) git: Git,
    pub(crate) hooks: HookServer,
    nonces: AtomicU8,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut GitConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("hook-program");
        // The hook is this test binary, told to run the one "test" that acts as it.
        let script = format!(
            "#!/bin/sh\nexec '{}' --ignored --exact --nocapture hook::tests::acts_as_hook >&-\n",
            std::env::current_exe().unwrap().display()
        );
        std::fs::write(&program, script).unwrap();
        run(folder.path(), "chmod", &["755", "hook-program"]);
        let mut config = GitConfig::new(&folder.path().join("data"), &program);
        change(&mut config);
        let git = Git::open(config).await.unwrap();
        let hooks = HookServer::bind(&folder.path().join("socket")).await.unwrap();
        Self { folder, git, hooks, nonces: AtomicU8::new(0) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn repository(&self, id: u64) -> Repository {
        self.git.repository(RepositoryId(id))
    }

    pub(crate) fn register<F, A>(&self, handler: F) -> Registration
    where
        F: FnOnce(HookRequest) -> A + Send + 'static,
        A: Future<Output = HookVerdict> + Send + 'static,
    {
        let nonce = Nonce::new([self.nonces.fetch_add(1, Ordering::Relaxed); 16]);
        self.hooks.register(nonce, handler).unwrap()
    }

    pub(crate) fn receive_options(&self, hook: Registration) -> ReceiveOptions {
        ReceiveOptions {
            protocol: Protocol::default(),
            transport: Transport::Http,
            max_pack: None,
            default_branch: "main".into(),
            hook,
        }
    }

    /// A fresh working copy with one commit on `main`.
    pub(crate) fn work(&self, name: &str) -> Work {
        let work = Work(self.path().join(name));
        run(self.path(), "git", &["init", "-q", "-b", "main", name]);
        work.commit("README.md", "hello\n");
        work
    }

    /// The command lines of all processes whose environment names this fixture's folder.
    pub(crate) fn processes(&self) -> Vec<String> {
        let marker = self.path().to_str().unwrap().to_owned();
        let read = |path: PathBuf| {
            std::fs::read(path)
                .map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
                .unwrap_or_default()
        };
        let folders = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        folders
            .filter(|path| read(path.join("environ")).contains(&format!("HOME={marker}")))
            .map(|path| read(path.join("cmdline")))
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// Waits until no process is left, at most a minute: one that nobody ends stays longer.
    pub(crate) async fn all_gone(&self) {
        for _ in 0..6000 {
            if self.processes().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("still running: {:?}", self.processes());
    }
}

/// A working copy of a client.
pub(crate) struct Work(pub(crate) PathBuf);

impl Work {
    pub(crate) fn git(&self, args: &[&str]) -> String {
        run(&self.0, "git", args)
    }

    /// Commits one file; returns the commit.
    pub(crate) fn commit(&self, path: &str, content: impl AsRef<[u8]>) -> crate::Oid {
        let file = self.0.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
        self.git(&["add", "--", path]);
        self.git(&["commit", "-q", "-m", &format!("Change {path}")]);
        self.head()
    }

    pub(crate) fn head(&self) -> crate::Oid {
        self.git(&["rev-parse", "HEAD"]).trim().parse().unwrap()
    }

    /// The body of a push over HTTP that moves `name` from `old` to this copy's `HEAD`.
    pub(crate) fn push_body(&self, name: &str, old: crate::Oid) -> Vec<u8> {
        let new = self.head();
        let line = format!("{old} {new} {name}\0report-status side-band-64k\n");
        let mut body = format!("{:04x}{line}0000", line.len() + 4).into_bytes();
        body.extend(self.pack(&if old.is_zero() { format!("{new}\n") } else { format!("{new}\n^{old}\n") }));
        body
    }

    pub(crate) fn pack(&self, revisions: &str) -> Vec<u8> {
        let list = self.0.join(".git/revisions");
        std::fs::write(&list, revisions).unwrap();
        let mut command = client(&self.0, "git", &["pack-objects", "-q", "--revs", "--stdout"]);
        let output = command.stdin(std::fs::File::open(list).unwrap()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

#[expect(clippy::disallowed_methods, reason = "the clients of the tests")]
fn client(folder: &Path, program: &str, args: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(program);
    command.args(args).current_dir(folder);
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "Ann"),
        ("GIT_AUTHOR_EMAIL", "ann@example.org"),
        ("GIT_COMMITTER_NAME", "Ann"),
        ("GIT_COMMITTER_EMAIL", "ann@example.org"),
        ("LC_ALL", "C"),
    ] {
        command.env(name, value);
    }
    command
}

/// Runs a client that must succeed; returns what it printed.
pub(crate) fn run(folder: &Path, program: &str, args: &[&str]) -> String {
    let output = client(folder, program, args).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a client without blocking the runtime; returns success and all it printed.
pub(crate) async fn attempt(folder: &Path, args: &[&str]) -> (bool, String) {
    let mut command = client(folder, "git", args);
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    (status.success(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

pub(crate) fn ann(time: i64) -> Signature {
    Signature { name: "Ann".into(), email: "ann@example.org".into(), time, offset_minutes: 60 }
}

/// Pushes everything of `work` into repository 1.
pub(crate) async fn stored(fixture: &Arc<Fixture>, work: &Work) -> Repository {
    let address = listen(fixture, |_, _| HookVerdict::accepted()).await;
    let url = format!("git://{address}/1");
    let (ok, text) = attempt(&work.0, &["push", "-q", &url, "refs/*:refs/*"]).await;
    assert!(ok, "{text}");
    fixture.repository(1)
}

type Judge = dyn Fn(Repository, HookRequest) -> HookVerdict + Send + Sync;

/// Serves `git://` on a free port: repository `/N` is number N, and `judge` decides over pushes.
pub(crate) async fn listen(
    fixture: &Arc<Fixture>,
    judge: impl Fn(Repository, HookRequest) -> HookVerdict + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (fixture, judge) = (Arc::clone(fixture), Arc::new(judge) as Arc<Judge>);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(Arc::clone(&fixture), Arc::clone(&judge), stream));
        }
    });
    address
}

async fn serve(fixture: Arc<Fixture>, judge: Arc<Judge>, stream: TcpStream) {
    let (mut input, mut output) = stream.into_split();
    let mut length = [0; 4];
    input.read_exact(&mut length).await.unwrap();
    let length = usize::from_str_radix(std::str::from_utf8(&length).unwrap(), 16).unwrap();
    let mut line = vec![0; length - 4];
    input.read_exact(&mut line).await.unwrap();
    let line = String::from_utf8(line).unwrap();
    let mut words = line.split('\0');
    let (service, path) = words.next().unwrap().split_once(' ').unwrap();
    let protocol = Protocol::from_header(words.find(|word| word.starts_with("version=")));
    let repository = fixture.repository(path.trim_matches('/').parse().unwrap());
    let body = ReaderStream::new(input);
    let transport = Transport::Duplex;
    let answer = if service == "git-upload-pack" {
        repository.upload_pack(UploadOptions { protocol, transport, max_body: 1 << 20 }, body).await
    } else {
        let subject = repository.clone();
        let hook = fixture.register(move |request| async move { judge(subject, request) });
        let options = ReceiveOptions { protocol, transport, ..fixture.receive_options(hook) };
        repository.receive_pack(options, body).await
    };
    let mut answer = answer.unwrap();
    while let Some(Ok(chunk)) = answer.next().await {
        if output.write_all(&chunk).await.is_err() {
            return;
        }
    }
    let _ = output.shutdown().await;
}

/// All of an answer, and whether it ended well.
pub(crate) async fn collect(mut output: ServiceOutput) -> (Vec<u8>, std::io::Result<()>) {
    let mut all = Vec::new();
    while let Some(chunk) = output.next().await {
        match chunk {
            Ok(chunk) => all.extend_from_slice(&chunk),
            Err(error) => return (all, Err(error)),
        }
    }
    (all, Ok(()))
}
