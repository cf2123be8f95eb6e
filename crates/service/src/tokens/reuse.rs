//! A rotated secret is presented again: someone holds a copy (D22).

use serde_json::json;
use tessera_model::Result;
use tessera_store::query;

use crate::audit::{Entity, Event};
use crate::mail::token_changed::{Change, tell};
use crate::{Credential, Tx, authenticate, fault};

/// In whose name such tokens are revoked; no user can be called so.
pub(super) const ACTOR: &str = "token reuse";

/// Writes the reuse down and, as the setting says, revokes every token descended from the old one.
/// It kills secrets, never the bot. A request that was under way when the rotation happened is no
/// reuse: of several rotations at once one wins and its secret stays.
pub(crate) fn respond(tx: &mut Tx<'_>, credential: &Credential) -> Result<()> {
    let Credential::Token { token, .. } = credential else { return Ok(()) };
    let Some((token, _)) = authenticate::find(tx.conn, tx.core, token)? else { return Ok(()) };
    let revoked_at = query::tokens::revoked_at(tx.conn, token.id).map_err(fault)?;
    if !token.revoked || revoked_at.is_some_and(|at| at >= tx.meta.received_at) {
        return Ok(());
    }
    let live = query::tokens::live_descendants(tx.conn, token.id).map_err(fault)?;
    if live.is_empty() {
        return Ok(());
    }
    let response = tx.setting("token_reuse_response")?;
    let revoke = response != "audit_only";
    if revoke {
        for id in &live {
            query::tokens::revoke(tx.conn, *id, ACTOR, tx.now).map_err(fault)?;
            if let Some(revoked) = query::tokens::by_id(tx.conn, *id).map_err(fault)? {
                tell(tx, Change::Reused, &revoked)?;
            }
        }
    }
    tx.audit_of(
        Entity::User(token.bearer_id),
        &Event {
            action: "token.reuse",
            target: ("token", Some(token.id), &token.name),
            project_id: token.project_id,
            details: json!({ "user": token.bearer_username, "live": live, "revoked": revoke }),
        },
    )
}
