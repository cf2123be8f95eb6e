//! A person changes their own account.

use tessera_model::operation::Operation;
use tessera_model::user::User;
use tessera_model::{Error, Result};

use super::update::{self, Changes};
use crate::two_factor::Proof;
use crate::{Authorized, Tx};

/// What a person may change in their own account.
#[derive(Clone, Debug)]
pub struct OwnChanges {
    /// The unique name.
    pub username: String,
    /// The display name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Whether the address is shown to everyone.
    pub show_email: bool,
    /// What they say of themselves.
    pub bio: String,
    /// Whether others see only their name.
    pub private_profile: bool,
}

/// Whether the changes need the password: mails about tokens and the second factor go to the address, so that whoever
/// found a browser open must not lead them elsewhere.
pub fn needs_password(user: &User, changes: &OwnChanges) -> bool {
    user.email != changes.email
}

/// Changes the caller's own account.
///
/// # Errors
/// 403 for a new address without a proof of the password, else as [`update::update`].
pub fn update<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    changes: &OwnChanges,
    proof: Option<&Proof>,
) -> Result<User> {
    if needs_password(user, changes) {
        match proof {
            Some(proof) => drop(proof.check(tx, user)?),
            None => return Err(Error::Forbidden(None)),
        }
    }
    let public_email = if changes.show_email { changes.email.clone() } else { String::new() };
    let changes = Changes {
        username: Some(changes.username.clone()),
        name: Some(changes.name.clone()),
        email: Some(changes.email.clone()),
        public_email: Some(public_email),
        bio: Some(changes.bio.clone()),
        private_profile: Some(changes.private_profile),
        ..Changes::default()
    };
    update::update(tx, user, &changes, None)
}
