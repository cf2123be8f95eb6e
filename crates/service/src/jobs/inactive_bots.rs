//! Ends bots all of whose secrets have been dead for long (D11): as after a revocation, their records move to the
//! Ghost User. A bot with a live secret is never touched; each is looked at again in the transaction that ends it.

use tessera_model::{Error, Result};
use tessera_store::query;

use super::Run;
use crate::users::ghost;
use crate::{Service, Tx, fault};

const SETTING: &str = "inactive_resource_access_tokens_delete_after_days";

impl Service {
    pub(super) async fn end_inactive_bots(&self, run: Run) -> Result<String> {
        let (mut after, mut ended) = (0, 0);
        while let Some(bot) = self.step(run, "inactive bots", move |tx| end_one(tx, after)).await? {
            (after, ended) = (bot, ended + 1);
        }
        Ok(format!("{ended} bots ended"))
    }
}

/// Ends the first inactive bot after this number and returns its own.
fn end_one(tx: &mut Tx<'_>, after: i64) -> Result<Option<i64>> {
    let Some(days) = tx.setting(SETTING)?.as_i64() else { return Ok(None) };
    let cutoff = tx.now.plus_seconds(-days.saturating_mul(86_400));
    let Some(id) = query::retention::inactive_bot(tx.conn, after, cutoff).map_err(fault)? else {
        return Ok(None);
    };
    let bot = query::users::by_id(tx.conn, id).map_err(fault)?;
    ghost::remove(tx, &bot.ok_or_else(|| Error::internal("a bot vanished while it was ended"))?)?;
    Ok(Some(id))
}
