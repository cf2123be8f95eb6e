//! Mails to a person whose second factor was turned on or off, in the transaction that did it.

use tessera_model::Result;
use tessera_model::user::User;

use super::letter::Letter;
use super::token_lines::minute;
use super::{people, queue};
use crate::Tx;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It was turned on.
    Enabled,
    /// It was turned off.
    Disabled,
}

/// Tells the person.
pub(crate) fn tell(tx: &mut Tx<'_>, change: Change, user: &User) -> Result<()> {
    let Some(person) = people::reachable(tx, user.id)? else { return Ok(()) };
    let when = minute(tx.now);
    let by = match tx.meta.surface {
        Some(_) => format!("{}, from {}", tx.actor(), tx.meta.address),
        None => "whoever operates the server".to_owned(),
    };
    let (verb, meaning) = match change {
        Change::Enabled => (
            "enabled",
            "From now on the password alone opens nothing: Git takes an access token in its place. Tokens work as before. \
             Keep the recovery codes where you find them without the device.",
        ),
        Change::Disabled => {
            ("disabled", "The password alone opens the account again, and the recovery codes count no more.")
        }
    };
    let letter = Letter {
        to: person.name.clone(),
        news: format!("The two-factor authentication of your account was {verb} on {when} by {by}."),
        items: Vec::new(),
        advice: vec![
            meaning.to_owned(),
            "If this was not you, ask an administrator, and change your password.".to_owned(),
        ],
        link: format!("{}/-/profile/account", tx.core.external_url),
        reason: format!(
            "You get this mail because you have the account {} on {}.",
            person.username,
            tx.core.host()
        ),
    };
    queue(tx, &person, &format!("Two-factor authentication {verb}"), &letter)
}
