//! Forgets what was sent to web hooks: the list of calls after a week, the marks of what was told when no window before
//! the end of a token is still open that they could stand for.

use tessera_model::Result;
use tessera_store::query;

use super::Run;
use crate::web_hooks::LISTED;
use crate::{Service, fault};

/// Days for which marks are kept; the farthest window is sixty days wide.
const MARKS: i64 = 90;
/// Rows removed in one transaction.
const STEP: i64 = 500;

impl Service {
    pub(super) async fn forget_old_calls(&self, run: Run) -> Result<String> {
        let before = |days: i64| run.now.plus_seconds(-days * 86_400);
        let (events, marks) = (before(LISTED), before(MARKS));
        let mut forgotten = 0;
        loop {
            let went = self.step(run, "old calls", move |tx| {
                let gone = query::web_hook_events::forget(tx.conn, events, STEP).map_err(fault)?;
                Ok(gone + query::web_hook_deliveries::forget(tx.conn, marks, STEP).map_err(fault)?)
            });
            match went.await? {
                0 => return Ok(format!("{forgotten} records forgotten")),
                some => forgotten += some,
            }
        }
    }
}
