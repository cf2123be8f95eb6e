//! Where somebody is signed in, and ending that.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{Shown, WHOLE, idle_since, of};
use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// The sessions of the caller, the last used first, and the number of the one that asks.
///
/// # Errors
/// 401 for a caller without a session.
pub fn own<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
) -> Result<(Vec<Shown>, i64)> {
    let current = of(&tx.caller)?.id;
    let begun = tx.now.plus_seconds(-WHOLE);
    let all = query::sessions::of_user(tx.conn, user.id, idle_since(tx.now), begun).map_err(fault)?;
    Ok((all, current))
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// 404 where there is none of this number.
pub fn end<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>, id: i64) -> Result<()> {
    if !query::sessions::end_one(tx.conn, user.id, id).map_err(fault)? {
        return Err(Error::missing("Session"));
    }
    ended(tx, user, json!({ "sessions": 1 }))
}

/// Ends all of the caller's sessions but the one that asks; returns how many.
///
/// # Errors
/// 401 for a caller without a session.
pub fn end_others<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>) -> Result<u64> {
    let current = of(&tx.caller)?.id;
    let ended_now = query::sessions::end_others(tx.conn, user.id, current).map_err(fault)?;
    if ended_now > 0 {
        ended(tx, user, json!({ "sessions": ended_now }))?;
    }
    Ok(ended_now)
}

/// Signs the caller out here.
///
/// # Errors
/// 401 for a caller without a session.
pub fn sign_out<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>) -> Result<()> {
    let current = of(&tx.caller)?.id;
    query::sessions::end(tx.conn, current).map_err(fault)?;
    ended(tx, user, json!({}))
}

fn ended(tx: &mut Tx<'_>, user: &User, details: serde_json::Value) -> Result<()> {
    tx.audit(&Event {
        action: "user.sign_out",
        target: ("user", Some(user.id), &user.username),
        project_id: None,
        details,
    })
}
