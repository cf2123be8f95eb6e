//! Users as whoever operates the server handles them: by their names, with passwords that count at once.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::operation::users::UpdateUser;
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::rules::{self, Complaints, Password};
use crate::audit::Event;
use crate::{Authorized, Service, Tx, fault, password};

/// The user of this name, or of this number where nobody has it as a name.
///
/// # Errors
/// 404 with the name when there is none.
pub fn named<'tx, Op: Operation>(tx: &mut Tx<'tx>, name: &str) -> Result<Authorized<'tx, Op, User>> {
    let found = query::users::by_username(tx.conn, name).map_err(fault)?;
    let id = found.filter(|user| user.state != UserState::Ghosted).map(|user| user.id);
    let id = id.or_else(|| name.parse().ok());
    // Nobody has the number 0.
    match tx.user::<Op>(id.unwrap_or(0)) {
        Err(Error::NotFound(_)) => Err(Error::NotFound(format!("User {name:?}").into())),
        other => other,
    }
}

/// Judges a new password, so that none is hashed that cannot be set.
///
/// # Errors
/// 403 for whoever is no person, 400 for a password that breaks the instance's rule.
pub fn check_password<'tx>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, UpdateUser, User>,
    password: &Password,
) -> Result<()> {
    if user.kind != UserKind::Human {
        return Err(Error::forbidden("only people have passwords"));
    }
    let mut complaints = Complaints::new();
    rules::check_password(tx, password, &mut complaints)?;
    if complaints.is_empty() { Ok(()) } else { Err(Error::Invalid(complaints)) }
}

/// Gives a user a password. Unlike one that an administrator sets through the API it need not be changed first:
/// the operator hands it over.
///
/// # Errors
/// As [`check_password`].
pub fn set_password<'tx>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, UpdateUser, User>,
    password: &Password,
    hash: &str,
) -> Result<()> {
    check_password(tx, user, password)?;
    query::users::set_password(tx.conn, user.id, hash, false, tx.now).map_err(fault)?;
    tx.audit(&Event {
        action: "user.reset_password",
        target: ("user", Some(user.id), &user.username),
        project_id: None,
        details: json!({}),
    })
}

impl Service {
    /// Makes a password for people to copy.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate_password(&self) -> Result<Password> {
        let text = password::generate(&*self.core().entropy)?;
        Ok(Password::new(text.as_str().to_owned()))
    }
}
