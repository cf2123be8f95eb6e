//! What the caller holds of a running service.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Ends a running service from anywhere, for example when the token it was opened with is revoked.
#[derive(Debug, Clone)]
pub struct AbortHandle(CancellationToken);

impl AbortHandle {
    pub(crate) fn new() -> Self {
        Self(CancellationToken::new())
    }

    /// Ends it now: the output yields an error instead of further data, git and all it started are ended, and a push
    /// that has not updated its references yet never will. Once the service has ended this does nothing.
    pub fn abort(&self) {
        self.0.cancel();
    }

    /// Whether [`abort`](Self::abort) was called.
    pub fn is_aborted(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Resolves when [`abort`](Self::abort) is called.
    pub(crate) async fn aborted(&self) {
        self.0.cancelled().await;
    }

    /// The token that ends the process; cancelled with this handle, but not the reverse.
    pub(crate) fn process_token(&self) -> CancellationToken {
        self.0.child_token()
    }
}

/// The answer of a service, as a stream of chunks of up to 256 KiB.
///
/// Ends in an error when the service was aborted or git failed before its answer was complete; the connection must
/// then be broken off, so that the client does not take what it got for the whole.
#[derive(Debug)]
pub struct ServiceOutput {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    abort: AbortHandle,
    /// What is there already, last first.
    ready: Vec<Bytes>,
    done: bool,
}

impl ServiceOutput {
    pub(crate) fn new(
        chunks: mpsc::Receiver<io::Result<Bytes>>,
        abort: AbortHandle,
        prefix: Option<Bytes>,
    ) -> Self {
        Self { chunks, abort, ready: prefix.into_iter().collect(), done: false }
    }

    /// A handle that ends this service.
    pub fn abort_handle(&self) -> AbortHandle {
        self.abort.clone()
    }

    /// Waits for the first chunk, or the failure that comes instead.
    pub(crate) async fn begin(&mut self) -> io::Result<()> {
        match self.chunks.recv().await {
            Some(Ok(chunk)) => self.ready.insert(0, chunk),
            Some(Err(error)) => return Err(error),
            None if self.abort.is_aborted() => return Err(aborted()),
            None => {}
        }
        Ok(())
    }
}

impl Stream for ServiceOutput {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.done {
            return Poll::Ready(None);
        }
        // Looked at first, so that nothing that was on its way still goes out. The pump closes the channel on an
        // abort, which wakes a waiting caller.
        if self.abort.is_aborted() {
            self.done = true;
            return Poll::Ready(Some(Err(aborted())));
        }
        if let Some(chunk) = self.ready.pop() {
            return Poll::Ready(Some(Ok(chunk)));
        }
        let next = std::task::ready!(self.chunks.poll_recv(cx));
        match next {
            Some(Ok(chunk)) => Poll::Ready(Some(Ok(chunk))),
            Some(Err(error)) => {
                self.done = true;
                Poll::Ready(Some(Err(error)))
            }
            None if self.abort.is_aborted() => {
                self.done = true;
                Poll::Ready(Some(Err(aborted())))
            }
            None => {
                self.done = true;
                Poll::Ready(None)
            }
        }
    }
}

fn aborted() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the service was ended by the server")
}
