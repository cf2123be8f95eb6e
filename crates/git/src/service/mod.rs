//! git's own services, streamed between a child process and a client.
//!
//! Memory is bounded: a chunk of the body is taken only when git took the one before, and a chunk of the answer is
//! read only when the client's connection has room.

mod feed;
mod output;
mod pump;

use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use bytes::Bytes;
use futures_util::Stream;
use tokio::process::Command;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use crate::error::{GitError, Result};
use crate::hook::server::Registration;
use crate::process::{Manner, Supervised};
use crate::read::{ArchiveFormat, check_prefix};
use crate::repository::{Fresh, Repository};
use crate::{Oid, blocking, durable::Mark, hook, slots};
use feed::{Feed, feed};
pub use output::{AbortHandle, ServiceOutput};
use pump::Pump;

/// Bytes that may lie between git and this process. Not more, because all pipes of a user share a budget (64 MiB on
/// Linux, beyond which new ones become very small).
const PIPE_ROOM: usize = 256 * 1024;

/// One of the two services of the git protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `git-upload-pack`: clone and fetch.
    UploadPack,
    /// `git-receive-pack`: push.
    ReceivePack,
}

impl Service {
    /// The name in URLs and media types, for example `git-upload-pack`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }

    /// Reads [`Service::name`]; nothing else is a service.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::UploadPack, Self::ReceivePack].into_iter().find(|service| service.name() == name)
    }

    fn subcommand(self) -> &'static str {
        match self {
            Self::UploadPack => "upload-pack",
            Self::ReceivePack => "receive-pack",
        }
    }
}

/// The protocol version a client asks for, from the header `Git-Protocol` or the variable `GIT_PROTOCOL`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protocol(Option<String>);

impl Protocol {
    /// Takes the client's words. What git could not understand either counts as unsaid, as in git.
    pub fn from_header(value: Option<&str>) -> Self {
        let plain = |text: &&str| {
            (1..=128).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"=:.-_,".contains(&byte))
        };
        Self(value.filter(plain).map(str::to_owned))
    }

    /// Whether git will speak version 2: the highest version named counts.
    fn is_version_2(&self) -> bool {
        self.0.as_deref().is_some_and(|text| text.split(':').any(|word| word == "version=2"))
    }

    fn apply(&self, command: &mut Command) {
        if let Some(text) = &self.0 {
            command.env("GIT_PROTOCOL", text);
        }
    }
}

/// How the two sides are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One request, then one answer, over HTTP; references were advertised before.
    Http,
    /// One conversation in both directions, as over SSH; begins with the advertisement.
    Duplex,
}

/// How to run [`Repository::upload_pack`].
#[derive(Debug, Clone)]
pub struct UploadOptions {
    /// What the client asked for.
    pub protocol: Protocol,
    /// How the sides are joined.
    pub transport: Transport,
    /// Most bytes the client may send (its wants and haves); the process ends when it sends more.
    pub max_body: u64,
}

/// How to run [`Repository::receive_pack`].
#[derive(Debug)]
pub struct ReceiveOptions {
    /// What the client asked for.
    pub protocol: Protocol,
    /// How the sides are joined.
    pub transport: Transport,
    /// Largest pack in bytes; `None` means no limit. git tells the client when it is passed.
    pub max_pack: Option<u64>,
    /// The branch of `HEAD` when this push makes the repository's folder.
    pub default_branch: String,
    /// Where the hook asks for the verdict over the pushed references. Taken back when the push ends.
    pub hook: Registration,
}

/// What one run needs besides its command.
struct Run {
    name: &'static str,
    slot: OwnedSemaphorePermit,
    /// Sent before anything of git's.
    prefix: Option<Bytes>,
    /// Set for a push: what happens besides moving bytes.
    push: Option<Push>,
    transport: Transport,
    max_body: u64,
}

/// The duties of a push beyond moving bytes.
pub(crate) struct Push {
    pub(crate) repository: PathBuf,
    /// The folder, if this push made it.
    pub(crate) folder: Fresh,
    pub(crate) mark: Mark,
    /// Gone once the push may not be accepted any more.
    pub(crate) hook: Option<Registration>,
    pub(crate) run_on: std::time::Duration,
}

impl Repository {
    /// The answer to `GET info/refs?service=…`, complete: the line that names the service is written here where the
    /// protocol version has one.
    ///
    /// Returns when git has begun to answer, so that a failure can still become a status.
    pub async fn advertise(&self, service: Service, protocol: &Protocol) -> Result<ServiceOutput> {
        let slot = self.service_slot().await?;
        let path = self.read_path();
        let mut command = self.git.inner.commands.git(&[], service.subcommand(), None);
        protocol.apply(&mut command);
        command.args(["--stateless-rpc", "--http-backend-info-refs"]).arg(&path);
        // Pushing has no version 2; git then answers in the oldest form.
        let announced = !(protocol.is_version_2() && service == Service::UploadPack);
        let prefix = announced.then(|| {
            let line = format!("# service={}\n", service.name());
            Bytes::from(format!("{:04x}{line}0000", line.len() + 4))
        });
        let run = Run {
            name: service.subcommand(),
            slot,
            prefix,
            push: None,
            transport: Transport::Http,
            max_body: 0,
        };
        let mut output = start(command, run, None::<futures_util::stream::Empty<io::Result<Bytes>>>)?;
        output.begin().await.map_err(|source| GitError::Io { context: "advertise references", source })?;
        Ok(output)
    }

    /// Serves a clone or fetch. Dropping the output ends it.
    pub async fn upload_pack(
        &self,
        options: UploadOptions,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<ServiceOutput> {
        let slot = self.service_slot().await?;
        let mut command = self.git.inner.commands.git(&[], Service::UploadPack.subcommand(), None);
        options.protocol.apply(&mut command);
        if options.transport == Transport::Http {
            command.arg("--stateless-rpc");
        }
        command.arg(self.read_path());
        let run = Run {
            name: Service::UploadPack.subcommand(),
            slot,
            prefix: None,
            push: None,
            transport: options.transport,
            max_body: options.max_body,
        };
        start(command, run, Some(body))
    }

    /// Serves a push, making the repository's folder when it is missing.
    ///
    /// An error in `body` means that the client's data was cut: nothing of it is kept. When the output is dropped,
    /// or its client is gone, after all of `body` had arrived, the push runs to its end within
    /// [`GitConfig::run_on_timeout`](crate::GitConfig::run_on_timeout). The end of the answer, which tells the
    /// client which references were updated, is held back until that is durable.
    pub async fn receive_pack(
        &self,
        options: ReceiveOptions,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<ServiceOutput> {
        let inner = &self.git.inner;
        inner.require_hook()?;
        let folder = self.put(&options.default_branch).await?;
        let slot = self.service_slot().await?;
        let scratch = inner.scratch();
        let mark = blocking("note the time of a push", move || Mark::take(&scratch)).await?;

        let settings: Vec<String> =
            options.max_pack.map(|bytes| format!("receive.maxInputSize={bytes}")).into_iter().collect();
        let mut command = inner.commands.git(&settings, Service::ReceivePack.subcommand(), None);
        options.protocol.apply(&mut command);
        command
            .envs(inner.config.hook_environment.iter().map(|(name, value)| (name, value)))
            .env(hook::SOCKET_VARIABLE, options.hook.socket())
            .env(hook::NONCE_VARIABLE, options.hook.nonce_text())
            .env("GIT_ALLOC_LIMIT", inner.config.push_allocation_limit.to_string());
        if options.transport == Transport::Http {
            command.arg("--stateless-rpc");
        }
        command.arg(self.path());
        let push = Push {
            repository: self.path().to_owned(),
            folder,
            mark,
            hook: Some(options.hook),
            run_on: inner.config.run_on_timeout,
        };
        let run = Run {
            name: Service::ReceivePack.subcommand(),
            slot,
            prefix: None,
            push: Some(push),
            transport: options.transport,
            max_body: u64::MAX,
        };
        start(command, run, Some(body))
    }

    /// All files of a commit as one archive, every path below `prefix` (empty, or a relative path ending in `/`).
    /// `path` limits it to one folder or file of the commit.
    pub async fn archive(
        &self,
        commit: Oid,
        format: ArchiveFormat,
        prefix: &str,
        path: Option<&str>,
    ) -> Result<ServiceOutput> {
        check_prefix(prefix)?;
        let path = path.map(crate::treepath::check_lookup).transpose()?;
        let slot = self.service_slot().await?;
        let mut command = self.git.inner.commands.git(&[], "archive", Some(&self.read_path()));
        command.arg(format!("--format={}", format.name())).arg(format!("--prefix={prefix}"));
        command.arg(commit.to_string()).arg("--").args(path);
        self.stream(command, "archive", slot).await
    }

    /// The content of a blob, streamed.
    pub async fn blob_stream(&self, blob: Oid) -> Result<ServiceOutput> {
        let slot = self.service_slot().await?;
        let mut command = self.git.inner.commands.git(&[], "cat-file", Some(&self.read_path()));
        command.arg("blob").arg(blob.to_string());
        self.stream(command, "cat-file", slot).await
    }

    async fn stream(
        &self,
        command: Command,
        name: &'static str,
        slot: OwnedSemaphorePermit,
    ) -> Result<ServiceOutput> {
        let run = Run { name, slot, prefix: None, push: None, transport: Transport::Http, max_body: 0 };
        let mut output = start(command, run, None::<futures_util::stream::Empty<io::Result<Bytes>>>)?;
        output.begin().await.map_err(|source| GitError::Io { context: "read from git", source })?;
        Ok(output)
    }

    async fn service_slot(&self) -> Result<OwnedSemaphorePermit> {
        slots::take(&self.git.inner.services_lane, self.git.inner.config.queue_timeout).await
    }
}

fn start(
    mut command: Command,
    run: Run,
    body: Option<impl Stream<Item = io::Result<Bytes>> + Send + 'static>,
) -> Result<ServiceOutput> {
    if body.is_some() {
        command.stdin(Stdio::piped());
    }
    let manner = if run.push.is_some() { Manner::Failure } else { Manner::Signal };
    let abort = AbortHandle::new();
    let stop = abort.process_token();
    let mut child =
        Supervised::spawn(command, stop.clone(), manner, run.slot).map_err(GitError::io("start git"))?;
    match &run.push {
        Some(_) => child.stdin.as_ref().map(widen),
        None => child.stdout.as_ref().map(widen),
    };
    let (feed_state, feed_seen) = watch::channel(Feed::Reading);
    match (body, child.stdin.take()) {
        (Some(body), Some(stdin)) => {
            tokio::spawn(feed(Box::pin(body), stdin, run.max_body, stop.clone(), feed_state));
        }
        // Nothing to send counts as sent.
        _ => drop(feed_state.send_replace(Feed::Complete)),
    }
    let Some(stdout) = child.stdout.take() else {
        return Err(GitError::Io { context: "start git", source: io::Error::other("no output pipe") });
    };
    // Two chunks under way keep git and the connection both busy.
    let (sender, chunks) = mpsc::channel(2);
    let pump = Pump {
        name: run.name,
        child,
        stdout,
        sender,
        abort: abort.clone(),
        stop,
        feed: feed_seen,
        push: run.push,
        one_way: run.transport == Transport::Http,
    };
    tokio::spawn(pump.run());
    Ok(ServiceOutput::new(chunks, abort, run.prefix))
}

/// Gives a pipe room for what goes through it in bulk: the two sides then wake each other less often.
fn widen(pipe: impl AsFd) {
    // As it was is good enough where the system gives no more.
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, PIPE_ROOM);
}

impl Push {
    /// Makes durable what git did.
    pub(crate) async fn settle(self) -> Result<()> {
        let Self { repository, folder, mark, hook, .. } = self;
        drop(hook);
        folder.settle().await?;
        blocking("make a push durable", move || mark.sync_changes(&repository)).await
    }

    /// Whether the hook has asked: from then on references may have changed.
    pub(crate) fn is_judged(&self) -> bool {
        self.hook.as_ref().is_none_or(Registration::is_used)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.repository
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_ends;
