//! `/admin/users`: people, bots and the Ghost User.

mod add;
mod change;
mod delete;
mod list;
mod one;

use tessera_model::Error;
use tessera_model::time::{Date, Timestamp};
use tessera_model::user::{User, UserKind, UserState};

use crate::ui::complaints::Complaints;
use crate::ui::frame::initials;
use crate::ui::when::{self, When};

const PATH: &str = "/admin/users";

/// A user as the pages of administrators show it.
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) initials: String,
    pub(crate) hue: i64,
    pub(crate) bot: bool,
    pub(crate) ghost: bool,
    pub(crate) person: bool,
    pub(crate) blocked: bool,
    pub(crate) admin: bool,
    pub(crate) external: bool,
    pub(crate) two_factor: bool,
    pub(crate) password_expired: bool,
    pub(crate) can_create_group: bool,
    pub(crate) projects_limit: i64,
    pub(crate) note: String,
    pub(crate) made: When,
    /// The day on which it was last seen; empty if it never was.
    pub(crate) seen: String,
    pub(crate) href: String,
}

impl Account {
    fn of(user: &User, now: Timestamp) -> Self {
        Self {
            username: user.username.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            initials: initials(&user.name),
            hue: user.id % 6,
            bot: user.kind == UserKind::ProjectBot,
            ghost: user.kind == UserKind::Ghost,
            person: user.kind == UserKind::Human,
            blocked: user.state == UserState::Blocked,
            admin: user.admin,
            external: user.external,
            two_factor: user.two_factor,
            password_expired: user.password_expired,
            can_create_group: user.can_create_group,
            projects_limit: user.projects_limit,
            note: user.note.clone().unwrap_or_default(),
            made: When::at(user.created_at, now),
            seen: user.last_activity_on.as_deref().and_then(Date::parse).map(when::day).unwrap_or_default(),
            href: path_of(&user.username),
        }
    }
}

/// The page of a user.
fn path_of(username: &str) -> String {
    format!("{PATH}/{username}")
}

/// What is wrong; a refusal that says why is shown with the form.
fn complaints(error: Error) -> Result<Complaints, Error> {
    match error {
        Error::Forbidden(Some(text)) => Ok(Complaints::saying("main", &text)),
        other => Complaints::of(other),
    }
}
