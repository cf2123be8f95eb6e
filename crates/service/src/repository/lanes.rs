//! Edits of one project one after another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tessera_model::{Error, Result};
use tokio::sync::{Mutex as Lane, OwnedMutexGuard};

/// How long an edit waits for those before it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Commits through the API begin at what a branch points at and would fail when another moves it meanwhile.
/// Waiting for each other, all of them succeed; against pushes, and between several servers, the
/// compare-and-swap decides alone.
#[derive(Default)]
pub(crate) struct Lanes {
    /// Those in use, by project.
    busy: Mutex<HashMap<i64, Arc<Lane<()>>>>,
}

impl Lanes {
    /// Waits until nobody else edits this project; the next may when the guard goes.
    ///
    /// # Errors
    /// When that takes too long.
    pub(super) async fn enter(&self, project_id: i64) -> Result<OwnedMutexGuard<()>> {
        let lane = {
            let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            busy.retain(|_, lane| Arc::strong_count(lane) > 1);
            Arc::clone(busy.entry(project_id).or_default())
        };
        let entered = tokio::time::timeout(PATIENCE, lane.lock_owned()).await;
        entered.map_err(|_| Error::Unavailable("The repository is busy. Try again.".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_nothing_left_behind() {
        let lanes = Arc::new(Lanes::default());
        let first = lanes.enter(1).await.unwrap();
        let other = lanes.enter(2).await.unwrap();
        let waiting = tokio::spawn({
            let lanes = Arc::clone(&lanes);
            async move { lanes.enter(1).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop((first, other));
        waiting.await.unwrap().unwrap();
        let _third = lanes.enter(3).await.unwrap();
        assert_eq!(lanes.busy.lock().unwrap().keys().collect::<Vec<_>>(), [&3]);
    }
}
