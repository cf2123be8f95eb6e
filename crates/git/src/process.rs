//! Life and end of one child process and everything it starts.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Between one step of ending a process and the next, harsher one.
const GRACE: Duration = Duration::from_millis(300);

/// How much of an error stream is kept, in bytes.
const STDERR_LIMIT: usize = 8 * 1024;

/// How a process is ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// By a signal to it and all below it.
    Signal,
    /// By letting it fail: its input is closed by the owner, then what it waits for is ended, so that it can clear up
    /// behind itself (on a signal git leaves the quarantine of a push lying). Signals follow if that does not help.
    Failure,
}

/// How a child ended, and what it complained about.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

/// A child that is watched over by a task of its own until it is reaped.
#[derive(Debug)]
pub(crate) struct Supervised {
    /// The child's pipes are taken from here.
    pub(crate) stdin: Option<tokio::process::ChildStdin>,
    pub(crate) stdout: Option<tokio::process::ChildStdout>,
    end: JoinHandle<io::Result<Ended>>,
}

impl Supervised {
    /// Starts `command`. Cancelling `stop` ends the whole process group; the slot is given back at its end.
    pub(crate) fn spawn(
        mut command: Command,
        stop: CancellationToken,
        manner: Manner,
        slot: OwnedSemaphorePermit,
    ) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let stderr = tokio::spawn(first_bytes(child.stderr.take()));
        let end = tokio::spawn(async move {
            let status = watch(child, stop, manner).await;
            drop(slot);
            let stderr = stderr.await.unwrap_or_default();
            Ok(Ended { status: status?, stderr })
        });
        Ok(Self { stdin, stdout, end })
    }

    /// Waits for the end. Dropping this future leaves the watching task at work.
    pub(crate) async fn ended(self) -> io::Result<Ended> {
        drop((self.stdin, self.stdout));
        self.end.await.unwrap_or_else(|lost| Err(io::Error::other(lost)))
    }
}

async fn watch(mut child: Child, stop: CancellationToken, manner: Manner) -> io::Result<ExitStatus> {
    let group = Group::of(&child);
    let status = tokio::select! {
        status = child.wait() => status,
        () = stop.cancelled() => end(&mut child, &group, manner).await,
    };
    // A child that ended well has waited for its own children; another one may have left some behind.
    if !status.as_ref().is_ok_and(ExitStatus::success) {
        group.signal(Signal::KILL);
    }
    group.disarm();
    status
}

async fn end(child: &mut Child, group: &Group, manner: Manner) -> io::Result<ExitStatus> {
    if manner == Manner::Failure {
        if let Ok(status) = tokio::time::timeout(GRACE, child.wait()).await {
            return status;
        }
        group.signal_children();
        if let Ok(status) = tokio::time::timeout(GRACE, child.wait()).await {
            return status;
        }
    }
    group.signal(Signal::TERM);
    if let Ok(status) = tokio::time::timeout(GRACE, child.wait()).await {
        return status;
    }
    group.signal(Signal::KILL);
    child.wait().await
}

/// The process group of a child; killed when this is dropped before the child was reaped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)))
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.0 {
            // Fails only when nobody is left in the group, which is what is wanted.
            let _ = kill_process_group(pid, signal);
        }
    }

    /// Asks the direct children of the first process to end. They keep their numbers until it has waited for them.
    fn signal_children(&self) {
        let Some(pid) = self.0 else { return };
        let number = pid.as_raw_nonzero();
        // Where the system does not tell, the harsher step comes next.
        let listed = std::fs::read_to_string(format!("/proc/{number}/task/{number}/children"));
        let children = listed.unwrap_or_default();
        for child in children.split_whitespace().filter_map(|word| Pid::from_raw(word.parse().ok()?)) {
            let _ = kill_process(child, Signal::TERM);
        }
    }

    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Reads a stream to its end and keeps its beginning.
async fn first_bytes(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let mut kept = Vec::new();
    let mut buffer = [0; 2048];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        let room = STDERR_LIMIT - kept.len();
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    String::from_utf8_lossy(&kept).trim_end().to_owned()
}
