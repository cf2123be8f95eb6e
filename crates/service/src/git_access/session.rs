//! A running clone, fetch or push: it ends within a second of its caller's right to it (D8, L13).

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tessera_git::{AbortHandle, Protocol, ServiceOutput, Transport, UploadOptions};
use tessera_model::operation::Operation;
use tessera_model::operation::git::{AdvertiseReceivePack, AdvertiseUploadPack, UploadPack};
use tessera_model::{Error, Result};
use tokio::task::JoinHandle;

use super::push::PushEnd;
use super::{GitService, Opened, git_fault};
use crate::Service;

/// How often a running service looks whether its caller may still have it.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many looks in a row the database may leave unanswered.
const SILENT_LOOKS: u32 = 10;
/// How long a client may leave what was sent to it unread before its place goes to others.
const STALL: Duration = Duration::from_mins(2);
/// The most that a fetching client may say, in bytes: what it wants and what it has.
const MOST_WANTS: u64 = 128 * 1024 * 1024;

/// The answer of a service on its way to the client.
pub struct Session {
    output: ServiceOutput,
    watch: Watch,
    /// Set for a push.
    push: Option<PushEnd>,
    /// The end of a push's answer, held back until it is written down what became of it.
    held: Option<Bytes>,
}

impl Service {
    /// What can be fetched from here.
    ///
    /// # Errors
    /// When git cannot be run now.
    pub async fn advertise_fetch(
        &self,
        opened: Opened<AdvertiseUploadPack>,
        protocol: &Protocol,
    ) -> Result<Session> {
        let output =
            opened.repository.advertise(GitService::UploadPack, protocol).await.map_err(git_fault)?;
        Ok(Session::new(self, &opened, output, None))
    }

    /// What can be pushed to here.
    ///
    /// # Errors
    /// When git cannot be run now.
    pub async fn advertise_push(
        &self,
        opened: Opened<AdvertiseReceivePack>,
        protocol: &Protocol,
    ) -> Result<Session> {
        self.hooks()?;
        let output =
            opened.repository.advertise(GitService::ReceivePack, protocol).await.map_err(git_fault)?;
        Ok(Session::new(self, &opened, output, None))
    }

    /// Serves a clone or fetch.
    ///
    /// # Errors
    /// When git cannot be run now.
    pub async fn fetch(
        &self,
        opened: Opened<UploadPack>,
        protocol: Protocol,
        transport: Transport,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<Session> {
        let options = UploadOptions { protocol, transport, max_body: MOST_WANTS };
        let output = opened.repository.upload_pack(options, body).await.map_err(git_fault)?;
        Ok(Session::new(self, &opened, output, None))
    }
}

impl Session {
    /// Watches a service that was started for who opened the repository.
    pub(crate) fn new<Op: Operation>(
        service: &Service,
        opened: &Opened<Op>,
        output: ServiceOutput,
        push: Option<PushEnd>,
    ) -> Self {
        let watch = Watch::start(service, opened, output.abort_handle());
        Self { output, watch, push, held: None }
    }

    /// The bytes for the client. An error means that the answer is not whole: the connection must be
    /// broken off.
    pub fn into_stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::unfold(Some(self), |session| async move {
            let mut session = session?;
            session.watch.client_waits();
            let next = session.next().await;
            session.watch.client_has_it();
            match next {
                Some(Ok(chunk)) => Some((Ok(chunk), Some(session))),
                Some(Err(error)) => Some((Err(error), None)),
                None => None,
            }
        })
    }

    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.push.is_none() {
            return self.output.next().await;
        }
        loop {
            match self.output.next().await {
                Some(Ok(chunk)) => {
                    if let Some(before) = self.held.replace(chunk) {
                        return Some(Ok(before));
                    }
                }
                Some(Err(error)) => return Some(Err(error)),
                None => {
                    if let Some(push) = self.push.take() {
                        push.finish().await;
                        // One chunk may be left; after it the output says again that it has ended.
                        if let Some(last) = self.held.take() {
                            return Some(Ok(last));
                        }
                    }
                    return None;
                }
            }
        }
    }
}

/// Looks again and again whether a service may go on, until it is dropped.
struct Watch {
    service: Service,
    /// When the client was given something that it has not yet come back from, in milliseconds of the
    /// monotonic clock; [`WAITING`] while it waits for us.
    given: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

const WAITING: u64 = u64::MAX;

impl Watch {
    fn start<Op: Operation>(service: &Service, opened: &Opened<Op>, abort: AbortHandle) -> Self {
        let given = Arc::new(AtomicU64::new(WAITING));
        let (looking, ask, project) = (service.clone(), Arc::clone(&opened.ask), opened.project.id);
        let stalled = Arc::clone(&given);
        let task = tokio::spawn(async move {
            let mut silent = 0;
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let since = stalled.load(Ordering::Relaxed);
                if since != WAITING && looking.millis().saturating_sub(since) > millis(STALL) {
                    tracing::info!(project, "a Git client stopped reading and was cut off");
                    break;
                }
                match looking.still_open::<Op>(&ask, project).await {
                    Ok(()) => silent = 0,
                    Err(Error::Unavailable(_) | Error::Internal(_)) if silent < SILENT_LOOKS => silent += 1,
                    Err(error) => {
                        let request_id = &ask.meta.request_id;
                        tracing::info!(request_id, project, %error, "a running Git service lost its right");
                        break;
                    }
                }
            }
            abort.abort();
        });
        Self { service: service.clone(), given, task }
    }

    fn client_waits(&self) {
        self.given.store(WAITING, Ordering::Relaxed);
    }

    fn client_has_it(&self) {
        self.given.store(self.service.millis(), Ordering::Relaxed);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(WAITING - 1)
}

impl Service {
    fn millis(&self) -> u64 {
        millis(self.core().clock.monotonic())
    }
}
