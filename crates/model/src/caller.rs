//! Who is asking, and by what right.

use crate::scope::{Scope, ScopeSet};
use crate::session::SessionFacts;
use crate::token::{TokenFacts, TokenKind};
use crate::user::User;

/// How a caller came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Without a credential.
    Anonymous,
    /// With a token.
    Token(TokenFacts),
    /// With a user name and password, on doors that take them.
    Password,
    /// With the cookie of a session, on pages.
    Session(SessionFacts),
    /// As whoever operates the server: the command line and the control socket.
    Operator,
}

/// The principal of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// On whose behalf the request runs; with sudo, the target.
    pub user: Option<User>,
    /// The credential.
    pub via: Via,
    /// The administrator behind a sudo: number and username.
    pub sudo_by: Option<(i64, String)>,
}

impl Caller {
    /// Nobody.
    pub const ANONYMOUS: Self = Self { user: None, via: Via::Anonymous, sudo_by: None };
    /// Whoever operates the server.
    pub const OPERATOR: Self = Self { user: None, via: Via::Operator, sudo_by: None };

    /// The token that was presented.
    pub fn token(&self) -> Option<&TokenFacts> {
        match &self.via {
            Via::Token(token) => Some(token),
            _ => None,
        }
    }

    /// The session that was presented.
    pub fn session(&self) -> Option<&SessionFacts> {
        match &self.via {
            Via::Session(session) => Some(session),
            _ => None,
        }
    }

    /// The number of the user, if there is one.
    pub fn user_id(&self) -> Option<i64> {
        self.user.as_ref().map(|user| user.id)
    }

    /// Whether nobody is known.
    pub fn is_anonymous(&self) -> bool {
        self.user.is_none() && self.via != Via::Operator
    }

    /// Whether the operator asks.
    pub fn is_operator(&self) -> bool {
        self.via == Via::Operator
    }

    /// Whether the caller has the rights of an administrator.
    pub fn is_admin(&self) -> bool {
        self.is_operator() || self.user.as_ref().is_some_and(|user| user.admin)
    }

    /// The one project to which the caller is fenced (D6), if it is a bot.
    pub fn fence(&self) -> Option<i64> {
        self.user.as_ref().filter(|user| user.is_bot()).map(|user| user.bot_project_id.unwrap_or(0))
    }

    /// Whether the caller is a bot, by its user or by the kind of its token.
    pub fn is_bot(&self) -> bool {
        self.fence().is_some() || self.token().is_some_and(|token| token.kind == TokenKind::Project)
    }

    /// Whether internal projects are open to it.
    pub fn sees_internal(&self) -> bool {
        self.is_admin() || self.user.as_ref().is_some_and(|user| !user.external && !user.is_bot())
    }

    /// The scopes that bound this request; `None`: nothing bounds them (sudo in effect, operator,
    /// password, session).
    pub fn scopes(&self) -> Option<ScopeSet> {
        match &self.via {
            Via::Token(token) if self.sudo_by.is_none() => Some(token.scopes),
            Via::Anonymous => Some(ScopeSet::EMPTY),
            _ => None,
        }
    }

    /// Whether the token carries a scope.
    pub fn has_scope(&self, scope: Scope) -> bool {
        self.token().is_some_and(|token| token.scopes.contains(scope))
    }
}
