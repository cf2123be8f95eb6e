//! The server's side of the control socket.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Hello, Reply};
use crate::Failure;
use crate::commands::{self, Command, Operator};

/// The longest command: a batch of an import.
const LONGEST_LINE: u64 = 64 << 20;
/// How long a connection may take to send its first command once the server is stopping.
const LAST_WORD: Duration = Duration::from_secs(2);
/// Wait after a failed accept, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The socket, bound and not served yet.
pub(crate) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Binds the socket in place of a stale one. The caller holds the lock of the data directory.
    ///
    /// # Errors
    /// One line that names the socket.
    pub(crate) fn bind(path: PathBuf) -> Result<Self, Failure> {
        let trouble = |error: io::Error| Failure::Failed(format!("{}: {error}", path.display()));
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(trouble(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(trouble)?;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).map_err(trouble)?;
        Ok(Self { listener, path })
    }

    /// Serves commands until told to stop, then lets those in flight finish for a while.
    pub(crate) async fn serve(self, operator: Operator, mut stop: watch::Receiver<bool>, grace: Duration) {
        let mut running = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let _ = running.spawn(converse(stream, operator.clone(), stop.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a command could not be accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(_) = running.join_next() => {}
                _ = stop.changed() => break,
            }
        }
        // From here on commands find no server and wait for the lock.
        remove(&self.path);
        drop(self.listener);
        let rest = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, rest).await.is_err() {
            tracing::warn!("commands were still in flight at the end of the grace time");
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the control socket could not be removed");
    }
}

#[derive(Deserialize)]
struct Request {
    version: String,
    command: serde_json::Value,
}

async fn converse(stream: UnixStream, operator: Operator, mut stop: watch::Receiver<bool>) {
    let refused = stranger(&stream);
    let (read, mut write) = stream.into_split();
    let turned_away = refused.is_some();
    let hello = Hello { version: env!("CARGO_PKG_VERSION").to_owned(), refused };
    if send(&mut write, &hello).await.is_err() || turned_away {
        return;
    }
    let mut read = BufReader::new(read);
    let mut first = true;
    loop {
        let Some(line) = next(&mut read, &mut stop, first).await else { return };
        first = false;
        let reply = match understand(&line) {
            Ok(command) => match commands::execute(&operator, command).await {
                Ok(output) => Reply::Done(output),
                Err(text) => Reply::Refused(text),
            },
            Err(text) => Reply::Refused(text),
        };
        if send(&mut write, &reply).await.is_err() {
            return;
        }
    }
}

/// Why whoever is at the other end may not command, if so: only the user that the server runs as may.
fn stranger(stream: &UnixStream) -> Option<String> {
    let own = rustix::process::geteuid().as_raw();
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == own => None,
        Ok(peer) => {
            Some(format!("the server runs as user {own} and takes no commands from user {}", peer.uid()))
        }
        Err(error) => Some(format!("the server cannot tell who asks: {error}")),
    }
}

/// The next line. A connection that was greeted has its first command served even while the server stops;
/// after that an idle one is closed.
async fn next(
    read: &mut BufReader<OwnedReadHalf>,
    stop: &mut watch::Receiver<bool>,
    first: bool,
) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let mut limited = read.take(LONGEST_LINE);
    {
        let reading = limited.read_until(b'\n', &mut line);
        tokio::pin!(reading);
        let done = tokio::select! {
            done = &mut reading => done,
            () = told_to_stop(stop) => {
                let time = if first { LAST_WORD } else { Duration::ZERO };
                tokio::time::timeout(time, reading).await.ok()?
            }
        };
        done.ok()?;
    }
    line.ends_with(b"\n").then_some(line)
}

async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopping| *stopping).await;
}

fn understand(line: &[u8]) -> Result<Command, String> {
    let own = env!("CARGO_PKG_VERSION");
    let request: Request = serde_json::from_slice(line)
        .map_err(|_| "the control socket takes commands of tessera only".to_owned())?;
    serde_json::from_value(request.command).map_err(|_| {
        format!(
            "the running server is version {own} and does not know this command of version {}",
            request.version
        )
    })
}

async fn send(write: &mut OwnedWriteHalf, answer: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    write.write_all(&line).await
}
