//! Forgets mails that were accepted long ago.

use tessera_model::Result;
use tessera_store::query;

use super::Run;
use crate::{Service, fault};

/// Days for which a mail that was accepted is kept, so that it can be looked up.
const KEPT: i64 = 30;
/// Mails removed in one transaction.
const STEP: i64 = 500;

impl Service {
    pub(super) async fn forget_sent_mails(&self, run: Run) -> Result<String> {
        let before = run.now.plus_seconds(-KEPT * 86_400);
        let mut forgotten = 0;
        loop {
            let some = self
                .step(run, "sent mails", move |tx| query::mails::forget(tx.conn, before, STEP).map_err(fault))
                .await?;
            if some == 0 {
                return Ok(format!("{forgotten} mails forgotten"));
            }
            forgotten += some;
        }
    }
}
