//! Forgets lines of the ledger that are older than they are to be kept, some at a time.

use tessera_model::Result;
use tessera_store::query;

use super::Run;
use crate::ledger::LEDGER_DAYS;
use crate::{Service, fault};

const MINUTES_PER_DAY: i64 = 1440;
/// How many minutes of the ledger one step forgets.
const STEP: i64 = 60;

impl Service {
    pub(super) async fn forget_old_uses(&self, run: Run) -> Result<String> {
        let mut forgotten = 0;
        loop {
            let went = self.step(run, "old uses", |tx| {
                let days = tx.setting(LEDGER_DAYS)?.as_i64().unwrap_or(0);
                let before = tx.now.seconds().div_euclid(60) - days * MINUTES_PER_DAY;
                query::ledger::forget(tx.conn, before, STEP).map_err(fault)
            });
            match went.await? {
                0 => return Ok(format!("{forgotten} lines forgotten")),
                some => forgotten += some,
            }
        }
    }
}
