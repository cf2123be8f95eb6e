//! Forgetting a flag.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_store::query;

use super::set::gates;
use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// Forgets a flag with all its gates, so that its default counts again; one that was never set changes
/// nothing and is no error.
///
/// # Errors
/// When the database does not answer.
pub fn delete<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    name: &str,
) -> Result<()> {
    if !query::features::exists(tx.conn, name).map_err(fault)? {
        return Ok(());
    }
    let before = gates(tx, name)?;
    query::features::remove(tx.conn, name).map_err(fault)?;
    tx.audit(&Event {
        action: "feature.delete",
        target: ("feature", None, name),
        project_id: None,
        details: json!({ "gates": { "from": before, "to": [] } }),
    })
}
