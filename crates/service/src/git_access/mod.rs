//! Git's own services for who may use them: opened by the same judgement as everything else, watched
//! while they run, and pushes decided reference by reference.

mod finish;
mod open;
mod push;
mod session;

use std::path::Path;

use tessera_git::GitError;
use tessera_git::hook::server::HookServer;
use tessera_model::{Error, Result};

use crate::Service;

pub(crate) use finish::{First, Journal, JournalRef};
pub use open::{Opened, Presented};
pub use session::Session;
pub use tessera_git::{Protocol, Service as GitService, Transport};

/// Turns what git says into what the domain says.
pub(crate) fn git_fault(error: GitError) -> Error {
    match error {
        GitError::Busy => Error::Unavailable("Too many Git requests are running. Try again.".to_owned()),
        GitError::TimedOut { .. } => Error::Unavailable("Git took too long. Try again.".to_owned()),
        other => Error::internal(other),
    }
}

impl Service {
    /// Listens for the questions of pushes' hooks on a socket in `folder`. Until then pushes are
    /// answered 503. Must run inside a tokio runtime, once.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub async fn start_hooks(&self, folder: &Path) -> Result<()> {
        let server = HookServer::bind(folder).await.map_err(git_fault)?;
        self.hook_slot().set(server).map_err(|_| Error::internal("the hooks are listened for already"))
    }

    pub(crate) fn hooks(&self) -> Result<&HookServer> {
        let unavailable = || Error::Unavailable("The server does not take pushes now. Try again.".to_owned());
        self.hook_slot().get().ok_or_else(unavailable)
    }
}
