//! Counts the ledger by days when they are over, for pages that draw a month of them: what a request writes down stays as
//! it is. Each run counts every day that none has counted, and the last one that was counted once more, since lines of
//! it may have come late. Counts are read away from the writer and then written in steps; a run that was cut is begun
//! anew and comes to the same.

use tessera_model::Result;
use tessera_store::query;
use tessera_store::query::token_days::KEPT;

use super::Run;
use crate::ledger::LEDGER_DAYS;
use crate::{Service, Trouble, Tx, fault};

/// Tokens whose days are written in one transaction.
const STEP: i64 = 200;
/// Where it stands which day was counted last, in days since 1970.
const COUNTED: &str = "token_days_counted";
const SECONDS_PER_DAY: i64 = 86_400;

impl Service {
    pub(super) async fn count_days_of_use(&self, run: Run) -> Result<String> {
        let today = run.now.seconds().div_euclid(SECONDS_PER_DAY);
        let Some(first) = self.step(run, "days of use", move |tx| first_day(tx, today)).await? else {
            return self.forget_days_of_use(run).await;
        };
        let (mut after, mut written) = (0, 0);
        loop {
            let counted = self.store().read(move |conn| {
                query::token_days::of_ledger(conn, after, STEP, first, today).map_err(Trouble::from)
            });
            let counted = counted.await.map_err(|trouble| trouble.0)?;
            let Some(last) = counted.last else { break };
            (after, written) = (last, written + counted.days.len());
            self.step(run, "days of use", move |tx| write(tx, &counted.days)).await?;
        }
        self.step(run, "days of use", move |tx| {
            query::instance::put(tx.conn, COUNTED, &(today - 1).to_string()).map_err(fault)
        })
        .await?;
        Ok(format!("{written} days of tokens counted"))
    }

    /// Where no ledger is kept, neither are counts of it.
    async fn forget_days_of_use(&self, run: Run) -> Result<String> {
        let mut forgotten = 0;
        loop {
            let went =
                self.step(run, "days of use", |tx| query::token_days::forget(tx.conn, STEP).map_err(fault));
            match went.await? {
                0 => return Ok(format!("the days of {forgotten} tokens forgotten")),
                some => forgotten += some,
            }
        }
    }
}

/// The first day that is to be counted; `None` where no ledger is kept.
fn first_day(tx: &mut Tx<'_>, today: i64) -> Result<Option<i64>> {
    if tx.setting(LEDGER_DAYS)?.as_i64().unwrap_or(0) == 0 {
        return Ok(None);
    }
    let counted = query::instance::get(tx.conn, COUNTED).map_err(fault)?;
    let oldest = today - i64::try_from(KEPT).unwrap_or(0);
    let counted = counted.and_then(|day| day.parse().ok()).unwrap_or(oldest);
    // A clock that was set back is behind what was counted.
    Ok(Some(counted.clamp(oldest, today - 1)))
}

fn write(tx: &mut Tx<'_>, counted: &[(i64, i64, query::token_days::Count)]) -> Result<()> {
    for of_token in counted.chunk_by(|one, next| one.0 == next.0) {
        let Some((token_id, ..)) = of_token.first() else { continue };
        let mut days = query::token_days::one(tx.conn, *token_id).map_err(fault)?;
        for (_, day, count) in of_token {
            days.take_in(*day, *count);
        }
        query::token_days::put(tx.conn, *token_id, &days).map_err(fault)?;
    }
    Ok(())
}
