//! Trying a code, and making recovery codes.

use serde_json::json;
use tessera_model::two_factor::{RECOVERY_CODES, RecoveryCode};
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{Guess, NOT_ENABLED, POLICY, audit, open};
use crate::{Tx, fault};

/// The refusal of a code; whether it was wrong, too old or used before makes no difference.
pub(super) fn wrong_code(tx: &Tx<'_>) -> Error {
    tx.refused_by(POLICY);
    Error::forbidden("Invalid two-factor code")
}

/// Takes the code of a device, or a recovery code; either works once.
///
/// # Errors
/// 403 for any other, 400 where there is no second factor.
pub(crate) fn take(tx: &mut Tx<'_>, user: &User, guess: &Guess) -> Result<()> {
    let factor = query::two_factor::factor(tx.conn, user.id).map_err(fault)?;
    let Some(sealed) = factor.sealed.filter(|_| user.two_factor) else {
        return Err(Error::bad_request(NOT_ENABLED));
    };
    if guess.user_id != user.id {
        return Err(wrong_code(tx));
    }
    let secret = open(tx, user.id, &sealed)?;
    if let Some(step) = secret.step_of(&guess.code, tx.now, factor.consumed) {
        let taken = query::two_factor::consume(tx.conn, user.id, step).map_err(fault)?;
        return if taken { Ok(()) } else { Err(wrong_code(tx)) };
    }
    let Some(code) = RecoveryCode::typed(&guess.code) else { return Err(wrong_code(tx)) };
    let digest = tx.core.keys.recovery.digest(user.id, &code);
    if !query::two_factor::use_code(tx.conn, user.id, digest).map_err(fault)? {
        return Err(wrong_code(tx));
    }
    let left = query::two_factor::codes_left(tx.conn, user.id).map_err(fault)?;
    audit(tx, "user.use_recovery_code", user, json!({ "left": left }))
}

/// Makes new recovery codes in place of all older ones.
pub(super) fn renew(tx: &mut Tx<'_>, user: &User) -> Result<Vec<RecoveryCode>> {
    query::two_factor::drop_codes(tx.conn, user.id).map_err(fault)?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = RecoveryCode::generate(&*tx.core.entropy)?;
        let digest = tx.core.keys.recovery.digest(user.id, &code);
        query::two_factor::add_code(tx.conn, user.id, digest).map_err(fault)?;
        codes.push(code);
    }
    Ok(codes)
}
