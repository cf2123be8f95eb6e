//! Bounded lanes for processes, first come, first served.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{GitError, Result};

/// Waits for a slot, at most `patience`.
pub(crate) async fn take(lane: &Arc<Semaphore>, patience: Duration) -> Result<OwnedSemaphorePermit> {
    match tokio::time::timeout(patience, Arc::clone(lane).acquire_owned()).await {
        Ok(Ok(slot)) => Ok(slot),
        // The lanes are never closed, so this is the time that ran out.
        Ok(Err(_)) | Err(_) => Err(GitError::Busy),
    }
}
