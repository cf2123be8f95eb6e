//! Setting up a second factor.

use serde_json::Value;
use tessera_model::operation::Operation;
use tessera_model::two_factor::OtpSecret;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{Proof, audit, must_be_person, seal};
use crate::{Authorized, Tx, fault};

/// How long a new secret waits for its first code, in seconds.
const WAITS: i64 = 3600;
const ALREADY: &str = "Two-factor authentication is already enabled for this user";

/// Judges whether a second factor can be set up, so that no password is tried in vain.
///
/// # Errors
/// 403 for whoever is no person, 400 where it is on already.
pub fn check(user: &User) -> Result<()> {
    must_be_person(user)?;
    if user.two_factor { Err(Error::bad_request(ALREADY)) } else { Ok(()) }
}

/// Makes a secret for a device, in place of one that waits. Nothing changes for the account until a code of it is
/// confirmed.
///
/// # Errors
/// As [`check`], and 403 without a proof.
pub fn start<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    proof: &Proof,
) -> Result<OtpSecret> {
    check(user)?;
    proof.check(tx, user)?;
    let secret = OtpSecret::generate(&*tx.core.entropy)?;
    let sealed = seal(tx, user.id, &secret)?;
    let until = tx.now.plus_seconds(WAITS);
    if !query::two_factor::start(tx.conn, user.id, sealed, until).map_err(fault)? {
        return Err(Error::bad_request(ALREADY));
    }
    audit(tx, "user.start_two_factor", user, Value::Null)?;
    Ok(secret)
}

/// The URI by which a device learns the secret.
pub fn provisioning_uri(tx: &Tx<'_>, user: &User, secret: &OtpSecret) -> zeroize::Zeroizing<String> {
    secret.uri(tx.core.host(), &user.email)
}
