//! The server's side: answers the hooks of the pushes it knows.

use std::collections::HashMap;
use std::fs;
use std::future::Future;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::wire;
use super::{HookRequest, HookVerdict, Nonce};
use crate::blocking;
use crate::error::{GitError, Result};

/// How long a hook may take to send its question.
const READ_TIME: Duration = Duration::from_mins(1);

type Answer = Pin<Box<dyn Future<Output = HookVerdict> + Send>>;
type Handler = Box<dyn FnOnce(HookRequest) -> Answer + Send>;
type Waiting = Mutex<HashMap<Nonce, Entry>>;

/// One push that may ask: who answers it, and when the answer is not wanted any more.
struct Entry {
    handler: Handler,
    ended: CancellationToken,
}

/// Listens for hooks until it is dropped.
#[derive(Debug)]
pub struct HookServer {
    socket: PathBuf,
    waiting: Arc<Registry>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Registry(Waiting);

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Registry(..)")
    }
}

impl Registry {
    fn put(&self, nonce: Nonce, entry: Entry) -> bool {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.contains_key(&nonce) {
            return false;
        }
        map.insert(nonce, entry);
        true
    }

    fn take(&self, nonce: Nonce) -> Option<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&nonce)
    }
}

/// The right of one push to ask once. Dropping it takes the right back; a hook that is waiting for its verdict is then
/// refused at once.
#[derive(Debug)]
pub struct Registration {
    socket: PathBuf,
    nonce: Nonce,
    ended: CancellationToken,
    waiting: Arc<Registry>,
}

impl Registration {
    /// The socket the hook must ask.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Whether the hook has asked. Before that no reference has changed.
    pub(crate) fn is_used(&self) -> bool {
        !self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&self.nonce)
    }

    /// The number it must show.
    pub(crate) fn nonce_text(&self) -> String {
        self.nonce.to_hex()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        drop(self.waiting.take(self.nonce));
        self.ended.cancel();
    }
}

impl HookServer {
    /// Listens on `hook.sock` in `folder`, which is made private to this user when missing. A socket left there by a
    /// dead server is replaced. Must run inside a tokio runtime.
    pub async fn bind(folder: &Path) -> Result<Self> {
        let folder = folder.to_owned();
        let socket = blocking("prepare the hook socket", move || {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            let socket = folder.canonicalize()?.join("hook.sock");
            match fs::remove_file(&socket) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(socket),
            }
        })
        .await?;
        let listener = UnixListener::bind(&socket).map_err(GitError::io("listen on the hook socket"))?;
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))
            .map_err(GitError::io("restrict the hook socket"))?;
        let waiting = Arc::new(Registry::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&waiting)));
        Ok(Self { socket, waiting, accepting })
    }

    /// Lets the hook that shows `nonce` ask once; `handler` then gives the verdict. When the hook goes away before it
    /// has asked completely the handler is not called; once called it runs to its end, even when nobody waits for its
    /// verdict any more.
    ///
    /// Fails when the number is in use, which for random ones means a broken generator.
    pub fn register<F, A>(&self, nonce: Nonce, handler: F) -> Result<Registration>
    where
        F: FnOnce(HookRequest) -> A + Send + 'static,
        A: Future<Output = HookVerdict> + Send + 'static,
    {
        let handler: Handler = Box::new(move |request| Box::pin(handler(request)));
        let ended = CancellationToken::new();
        if !self.waiting.put(nonce, Entry { handler, ended: ended.clone() }) {
            return Err(GitError::InvalidInput { what: "hook number", reason: "is in use" });
        }
        Ok(Registration { socket: self.socket.clone(), nonce, ended, waiting: Arc::clone(&self.waiting) })
    }
}

impl Drop for HookServer {
    fn drop(&mut self) {
        self.accepting.abort();
        // Replaced at the next start if this fails.
        drop(fs::remove_file(&self.socket));
    }
}

async fn accept(listener: UnixListener, waiting: Arc<Registry>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let waiting = Arc::clone(&waiting);
                tokio::spawn(async move {
                    if let Err(error) = answer(stream, &waiting).await {
                        tracing::warn!(%error, "a push could not ask for its verdict");
                    }
                });
            }
            Err(error) => {
                tracing::error!(%error, "cannot accept a hook connection");
                // Usually too many open files; trying again at once would only spin.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(mut stream: UnixStream, waiting: &Registry) -> io::Result<()> {
    let read = tokio::time::timeout(READ_TIME, read(&mut stream, waiting)).await?;
    let verdict = match read? {
        Some((entry, request)) => {
            let verdict = tokio::spawn((entry.handler)(request));
            tokio::select! {
                verdict = verdict => verdict.unwrap_or_else(|error| {
                    tracing::error!(%error, "the judgement of a push failed");
                    HookVerdict::refused("The push could not be checked and was refused.")
                }),
                () = entry.ended.cancelled() => HookVerdict::refused("The push was ended."),
            }
        }
        None => HookVerdict::refused("The server does not know this push."),
    };
    stream.write_all(&wire::write_verdict(&verdict)).await?;
    stream.shutdown().await
}

/// The question and who answers it; `None` when the number is unknown or used.
async fn read(stream: &mut UnixStream, waiting: &Registry) -> io::Result<Option<(Entry, HookRequest)>> {
    let mut opening = [0; wire::OPENING];
    stream.read_exact(&mut opening).await?;
    let Some(entry) = wire::read_opening(&opening).and_then(|nonce| waiting.take(nonce)) else {
        // Taken in nevertheless, in small pieces, because a hook that is still sending could not read the answer.
        let mut scrap = vec![0; 16 * 1024];
        let mut rest = AsyncReadExt::take(stream, wire::REQUEST_LIMIT as u64);
        while rest.read(&mut scrap).await? > 0 {}
        return Ok(None);
    };
    let mut bytes = Vec::new();
    AsyncReadExt::take(stream, wire::REQUEST_LIMIT as u64 + 1).read_to_end(&mut bytes).await?;
    if bytes.len() > wire::REQUEST_LIMIT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the hook's message is too large"));
    }
    Ok(Some((entry, wire::read_request(&bytes)?)))
}
