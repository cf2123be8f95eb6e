//! One user.

use tessera_model::operation::Operation;
use tessera_model::user::{User, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::sight::{self, Seen};
use crate::{Authorized, Tx, fault};

/// One user, as the caller sees it. Whoever is not signed in sees none.
///
/// # Errors
/// 403 for whoever is not signed in.
pub fn get<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: Authorized<'tx, Op, User>) -> Result<Seen> {
    sight::one(tx, user.into_inner())
}

/// Refuses whoever is not signed in, before anything is looked up.
///
/// # Errors
/// 403.
pub fn must_be_somebody(tx: &Tx<'_>) -> Result<()> {
    if tx.caller.is_anonymous() { Err(Error::forbidden("Not authorized!")) } else { Ok(()) }
}

/// The user whom a route names by number or username.
///
/// # Errors
/// 404 when there is none.
pub fn named<'tx, Op: Operation>(tx: &mut Tx<'tx>, name: &str) -> Result<Authorized<'tx, Op, User>> {
    let id = match name.parse() {
        Ok(id) if name.bytes().all(|byte| byte.is_ascii_digit()) => Some(id),
        _ => {
            let found = query::users::by_username(tx.conn, name).map_err(fault)?;
            found.filter(|user| user.state != UserState::Ghosted).map(|user| user.id)
        }
    };
    // Nobody has the number 0: the answer, and who gets which, is that of a user who is not there.
    tx.user::<Op>(id.unwrap_or(0))
}

/// The caller.
///
/// # Errors
/// 404 for whoever operates the server without being a user.
pub fn current(tx: &Tx<'_>) -> Result<User> {
    tx.caller.user.clone().ok_or_else(|| Error::missing("User"))
}

/// The user of this username, whatever its case.
///
/// # Errors
/// 404 when there is none.
pub fn by_username<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    username: &str,
) -> Result<Authorized<'tx, Op, User>> {
    let found = query::users::by_username(tx.conn, username).map_err(fault)?;
    // Nobody has the number 0.
    tx.user::<Op>(found.map_or(0, |user| user.id))
}
