//! Who may come and what they may come to.

use tessera_model::caller::{Caller, Via};
use tessera_model::error::{Error, Result};
use tessera_model::operation::{Row, Surface};
use tessera_model::policy::Subject;
use tessera_model::role::{self, Role};
use tessera_model::scope::{self, ScopeSet};
use tessera_model::session::{Gate, SessionFacts};
use tessera_model::time::Timestamp;
use tessera_model::token::{TokenFacts, TokenKind};
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::visibility::Visibility;

/// The project that is asked for.
pub(crate) const PROJECT: i64 = 7;
const OTHER_PROJECT: i64 = 8;

/// What a caller is to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Anonymous,
    Stranger,
    External,
    Member(Role),
    Admin,
    /// The bot of the object, with the role of its membership, if that is still there.
    OwnBot(Option<Role>),
    ForeignBot,
}

impl Who {
    /// Everybody, in the order in which the matrix shows them.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Anonymous, Self::Stranger, Self::External];
        all.extend(role::ALL.iter().map(|role| Self::Member(*role)));
        all.extend([Self::Admin, Self::ForeignBot, Self::OwnBot(None)]);
        all.extend(role::ALL.iter().map(|role| Self::OwnBot(Some(*role))));
        all
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Stranger => "stranger".to_owned(),
            Self::External => "external".to_owned(),
            Self::Member(role) => role.name().to_owned(),
            Self::Admin => "admin".to_owned(),
            Self::OwnBot(None) => "own bot without role".to_owned(),
            Self::OwnBot(Some(role)) => format!("own bot {}", role.name()),
            Self::ForeignBot => "foreign bot".to_owned(),
        }
    }

    pub(crate) fn role(self) -> Option<Role> {
        match self {
            Self::Member(role) => Some(role),
            Self::OwnBot(role) => role,
            _ => None,
        }
    }

    pub(crate) fn is_bot(self) -> bool {
        matches!(self, Self::OwnBot(_) | Self::ForeignBot)
    }

    /// The caller, with a session; `None` for bots, which have none.
    pub(crate) fn in_session(self, gate: Option<Gate>) -> Option<Caller> {
        if self.is_bot() {
            return None;
        }
        let facts = SessionFacts { id: 1, gate, has_message: false, is_stale: false };
        let caller = self.caller();
        let via = if caller.user.is_some() { Via::Session(facts) } else { Via::Anonymous };
        Some(Caller { via, ..caller })
    }

    /// The caller, with a token that carries every scope.
    pub(crate) fn caller(self) -> Caller {
        let all = ScopeSet::of(scope::ALL);
        match self {
            Self::Anonymous => Caller::ANONYMOUS,
            Self::OwnBot(_) => bot(PROJECT, all),
            Self::ForeignBot => bot(OTHER_PROJECT, all),
            _ => {
                let user = User { admin: self == Self::Admin, external: self == Self::External, ..person() };
                bearer(user, TokenKind::Personal, None, all)
            }
        }
    }
}

/// A caller with a token of this kind.
pub(crate) fn with_token(kind: TokenKind, scopes: ScopeSet, admin: bool) -> Caller {
    match kind {
        TokenKind::Project => bot(PROJECT, scopes),
        _ => bearer(User { admin, ..person() }, kind, None, scopes),
    }
}

fn bot(project: i64, scopes: ScopeSet) -> Caller {
    let user = User { kind: UserKind::ProjectBot, bot_project_id: Some(project), ..person() };
    bearer(user, TokenKind::Project, Some(project), scopes)
}

fn bearer(user: User, kind: TokenKind, project_id: Option<i64>, scopes: ScopeSet) -> Caller {
    Caller {
        user: Some(user),
        via: Via::Token(TokenFacts { id: 1, kind, scopes, project_id }),
        sudo_by: None,
    }
}

fn person() -> User {
    User {
        id: 5,
        username: "ada".to_owned(),
        name: "Ada".to_owned(),
        email: "ada@people.test".to_owned(),
        kind: UserKind::Human,
        state: UserState::Active,
        admin: false,
        external: false,
        can_create_group: true,
        projects_limit: 10,
        password_expired: false,
        two_factor: false,
        password_initial: false,
        private_profile: false,
        bio: String::new(),
        public_email: None,
        note: None,
        created_at: Timestamp(0),
        created_by_id: None,
        bot_project_id: None,
        last_activity_on: None,
        updated_at: Timestamp(0),
    }
}

/// Whether a row is about a group.
pub(crate) fn is_of_group(row: &Row) -> bool {
    row.surface != Surface::Git && row.path.starts_with("/groups/:")
}

/// Whether a row is about a project or group that has to be found first.
pub(crate) fn has_object(row: &Row) -> bool {
    let of_project = match row.surface {
        Surface::Rest => row.path.starts_with("/projects/:id"),
        Surface::Git => true,
        Surface::Ui => row.path.starts_with("/:path"),
    };
    of_project || is_of_group(row)
}

/// The object as a caller meets it.
pub(crate) fn subject(row: &Row, who: Who, visibility: Visibility, archived: bool) -> Subject {
    let group = is_of_group(row);
    // No bot is ever a member of a group.
    let role = who.role().filter(|_| !(group && who.is_bot()));
    Subject { project_id: (!group).then_some(PROJECT), visibility, archived, role }
}

/// A verdict as the matrix writes it.
pub(crate) fn verdict(result: Result<()>) -> String {
    let Err(error) = result else { return "ok".to_owned() };
    match error {
        Error::Unauthenticated(_) => "401".to_owned(),
        Error::InsufficientScope(named) => {
            let names: Vec<&str> = named.iter().map(|scope| scope.name()).collect();
            format!("403 needs {}", names.join(" "))
        }
        Error::Forbidden(_) => "403".to_owned(),
        Error::BadRequest(_) => "400".to_owned(),
        Error::NotFound(_) => "404".to_owned(),
        Error::MethodNotAllowed => "405".to_owned(),
        other => format!("{other:?}"),
    }
}
