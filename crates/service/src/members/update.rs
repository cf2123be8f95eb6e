//! Changing a member's role or end.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::role::Role;
use tessera_model::time::Date;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{Peopled, Shown, rules, shown};
use crate::audit::{Entity, Event};
use crate::{Authorized, Tx, fault};

/// Changes a member; `expires_on` of `None` leaves the end as it is, `Some(None)` takes it away.
///
/// # Errors
/// 404 for whoever is no direct member, 403 for bots (B5), for a group's last owner and for roles above the
/// caller's own, 400 for an end in the past.
pub fn update<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    user_id: i64,
    role: Role,
    expires_on: Option<Option<Date>>,
) -> Result<Shown> {
    let member = rules::direct::<S>(tx, place, user_id)?;
    let end = expires_on.unwrap_or(member.expires_on);
    rules::reaches(place.role(), member.role.max(role))?;
    if role != member.role || end != member.expires_on || member.user.is_bot() {
        rules::is_changeable::<S>(tx, place, &member)?;
    }
    if expires_on.is_some() {
        rules::not_past(tx, end)?;
    }
    query::members::update(tx.conn, member.id, role, end, tx.now).map_err(fault)?;
    tx.audit_of(
        Entity::Group(place.namespace().id),
        &Event {
            action: "member.update",
            target: ("user", Some(user_id), &member.user.username),
            project_id: place.project_id(),
            details: json!({
                "of": place.full_path(),
                "access_level": { "from": member.role.level(), "to": role.level() },
                "expires_at": { "from": member.expires_on, "to": end },
            }),
        },
    )?;
    let changed = stored::<S>(tx, place, user_id)?;
    shown(tx, vec![changed])?.pop().ok_or_else(|| Error::internal("a member was not shown"))
}

/// The membership as it is now, even if its end is today.
fn stored<S: Peopled>(tx: &mut Tx<'_>, place: &S, user_id: i64) -> Result<query::members::Member> {
    let found = query::members::find(tx.conn, place.place(), user_id).map_err(fault)?;
    found.ok_or_else(|| Error::internal("a member vanished while it was changed"))
}
