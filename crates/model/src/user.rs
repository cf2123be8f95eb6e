//! Users: people, bots and the Ghost User.

use crate::time::Timestamp;

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserKind {
    /// A person.
    Human,
    /// The bot of a project access token (B1).
    ProjectBot,
    /// The one Ghost User, who keeps the records of removed accounts (B7, D9).
    Ghost,
}

/// Whether an account may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserState {
    /// It may.
    Active,
    /// An administrator blocked it.
    Blocked,
    /// It is being removed; it shows as the Ghost User and may do nothing (D8).
    Ghosted,
}

impl UserKind {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::ProjectBot => "project_bot",
            Self::Ghost => "ghost",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Self {
        match name {
            "project_bot" => Self::ProjectBot,
            "ghost" => Self::Ghost,
            _ => Self::Human,
        }
    }
}

impl UserState {
    /// Its name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Ghosted => "ghosted",
        }
    }

    /// The state of this name; anything unknown may not act.
    pub fn parse(name: &str) -> Self {
        match name {
            "active" => Self::Active,
            "ghosted" => Self::Ghosted,
            _ => Self::Blocked,
        }
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub id: i64,
    /// Its unique name.
    pub username: String,
    /// Its display name.
    pub name: String,
    /// Its primary address.
    pub email: String,
    /// The kind of account.
    pub kind: UserKind,
    /// Whether it may act.
    pub state: UserState,
    /// Whether it administers the instance.
    pub admin: bool,
    /// Whether internal projects are closed to it.
    pub external: bool,
    /// Whether it may create groups.
    pub can_create_group: bool,
    /// How many personal projects it may own.
    pub projects_limit: i64,
    /// Whether its password must be changed before anything else works.
    pub password_expired: bool,
    /// Whether its password was made by the server at the first start: a session must change it, tokens need not care.
    pub password_initial: bool,
    /// Whether a second factor guards its password.
    pub two_factor: bool,
    /// Whether others see only its name.
    pub private_profile: bool,
    /// What it says of itself.
    pub bio: String,
    /// The address it shows to everyone.
    pub public_email: Option<String>,
    /// An administrator's remark.
    pub note: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by_id: Option<i64>,
    /// The project of a bot.
    pub bot_project_id: Option<i64>,
    /// The day on which it was last seen.
    pub last_activity_on: Option<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// Whether it is any kind of bot; clients read this as the field `bot`.
    pub fn is_bot(&self) -> bool {
        self.kind == UserKind::ProjectBot
    }

    /// Why this account may not use any door now, if so: the one predicate for every kind of
    /// credential (L12, L14). The text is GitLab's.
    pub fn barred(&self) -> Option<&'static str> {
        self.shut_out().or_else(|| {
            (self.kind == UserKind::Human && self.password_expired).then_some(
                "Your password expired. Please access GitLab from a web browser to update your password.",
            )
        })
    }

    /// The same, where a password that must be changed is no reason: a session stands at that gate (see
    /// [`Gate::NewPassword`](crate::session::Gate)).
    pub fn shut_out(&self) -> Option<&'static str> {
        match (self.kind, self.state) {
            (UserKind::Ghost, _) | (_, UserState::Ghosted) => {
                Some("This action cannot be performed by internal users")
            }
            (_, UserState::Blocked) => Some("Your account has been blocked."),
            (_, UserState::Active) => None,
        }
    }
}
