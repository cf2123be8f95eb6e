//! Forgets sessions that have ended because nobody used them: they opened nothing any more.

use tessera_model::Result;
use tessera_store::query;

use super::Run;
use crate::sessions::idle_since;
use crate::{Service, fault};

/// Rows removed in one transaction.
const STEP: i64 = 500;

impl Service {
    pub(super) async fn forget_old_sessions(&self, run: Run) -> Result<String> {
        let seen = idle_since(run.now);
        let mut forgotten = 0;
        loop {
            let went = self.step(run, "old sessions", move |tx| {
                query::sessions::remove_old(tx.conn, seen, STEP).map_err(fault)
            });
            match went.await? {
                0 => return Ok(format!("{forgotten} sessions forgotten")),
                some => forgotten += some,
            }
        }
    }
}
