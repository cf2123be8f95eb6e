//! Removing a member, or leaving.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{Peopled, rules};
use crate::audit::{Entity, Event};
use crate::{Authorized, Tx, fault};

/// Removes a direct member. Whoever leaves by themselves needs no role; bots neither leave nor are removed
/// (B5, D6).
///
/// # Errors
/// 404 for whoever is no direct member, 403 for bots, a group's last owner, and whoever may not.
pub fn remove<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    user_id: i64,
) -> Result<()> {
    let member = rules::direct::<S>(tx, place, user_id)?;
    if tx.caller.user_id() != Some(user_id) {
        if !tx.role_gives(S::MANAGE, place.role()) {
            return Err(Error::Forbidden(None));
        }
        rules::reaches(place.role(), member.role)?;
    }
    rules::is_changeable::<S>(tx, place, &member)?;
    query::members::delete(tx.conn, member.id).map_err(fault)?;
    tx.audit_of(
        Entity::Group(place.namespace().id),
        &Event {
            action: "member.remove",
            target: ("user", Some(user_id), &member.user.username),
            project_id: place.project_id(),
            details: json!({ "of": place.full_path(), "access_level": member.role.level() }),
        },
    )
}
