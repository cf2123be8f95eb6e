//! The second factor of a person's account (U3): set up with a device, confirmed by its first code, asked for
//! beside the password from then on. Tokens stand for themselves: no factor and no enforcement stops one.

mod codes;
pub mod confirm;
pub mod disable;
pub mod recovery_codes;
pub mod start;
pub mod status;
pub mod waiting;

use serde_json::{Value, json};
use tessera_model::two_factor::Enforcement;
use tessera_model::user::{User, UserKind};
use tessera_model::{Error, Result};
use tessera_store::{Conn, DbError, query};
use zeroize::Zeroizing;

use crate::audit::Event;
use crate::request::Ask;
use crate::users::Password;
use crate::{Credential, Service, Tx, fault, settings};

pub(crate) use codes::take as take_code;
pub use tessera_model::two_factor::{OtpSecret, RecoveryCode};

/// The setting that asks everybody for a second factor.
pub(crate) const REQUIRED: &str = "require_two_factor_authentication";
const GRACE_HOURS: &str = "two_factor_grace_period";
const NOT_ENABLED: &str = "Two-factor authentication is not enabled for this user";
/// The name under which refusals for a wrong password or code stand in the audit log.
const POLICY: &str = "two_factor";

/// Seals the secret of a user's device: a row copied to another account opens nothing.
fn seal(tx: &Tx<'_>, user_id: i64, secret: &OtpSecret) -> Result<Vec<u8>> {
    tx.core.vault.seal(&place(user_id), secret.bytes(), &*tx.core.entropy)
}

/// Opens it again.
fn open(tx: &Tx<'_>, user_id: i64, sealed: &[u8]) -> Result<OtpSecret> {
    let place = place(user_id);
    let bytes = tx.core.vault.open(&place, sealed)?;
    OtpSecret::from_bytes(&bytes)
        .ok_or_else(|| Error::internal(format!("what is sealed for the {place} is no secret")))
}

fn place(user_id: i64) -> String {
    format!("second factor of user {user_id}")
}

/// That whoever asks knows the password of the account, or operates the server.
pub struct Proof(Proved);

enum Proved {
    Password { user_id: i64, hash: String },
    Operator,
}

impl Proof {
    /// The operator needs no password; for anybody else this proves nothing.
    pub const OPERATOR: Self = Self(Proved::Operator);

    /// Looks whether it still holds for this user; gives the hash of the password that proves it.
    pub(crate) fn check(&self, tx: &mut Tx<'_>, user: &User) -> Result<Option<String>> {
        match &self.0 {
            Proved::Operator if tx.caller.is_operator() => Ok(None),
            Proved::Operator => Err(wrong_password()),
            Proved::Password { user_id, hash } => {
                let known = query::two_factor::sign_in(tx.conn, user.id).map_err(fault)?;
                let holds = *user_id == user.id && known.password_hash.as_ref() == Some(hash);
                if holds { Ok(Some(hash.clone())) } else { Err(wrong_password()) }
            }
        }
    }
}

/// A code that is being tried, of a device or a recovery code. Its trial is counted already.
pub struct Guess {
    user_id: i64,
    code: Zeroizing<String>,
}

fn wrong_password() -> Error {
    Error::forbidden("You must provide a valid current password")
}

impl Service {
    /// Tries the password of the account that asks.
    ///
    /// # Errors
    /// 403 when it is another, 429 when there were too many that were.
    pub async fn prove(&self, ask: &Ask, user: &User, password: &Password) -> Result<Proof> {
        let tried = self.password(&user.username, password.expose().to_owned(), &ask.meta.address);
        match tried.await {
            Ok(Credential::Password { user_id, hash }) if user_id == user.id => {
                Ok(Proof(Proved::Password { user_id, hash }))
            }
            Ok(_) | Err(Error::Unauthenticated(_)) => {
                ask.refuse(POLICY);
                Err(wrong_password())
            }
            Err(other) => Err(other),
        }
    }

    /// Begins to try a code for an account.
    ///
    /// # Errors
    /// 429 when too many were wrong.
    pub fn guess(&self, user_id: i64, code: &str) -> Result<Guess> {
        self.guard().try_code(user_id, self.now()).map_err(Error::TooMany)?;
        Ok(Guess { user_id, code: Zeroizing::new(code.to_owned()) })
    }

    /// The code that was tried last for an account was right.
    pub fn guessed(&self, user_id: i64) {
        self.guard().code_fitted(user_id);
    }
}

/// What the instance asks of those who have no second factor.
pub(crate) fn enforcement(conn: &mut dyn Conn) -> Result<Enforcement, DbError> {
    let required = settings::value(conn, REQUIRED)?.as_bool().unwrap_or(false);
    let grace_hours = if required { settings::value(conn, GRACE_HOURS)?.as_i64().unwrap_or(0) } else { 0 };
    Ok(Enforcement { required, grace_hours })
}

fn must_be_person(user: &User) -> Result<()> {
    match user.kind {
        UserKind::Human => Ok(()),
        UserKind::ProjectBot | UserKind::Ghost => Err(Error::forbidden("only people have a second factor")),
    }
}

fn audit(tx: &mut Tx<'_>, action: &'static str, user: &User, details: Value) -> Result<()> {
    tx.audit(&Event {
        action,
        target: ("user", Some(user.id), &user.username),
        project_id: None,
        details: if details.is_null() { json!({}) } else { details },
    })
}
