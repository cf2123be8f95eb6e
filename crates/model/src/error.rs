//! The one error of the domain. It speaks of tokens, scopes and objects; each surface renders it
//! in its own protocol's form.

use std::borrow::Cow;

use crate::scope::Scope;
use crate::session::Gate;

/// The result of a rule or a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request was refused or could not be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller is nobody, or its credential is not good.
    #[error("not authenticated: {0:?}")]
    Unauthenticated(Unauthenticated),
    /// The token is good but its scopes do not open this door; the scopes that would are named.
    #[error("insufficient scope")]
    InsufficientScope(Cow<'static, [Scope]>),
    /// A Bearer header and a token parameter in one request (RFC 6750 section 2).
    #[error("two carriers of a token at once")]
    TwoCarriers,
    /// Parameters of the wrong form; the text lists them all.
    #[error("parameters: {0}")]
    Parameters(String),
    /// Fields whose values break a rule, with what is wrong in each.
    #[error("invalid: {0:?}")]
    Invalid(Vec<(&'static str, String)>),
    /// The request cannot be served as asked; the text tells why.
    #[error("bad request: {0:?}")]
    BadRequest(Option<String>),
    /// A service refused, in its own words, without a status in the text.
    #[error("refused: {0}")]
    Refused(String),
    /// The object does not exist, or the caller may not know that it does. The text is the
    /// object's name as GitLab writes it: `Project`, `User`, `Group`, or empty.
    #[error("not found: {0}")]
    NotFound(Cow<'static, str>),
    /// The caller may see the object but not do this with it.
    #[error("forbidden: {0:?}")]
    Forbidden(Option<String>),
    /// This kind of credential has no such operation.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Keyset pagination where there is none.
    #[error("{0}")]
    Keyset(String),
    /// It exists already, or changed meanwhile.
    #[error("conflict: {0}")]
    Conflict(String),
    /// Well-formed, permitted, and still impossible.
    #[error("unprocessable: {0}")]
    Unprocessable(String),
    /// The same, where the door says "error" instead of "message".
    #[error("not acceptable: {0}")]
    NotAcceptable(String),
    /// `If-Unmodified-Since` lies before the last change.
    #[error("precondition failed")]
    PreconditionFailed,
    /// The body is larger than this door takes.
    #[error("too large")]
    TooLarge,
    /// The body's content type is not one that this door reads.
    #[error("unsupported content type {0}")]
    UnsupportedType(String),
    /// Too many attempts; the number of seconds after which to try again.
    #[error("too many requests")]
    TooMany(u64),
    /// The server cannot serve this now; trying again later helps.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A fault of the server; its text goes to the log, never to the caller.
    #[error("internal error: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a caller counts as nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthenticated {
    /// No credential came, and the operation needs one.
    Missing,
    /// The credential matches nothing.
    Unknown,
    /// The token's date has come (D10).
    Expired,
    /// The token was revoked.
    Revoked,
    /// An impersonation token while impersonation is switched off.
    ImpersonationOff,
    /// The password is right, but the account has a second factor, or had to have one by now: a token does.
    TwoFactor,
    /// It matches nothing, and this door takes tokens only.
    PasswordsOff,
    /// The caller is known, but this operation answers its refusal as "401" (semantics sheet 1.2).
    NotPermitted,
    /// A session must pass this gate first; pages alone answer so.
    Gate(Gate),
}

impl Error {
    /// "404 Project Not Found" and its like.
    pub fn missing(what: &'static str) -> Self {
        Self::NotFound(Cow::Borrowed(what))
    }

    /// "404 Not found", with a small f, as GitLab answers where a look-up of a row fails.
    pub fn missing_record() -> Self {
        Self::missing(Self::RECORD)
    }

    /// The word that stands for [`Error::missing_record`].
    pub const RECORD: &'static str = "record";

    /// 400 with a reason in GitLab's form "400 Bad request - …".
    pub fn bad_request(reason: impl Into<String>) -> Self {
        Self::BadRequest(Some(reason.into()))
    }

    /// 403 with a reason in GitLab's form "403 Forbidden - …".
    pub fn forbidden(reason: impl Into<String>) -> Self {
        Self::Forbidden(Some(reason.into()))
    }

    /// One field with one complaint.
    pub fn invalid(field: &'static str, text: impl Into<String>) -> Self {
        Self::Invalid(vec![(field, text.into())])
    }

    /// A fault of the server.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<crate::secret::EntropyError> for Error {
    fn from(error: crate::secret::EntropyError) -> Self {
        Self::internal(error)
    }
}
