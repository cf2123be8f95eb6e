//! From the client to git.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How far the body has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feed {
    /// More is expected.
    Reading,
    /// All of it arrived, or git did not want the rest.
    Complete,
    /// The client broke off, or sent more than it may.
    Cut,
}

/// What a client may still send, in bytes, after git stopped listening. Clients read the answer, which says why, only
/// after they sent everything.
const DISCARD_LIMIT: u64 = 256 * 1024 * 1024;

/// Passes the body on to git and reports how it went. A cut body ends the process.
pub(crate) async fn feed(
    mut body: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
    stdin: ChildStdin,
    limit: u64,
    stop: CancellationToken,
    state: watch::Sender<Feed>,
) {
    let outcome = tokio::select! {
        outcome = pass(&mut body, stdin, limit) => outcome,
        () = stop.cancelled() => Feed::Cut,
    };
    if outcome == Feed::Cut {
        stop.cancel();
    }
    state.send_replace(outcome);
}

async fn pass(
    body: &mut Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
    stdin: ChildStdin,
    limit: u64,
) -> Feed {
    let mut open = Some(stdin);
    let (mut passed, mut discarded) = (0_u64, 0_u64);
    while let Some(chunk) = body.next().await {
        let Ok(chunk) = chunk else { return Feed::Cut };
        if let Some(stdin) = open.as_mut() {
            passed = passed.saturating_add(chunk.len() as u64);
            if passed > limit {
                return Feed::Cut;
            }
            if stdin.write_all(&chunk).await.is_err() {
                open = None;
            }
        } else {
            discarded = discarded.saturating_add(chunk.len() as u64);
            if discarded > DISCARD_LIMIT {
                return Feed::Cut;
            }
        }
    }
    Feed::Complete
}
