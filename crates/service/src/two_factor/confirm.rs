//! Turning a second factor on.

use serde_json::Value;
use tessera_model::operation::Operation;
use tessera_model::two_factor::RecoveryCode;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{Guess, audit, codes, must_be_person, open};
use crate::mail::two_factor_changed::{self, Change};
use crate::{Authorized, Tx, fault};

/// Turns the second factor on whose device shows this code, and gives its recovery codes, which are told this once.
///
/// # Errors
/// 400 where no secret waits, 403 for a code of none.
pub fn confirm<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    guess: &Guess,
) -> Result<Vec<RecoveryCode>> {
    must_be_person(user)?;
    let factor = query::two_factor::factor(tx.conn, user.id).map_err(fault)?;
    let waits = !user.two_factor && factor.expires_at.is_some_and(|end| tx.now < end);
    let Some(sealed) = factor.sealed.filter(|_| waits) else {
        return Err(Error::bad_request("No second factor is waiting to be confirmed: start anew"));
    };
    let secret = open(tx, user.id, &sealed)?;
    let step = secret.step_of(&guess.code, tx.now, None).filter(|_| guess.user_id == user.id);
    let Some(step) = step else { return Err(codes::wrong_code(tx)) };
    query::two_factor::enable(tx.conn, user.id, step).map_err(fault)?;
    let recovery = codes::renew(tx, user)?;
    audit(tx, "user.enable_two_factor", user, Value::Null)?;
    two_factor_changed::tell(tx, Change::Enabled, user)?;
    Ok(recovery)
}
