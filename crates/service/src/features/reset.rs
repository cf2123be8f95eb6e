//! Taking back what was set of a flag, for everyone or for one actor: then what stands behind it counts again (D13).

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_store::query;

use super::set::gates;
use super::{Flag, KEPT_OUT};
use crate::audit::Event;
use crate::feature::{gate, opt_out};
use crate::{Authorized, Tx, fault};

/// Takes back what was set for everyone, where no actor is named, or for this actor. Overrides of actors stay when the
/// global value goes. What was never set changes nothing.
///
/// # Errors
/// When the database does not answer.
pub fn reset<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    name: &str,
    actor: Option<&str>,
) -> Result<Flag> {
    let before = gates(tx, name)?;
    match actor {
        Some(actor) => {
            let all = [
                (gate::ACTORS, actor.to_owned()),
                (gate::ACTORS, opt_out(actor)),
                (KEPT_OUT, actor.to_owned()),
            ];
            for (kind, value) in all {
                query::features::remove_gate(tx.conn, name, kind, &value).map_err(fault)?;
            }
        }
        None => {
            for kind in [gate::BOOLEAN, gate::PERCENTAGE_OF_ACTORS, gate::PERCENTAGE_OF_TIME, gate::GROUPS] {
                query::features::clear_gate(tx.conn, name, kind).map_err(fault)?;
            }
        }
    }
    let after = gates(tx, name)?;
    if before != after {
        let targets: Vec<&str> = actor.into_iter().collect();
        let details =
            json!({ "value": "default", "targets": targets, "gates": { "from": before, "to": after } });
        tx.audit(&Event {
            action: "feature.set",
            target: ("feature", None, name),
            project_id: None,
            details,
        })?;
    }
    super::read(tx, name)
}
