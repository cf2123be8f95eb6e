//! Somebody, as lists and records name them.

use tessera_model::user::{User, UserKind, UserState};

use super::frame::initials;

/// A person, a bot or the Ghost User.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) name: String,
    pub(crate) username: String,
    /// One or two letters for the picture.
    pub(crate) initials: String,
    /// The colour of the picture, 0 to 5.
    pub(crate) hue: i64,
    pub(crate) bot: bool,
    /// Whether it stands for accounts that are gone.
    pub(crate) ghost: bool,
    pub(crate) blocked: bool,
}

impl Who {
    /// How pages name this user.
    pub(crate) fn of(user: &User) -> Self {
        Self {
            name: user.name.clone(),
            username: user.username.clone(),
            initials: initials(&user.name),
            hue: user.id.rem_euclid(6),
            bot: user.is_bot(),
            ghost: user.kind == UserKind::Ghost,
            blocked: user.state == UserState::Blocked,
        }
    }
}
