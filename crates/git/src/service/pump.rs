//! From git to the client, and what happens when either of them goes away.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::process::ChildStdout;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::feed::Feed;
use super::{AbortHandle, Push};
use crate::process::{Ended, Supervised};

/// Room for one read; a chunk is what git had ready, at most this many bytes.
const CHUNK: usize = 256 * 1024;

/// How long the end of an answer waits for a client that is still sending what git no longer reads.
const DISCARD_TIME: Duration = Duration::from_secs(30);

/// Moves the answer of one service and sees to its end.
pub(crate) struct Pump {
    pub(crate) name: &'static str,
    pub(crate) child: Supervised,
    pub(crate) stdout: ChildStdout,
    pub(crate) sender: mpsc::Sender<io::Result<Bytes>>,
    pub(crate) abort: AbortHandle,
    pub(crate) stop: CancellationToken,
    pub(crate) feed: watch::Receiver<Feed>,
    pub(crate) push: Option<Push>,
    /// The client reads only after it has sent everything.
    pub(crate) one_way: bool,
}

/// Why moving stopped.
enum Stopped {
    /// git closed its output; the chunk that was held back, and whether there was any.
    End { held: Option<Bytes>, sent: bool },
    /// Somebody called abort.
    Aborted,
    /// Nobody takes the answer any more.
    ClientGone,
    /// Reading failed.
    Failed(io::Error),
}

impl Pump {
    pub(crate) async fn run(mut self) {
        match self.transfer().await {
            Stopped::End { held, sent } => self.finish(held, sent).await,
            Stopped::Aborted => {
                tracing::info!(command = self.name, "git service aborted");
                drop(self.sender);
                wind_down(self.push, self.stdout).await;
            }
            Stopped::ClientGone => self.run_on().await,
            Stopped::Failed(error) => {
                self.stop.cancel();
                // Nobody to tell when the client is gone as well.
                drop(self.sender.send(Err(error)).await);
            }
        }
    }

    /// From the hook's question on, chunks of a push are sent one behind, so that the last one, which reports what
    /// became of the references, can wait for durability. (Before it a client may be waiting for each chunk.)
    async fn transfer(&mut self) -> Stopped {
        let abort = self.abort.clone();
        let sender = self.sender.clone();
        let mut held: Option<Bytes> = None;
        let mut sent = false;
        let mut buffer = BytesMut::new();
        loop {
            buffer.reserve(CHUNK);
            let count = tokio::select! {
                biased;
                () = abort.aborted() => return Stopped::Aborted,
                () = sender.closed() => return Stopped::ClientGone,
                () = self.stop.cancelled(), if self.hook_waits() => {
                    // The body was cut. What arrived may look whole to git; it must not be accepted.
                    self.push.as_mut().map(|push| push.hook.take());
                    continue;
                }
                read = self.stdout.read_buf(&mut buffer) => match read {
                    Ok(count) => count,
                    Err(error) => return Stopped::Failed(error),
                },
            };
            if count == 0 && buffer.is_empty() {
                return Stopped::End { held, sent };
            }
            // Goes out together with what it heads: as a chunk of its own it would cost the client a turn.
            if count > 0 && heads_a_packet(&buffer) {
                continue;
            }
            let fresh = buffer.split().freeze();
            let hold_back = self.push.as_ref().is_some_and(Push::is_judged);
            let outgoing = if hold_back { held.replace(fresh) } else { Some(fresh) };
            if let Some(chunk) = outgoing {
                sent = true;
                tokio::select! {
                    biased;
                    () = abort.aborted() => return Stopped::Aborted,
                    result = sender.send(Ok(chunk)) => if result.is_err() {
                        return Stopped::ClientGone;
                    },
                }
            }
        }
    }

    fn hook_waits(&self) -> bool {
        self.push.as_ref().is_some_and(|push| push.hook.is_some())
    }

    /// git has said everything: looks at how it ended before the last of it goes out.
    async fn finish(self, held: Option<Bytes>, sent: bool) {
        let Self { name, child, sender, stop, mut feed, push, one_way, stdout, .. } = self;
        drop(stdout);
        let end = child.ended().await;
        let answered = sent || held.is_some();
        let verdict = judge(name, end, answered, *feed.borrow());
        let verdict = match (verdict, push) {
            (Ok(()), Some(push)) => settle(push).await,
            (verdict, _) => verdict,
        };
        if one_way {
            let discarded = feed.wait_for(|state| *state != Feed::Reading);
            // Out of patience or not, the answer goes out now.
            drop(tokio::time::timeout(DISCARD_TIME, discarded).await);
        }
        if let Err(error) = verdict {
            drop(sender.send(Err(error)).await);
        } else if let Some(chunk) = held {
            drop(sender.send(Ok(chunk)).await);
        }
        // Ends the reading of a body that nobody needs any more.
        stop.cancel();
    }

    /// The client is gone. A push that arrived whole is finished all the same; everything else is ended.
    async fn run_on(self) {
        let Self { name, child, mut stdout, stop, feed, push, sender, abort, .. } = self;
        drop(sender);
        let arrived = *feed.borrow() == Feed::Complete;
        let push = match push {
            Some(push) if arrived => push,
            other => {
                stop.cancel();
                return wind_down(other, stdout).await;
            }
        };
        tracing::info!(command = name, repository = %push.path().display(), "client left; finishing its push");
        let limit = push.run_on;
        let finished = tokio::select! {
            finished = tokio::time::timeout(limit, drain(&mut stdout)) => finished.is_ok(),
            () = abort.aborted() => false,
        };
        if !finished {
            tracing::warn!(command = name, "a push whose client left was ended");
            stop.cancel();
            return wind_down(Some(push), stdout).await;
        }
        let end = child.ended().await;
        if let Err(error) = judge(name, end, true, Feed::Complete).and(settle(push).await) {
            tracing::error!(command = name, %error, "a push whose client left did not end well");
        }
    }
}

/// Whether these bytes are a packet's length and band alone, which git writes before the rest of it.
fn heads_a_packet(bytes: &[u8]) -> bool {
    let [length @ .., _band] = bytes else { return false };
    let length = std::str::from_utf8(length).ok().filter(|text| text.len() == 4);
    length.and_then(|text| u16::from_str_radix(text, 16).ok()).is_some_and(|length| length > 5)
}

/// Takes its hook from a push that is being ended and lets git say its last words into nothing.
async fn wind_down(push: Option<Push>, mut stdout: ChildStdout) {
    if push.is_some() {
        drop(push);
        drain(&mut stdout).await;
    }
}

/// Reads to the end: git would be ended by a closed pipe before it has cleared up.
async fn drain(stdout: &mut ChildStdout) {
    let mut scrap = vec![0; 16 * 1024];
    while let Ok(1..) = stdout.read(&mut scrap).await {}
}

async fn settle(push: Push) -> io::Result<()> {
    push.settle().await.map_err(|error| {
        tracing::error!(%error, "a push could not be made durable");
        io::Error::other(error)
    })
}

/// Whether the answer may end as a good one. git reports most failures within its answer, with a status besides: that
/// is an answer like any other, unless it was ended by a signal or said nothing.
fn judge(name: &'static str, end: io::Result<Ended>, answered: bool, feed: Feed) -> io::Result<()> {
    let Ended { status, stderr } = end?;
    if feed == Feed::Cut {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the request body was cut"));
    }
    if status.success() {
        return Ok(());
    }
    tracing::warn!(command = name, %status, %stderr, "git service failed");
    if answered && status.code().is_some() {
        return Ok(());
    }
    Err(io::Error::other(format!("git {name} failed ({status})")))
}

#[cfg(test)]
mod tests {
    use super::heads_a_packet;

    #[test]
    fn only_a_head_waits_for_its_packet() {
        assert!(heads_a_packet(b"ffff\x01"));
        assert!(heads_a_packet(b"0006\x02"));
        for whole in [&b"0005\x01"[..], b"0000", b"0000\x01", b"ffff", b"0006\x01a", b"PACK\x00", b""] {
            assert!(!heads_a_packet(whole), "{whole:?}");
        }
    }
}
