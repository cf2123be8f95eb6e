//! New recovery codes.

use serde_json::Value;
use tessera_model::operation::Operation;
use tessera_model::two_factor::RecoveryCode;
use tessera_model::user::User;
use tessera_model::{Error, Result};

use super::{Guess, Proof, audit, codes, disable};
use crate::{Authorized, Tx};

/// Makes new recovery codes for oneself; the old ones count no more.
///
/// # Errors
/// 403 for a wrong password or code, 400 where there is no second factor.
pub fn own<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    proof: &Proof,
    guess: &Guess,
) -> Result<Vec<RecoveryCode>> {
    proof.check(tx, user)?;
    codes::take(tx, user, guess)?;
    renew(tx, user)
}

/// Makes new recovery codes for somebody, by the operator.
///
/// # Errors
/// 400 where there is no second factor, 403 for anybody else.
pub fn by_operator<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
) -> Result<Vec<RecoveryCode>> {
    if !tx.caller.is_operator() {
        return Err(Error::Forbidden(None));
    }
    disable::must_be_on(user)?;
    renew(tx, user)
}

fn renew(tx: &mut Tx<'_>, user: &User) -> Result<Vec<RecoveryCode>> {
    let made = codes::renew(tx, user)?;
    audit(tx, "user.renew_recovery_codes", user, Value::Null)?;
    Ok(made)
}
