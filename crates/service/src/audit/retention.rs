//! The end of old records: whole seals go, the last of them stays as the anchor of the chain.

use serde_json::json;
use tessera_model::Result;
use tessera_model::audit::Seal;
use tessera_store::query;

use super::Event;
use crate::jobs::Run;
use crate::{Service, Tx, fault};

/// Seals removed in one transaction: a few thousand records at most.
const STEP: i64 = 20;
const DAY: i64 = 86_400;
/// The setting that says how many days records are kept; null: for ever.
const SETTING: &str = "audit_events_delete_after_days";

impl Service {
    /// Removes the records that are older than the setting allows. Each step is whole and leaves a chain that
    /// can be walked along.
    pub(crate) async fn retain_audit(&self, run: Run) -> Result<String> {
        let mut removed = 0;
        while let Some(count) = self.step(run, "audit retention", step).await? {
            removed += count;
        }
        Ok(format!("{removed} records removed"))
    }
}

/// One step; nothing when no seal is old enough.
fn step(tx: &mut Tx<'_>) -> Result<Option<u64>> {
    let Some(days) = tx.setting(SETTING)?.as_i64() else { return Ok(None) };
    let limit = tx.now.plus_seconds(-days.saturating_mul(DAY));
    let anchor = query::audit::anchor(tx.conn).map_err(fault)?;
    let seals = query::audit::seals(tx.conn, anchor.unwrap_or(0), STEP).map_err(fault)?;
    // A seal is as old as its youngest record can be.
    let old: Vec<Seal> = seals.into_iter().take_while(|seal| seal.sealed_at < limit).collect();
    let (Some(first), Some(last)) = (old.first(), old.last()) else { return Ok(None) };
    let code = tx.core.audit.key.anchor(last);
    let removed = query::audit::retain_after(tx.conn, last.number, code).map_err(fault)?;
    let details = json!({
        "seals": { "from": first.number, "to": last.number },
        "records": removed,
        "older_than": limit,
    });
    tx.audit(&Event {
        action: "audit.retention",
        target: ("audit", None, "audit"),
        project_id: None,
        details,
    })?;
    Ok(Some(removed))
}
