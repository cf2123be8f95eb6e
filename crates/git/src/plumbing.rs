//! Short commands whose answer is collected in memory, up to a limit.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::error::{GitError, Result};
use crate::process::{Manner, Supervised};
use crate::{Git, slots};

/// Bound for answers whose size users can drive, in bytes.
pub(crate) const ANSWER_LIMIT: u64 = 256 * 1024 * 1024;

/// One short command in the making.
pub(crate) struct Plumbing<'git> {
    git: &'git Git,
    name: &'static str,
    command: Command,
    input: Option<Vec<u8>>,
    limit: u64,
    timed: bool,
}

/// A finished command, whatever its status.
pub(crate) struct Finished {
    name: &'static str,
    pub(crate) status: std::process::ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl<'git> Plumbing<'git> {
    pub(crate) fn new(git: &'git Git, name: &'static str, repository: Option<&Path>) -> Self {
        Self::with_settings(git, &[], name, repository)
    }

    /// With further settings (`name=value`) for this run only.
    pub(crate) fn with_settings(
        git: &'git Git,
        settings: &[String],
        name: &'static str,
        repository: Option<&Path>,
    ) -> Self {
        let command = git.inner.commands.git(settings, name, repository);
        Self { git, name, command, input: None, limit: ANSWER_LIMIT, timed: true }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Bytes for its input stream.
    pub(crate) fn input(mut self, bytes: Vec<u8>) -> Self {
        self.command.stdin(std::process::Stdio::piped());
        self.input = Some(bytes);
        self
    }

    /// A file for its input stream.
    pub(crate) fn input_file(mut self, file: std::fs::File) -> Self {
        self.command.stdin(file);
        self
    }

    /// Largest accepted answer in bytes.
    pub(crate) fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// For work whose time grows with the repository: no time limit.
    pub(crate) fn untimed(mut self) -> Self {
        self.timed = false;
        self
    }

    /// Runs it; a failure status is not an error here. Dropping the future ends the process group.
    pub(crate) async fn finish(self) -> Result<Finished> {
        let config = &self.git.inner.config;
        let slot = slots::take(&self.git.inner.commands_lane, config.queue_timeout).await?;
        let limit = config.command_timeout;
        let name = self.name;
        if !self.timed {
            return self.run(slot).await;
        }
        tokio::time::timeout(limit, self.run(slot))
            .await
            .unwrap_or(Err(GitError::TimedOut { command: name, limit }))
    }

    async fn run(self, slot: tokio::sync::OwnedSemaphorePermit) -> Result<Finished> {
        let stop = CancellationToken::new();
        let ends_with_us = stop.clone().drop_guard();
        let mut child =
            Supervised::spawn(self.command, stop, Manner::Signal, slot).map_err(GitError::io("start git"))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let write = async {
            let (Some(mut stdin), Some(input)) = (stdin, self.input) else { return Ok(()) };
            match stdin.write_all(&input).await {
                // It did not want to read everything: its status tells why.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                other => other.map_err(GitError::io("write to git")),
            }
        };
        let limit = self.limit;
        let read = async {
            let mut answer = Vec::new();
            if let Some(stdout) = stdout {
                let mut stdout = stdout.take(limit.saturating_add(1));
                stdout.read_to_end(&mut answer).await.map_err(GitError::io("read from git"))?;
            }
            if answer.len() as u64 > limit { Err(GitError::TooLarge { limit }) } else { Ok(answer) }
        };
        let ((), stdout) = tokio::try_join!(write, read)?;
        let ended = child.ended().await.map_err(GitError::io("wait for git"))?;
        drop(ends_with_us.disarm());
        Ok(Finished { name: self.name, status: ended.status, stdout, stderr: ended.stderr })
    }

    /// Runs it and returns its answer; any failure status is an error.
    pub(crate) async fn output(self) -> Result<Vec<u8>> {
        self.finish().await?.output()
    }
}

impl Finished {
    /// The answer; any failure status is an error.
    pub(crate) fn output(self) -> Result<Vec<u8>> {
        if self.status.success() { Ok(self.stdout) } else { Err(self.failure()) }
    }

    /// The error for a status nobody expected.
    pub(crate) fn failure(self) -> GitError {
        GitError::Failed { command: self.name, status: self.status.to_string(), stderr: self.stderr }
    }
}
