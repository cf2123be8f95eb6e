//! Turning a second factor off.

use serde_json::{Value, json};
use tessera_model::operation::Operation;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{Guess, NOT_ENABLED, Proof, audit, codes, must_be_person};
use crate::mail::two_factor_changed::{self, Change};
use crate::{Authorized, Tx, fault};

/// Turns one's own off.
///
/// # Errors
/// 403 for a wrong password or code, 400 where there is none.
pub fn own<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    proof: &Proof,
    guess: &Guess,
) -> Result<()> {
    proof.check(tx, user)?;
    codes::take(tx, user, guess)?;
    turn_off(tx, user, Value::Null)
}

/// Takes a user's away, for an administrator or the operator: the person has lost device and recovery codes.
///
/// # Errors
/// 400 where there is none; 403 for that of an administrator, which the operator alone takes away.
pub fn of_user<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>) -> Result<()> {
    if user.admin && !tx.caller.is_operator() {
        return Err(Error::forbidden(
            "Two-factor authentication for admins cannot be disabled via the API. Use the Rails console",
        ));
    }
    must_be_on(user)?;
    turn_off(tx, user, json!({ "reset": true }))
}

/// Whether there is one that could be turned off, so that no password is tried in vain.
///
/// # Errors
/// 400 where there is none.
pub fn must_be_on(user: &User) -> Result<()> {
    must_be_person(user)?;
    if user.two_factor { Ok(()) } else { Err(Error::bad_request(NOT_ENABLED)) }
}

fn turn_off(tx: &mut Tx<'_>, user: &User, details: Value) -> Result<()> {
    query::two_factor::disable(tx.conn, user.id).map_err(fault)?;
    audit(tx, "user.disable_two_factor", user, details)?;
    two_factor_changed::tell(tx, Change::Disabled, user)
}
