//! One row of the table and its builder.

use std::borrow::Cow;

use crate::ability::Ability;
use crate::scope::{self, Scope, ScopeSet};
use crate::session::Gate;
use crate::token::TokenKind;

/// An operation as a type, so that a check made for one cannot serve another.
pub trait Operation: Send + Sync + 'static {
    /// Its row.
    const ROW: Row;
}

/// The door through which an operation is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// REST API v4; paths are below `/api/v4`.
    Rest,
    /// Git over HTTP.
    Git,
    /// The pages of the site; sessions alone open them.
    Ui,
}

/// HTTP verbs of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET, and HEAD, which counts as GET everywhere.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether an operation only reads the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// It changes nothing.
    Read,
    /// It may change something.
    Write,
}

/// How the refusal of a caller who sees the object but lacks the role looks (semantics sheet 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// 403.
    Forbidden,
    /// 403 with a sentence.
    ForbiddenText(&'static str),
    /// 401 although the caller is known.
    Unauthorized,
    /// 400 with a sentence.
    BadRequest(&'static str),
    /// 400 whose sentence the use case writes, since it names both sides.
    BadRequestNamed,
    /// 404, as if the object were not there.
    NotFound,
}

/// Which kinds of tokens an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKinds {
    /// All.
    Any,
    /// A project's alone; another kind is answered 405.
    ProjectOnly,
    /// Whatever is no project's; a bot is refused 403.
    PersonalOnly,
    /// A person's own; bots, impersonation tokens and whoever acts through sudo are refused.
    OwnOnly,
}

/// One row: an operation, its door, and what it takes to pass.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The operation's name, that of its marker type.
    pub name: &'static str,
    /// The surface.
    pub surface: Surface,
    /// The verb.
    pub method: Method,
    /// The path with `:name` for its parameters.
    pub path: &'static str,
    /// Scopes of which a token needs one.
    pub scopes: ScopeSet,
    /// Scopes beside `api` and `read_api` that a refusal names.
    named: &'static [Scope],
    /// Whether every scope opens it.
    pub any_scope: bool,
    /// What the caller must be able to do to the subject.
    pub ability: Ability,
    /// Whether it can be asked without a credential.
    pub anonymous: bool,
    /// Which kinds of tokens it takes.
    pub kinds: TokenKinds,
    /// What a refusal looks like.
    pub refusal: Refusal,
    /// The word of "404 … Not Found".
    pub missing: &'static str,
    /// Whether it may change anything.
    pub access: Access,
    /// Whether its reads are a handful of look-ups by key, so short that handing them to another thread
    /// would cost more than doing them.
    pub brief: bool,
    /// The gates at which a session may stand and still come here.
    pub gates: &'static [Gate],
}

const READ: ScopeSet = ScopeSet::of(&[Scope::Api, Scope::ReadApi]);
const WRITE: ScopeSet = ScopeSet::of(&[Scope::Api]);

impl Row {
    const fn rest(method: Method, path: &'static str, scopes: ScopeSet, access: Access) -> Self {
        Self {
            name: "",
            surface: Surface::Rest,
            method,
            path,
            scopes,
            named: &[],
            any_scope: false,
            ability: Ability::Exist,
            anonymous: false,
            kinds: TokenKinds::Any,
            refusal: Refusal::Forbidden,
            missing: "",
            access,
            brief: false,
            gates: &[],
        }
    }

    /// A GET below `/api/v4`: `api` or `read_api` opens it.
    pub const fn get(path: &'static str) -> Self {
        Self::rest(Method::Get, path, READ, Access::Read)
    }

    /// A POST below `/api/v4`: `api` opens it.
    pub const fn post(path: &'static str) -> Self {
        Self::rest(Method::Post, path, WRITE, Access::Write)
    }

    /// A PUT below `/api/v4`: `api` opens it.
    pub const fn put(path: &'static str) -> Self {
        Self::rest(Method::Put, path, WRITE, Access::Write)
    }

    /// A PATCH below `/api/v4`: `api` opens it.
    pub const fn patch(path: &'static str) -> Self {
        Self::rest(Method::Patch, path, WRITE, Access::Write)
    }

    /// A DELETE below `/api/v4`: `api` opens it.
    pub const fn delete(path: &'static str) -> Self {
        Self::rest(Method::Delete, path, WRITE, Access::Write)
    }

    /// A Git service; the scopes are given whole.
    pub const fn git(method: Method, path: &'static str, scopes: ScopeSet, access: Access) -> Self {
        let row = Self::rest(method, path, scopes, access);
        Self { surface: Surface::Git, ..row }
    }

    const fn ui(method: Method, path: &'static str, access: Access) -> Self {
        let row = Self::rest(method, path, ScopeSet::EMPTY, access);
        Self { surface: Surface::Ui, ..row }
    }

    /// A page. In its path `:name` is one part, `:path` the path of a project or group with any number of parts, and
    /// `*name` all the rest.
    pub const fn page(path: &'static str) -> Self {
        Self::ui(Method::Get, path, Access::Read)
    }

    /// What a form is sent to; paths as in [`Row::page`].
    pub const fn form(path: &'static str) -> Self {
        Self::ui(Method::Post, path, Access::Write)
    }

    /// Sets the name; the `operations!` macro does it.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// What the caller must be able to do to the subject.
    #[must_use]
    pub const fn needs(self, ability: Ability) -> Self {
        Self { ability, ..self }
    }

    /// It can be asked without a credential; what is seen then depends on the subject.
    #[must_use]
    pub const fn anonymous(self) -> Self {
        Self { anonymous: true, ..self }
    }

    /// Scopes that open it beside those of its verb.
    #[must_use]
    pub const fn also(self, scopes: &'static [Scope]) -> Self {
        Self { scopes: self.scopes.union(ScopeSet::of(scopes)), named: scopes, ..self }
    }

    /// Scopes that open other verbs of the same class: a refusal names them too.
    #[must_use]
    pub const fn beside(self, named: &'static [Scope]) -> Self {
        Self { named, ..self }
    }

    /// Any scope opens it.
    #[must_use]
    pub const fn any_scope(self) -> Self {
        Self { scopes: ScopeSet::of(scope::ALL), any_scope: true, ..self }
    }

    /// Only a project access token has this operation.
    #[must_use]
    pub const fn project_tokens_only(self) -> Self {
        Self { kinds: TokenKinds::ProjectOnly, ..self }
    }

    /// Bots have no such operation.
    #[must_use]
    pub const fn no_bots(self) -> Self {
        Self { kinds: TokenKinds::PersonalOnly, ..self }
    }

    /// Only the person themselves has this operation, by a token of their own: neither bots nor whoever acts in a
    /// person's name.
    #[must_use]
    pub const fn own_tokens_only(self) -> Self {
        Self { kinds: TokenKinds::OwnOnly, ..self }
    }

    /// How a refusal looks.
    #[must_use]
    pub const fn refusing(self, refusal: Refusal) -> Self {
        Self { refusal, ..self }
    }

    /// The word of "404 … Not Found".
    #[must_use]
    pub const fn missing(self, missing: &'static str) -> Self {
        Self { missing, ..self }
    }

    /// A write that the database need not serialise with others: it reads there and acts elsewhere.
    #[must_use]
    pub const fn reading(self) -> Self {
        Self { access: Access::Read, ..self }
    }

    /// Its reads are a handful of look-ups by key, never a list: they may be done where the request is.
    #[must_use]
    pub const fn brief(self) -> Self {
        Self { brief: true, ..self }
    }

    /// A session that stands at one of these gates may come here.
    #[must_use]
    pub const fn at(self, gates: &'static [Gate]) -> Self {
        Self { gates, ..self }
    }

    /// The scopes that a refusal names: those of the door first, then `api read_api`.
    pub fn scopes_named(&self) -> Cow<'static, [Scope]> {
        let mut named = self.named.to_vec();
        for scope in [Scope::Api, Scope::ReadApi] {
            if !named.contains(&scope) {
                named.push(scope);
            }
        }
        Cow::Owned(named)
    }

    /// Whether a set of scopes opens this door.
    pub const fn is_opened_by(&self, scopes: ScopeSet) -> bool {
        self.any_scope || self.scopes.intersects(scopes)
    }

    /// Whether it takes tokens of this kind at all.
    pub fn takes(&self, kind: TokenKind) -> bool {
        match self.kinds {
            TokenKinds::Any => true,
            TokenKinds::ProjectOnly => kind == TokenKind::Project,
            TokenKinds::PersonalOnly => kind != TokenKind::Project,
            TokenKinds::OwnOnly => kind == TokenKind::Personal,
        }
    }
}
