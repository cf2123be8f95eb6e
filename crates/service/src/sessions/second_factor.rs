//! The second step of signing in.

use tessera_model::operation::Operation;
use tessera_model::session::{Gate, SessionSecret};
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::begin::{open, signed_in};
use crate::two_factor::{Guess, take_code};
use crate::{Authorized, Tx, fault};

/// Takes the code of a device or a recovery code, and gives the session that is open from now on: one with another
/// secret than that of the first step.
///
/// # Errors
/// 403 for a wrong code, 400 where nothing waits for one.
pub fn pass_second_factor<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    guess: &Guess,
    user_agent: &str,
) -> Result<SessionSecret> {
    let waiting = super::of(&tx.caller)?;
    if waiting.gate != Some(Gate::SecondFactor) {
        return Err(Error::bad_request("This session waits for no second factor"));
    }
    let id = waiting.id;
    take_code(tx, user, guess)?;
    query::sessions::end(tx.conn, id).map_err(fault)?;
    let secret = open(tx, user.id, false, user_agent)?;
    signed_in(tx, "second factor")?;
    Ok(secret)
}
