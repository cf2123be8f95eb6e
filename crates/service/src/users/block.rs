//! Blocking a user and letting them in again.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{rules, seats};
use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// What a call to block came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// The user is blocked now.
    Now,
    /// The user was blocked before.
    Before,
    /// The user is the server's own, and nothing was changed.
    Internal,
}

/// Blocks a user: from this moment none of its tokens opens anything.
///
/// # Errors
/// 403 for oneself and for the last administrator.
pub fn block<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>) -> Result<Blocked> {
    if tx.caller.user_id() == Some(user.id) {
        return Err(Error::forbidden("The API initiating user cannot be blocked by the API"));
    }
    if user.state == UserState::Blocked {
        return Ok(Blocked::Before);
    }
    if user.kind == UserKind::Ghost {
        return Ok(Blocked::Internal);
    }
    if rules::is_last_administrator(tx, user)? {
        return Err(Error::forbidden("The last administrator cannot be blocked"));
    }
    set(tx, user, UserState::Blocked, "user.block")?;
    Ok(Blocked::Now)
}

/// Lets a blocked user in again; `false` for one who was not blocked.
///
/// # Errors
/// 403 for a person where all seats are taken.
pub fn unblock<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>) -> Result<bool> {
    if user.state != UserState::Blocked {
        return Ok(false);
    }
    if user.kind == UserKind::Human {
        seats::must_be_free(tx)?;
    }
    set(tx, user, UserState::Active, "user.unblock")?;
    Ok(true)
}

fn set(tx: &mut Tx<'_>, user: &User, state: UserState, action: &'static str) -> Result<()> {
    query::users::set_state(tx.conn, user.id, state, tx.now).map_err(fault)?;
    tx.audit(&Event {
        action,
        target: ("user", Some(user.id), &user.username),
        project_id: user.bot_project_id,
        details: json!({}),
    })
}
