//! Making personal and impersonation tokens: by an administrator, by the user for itself with the
//! few scopes that GitLab allows there, by the operator with a string of their own (U8, U12, D17).

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::secret::PlainToken;
use tessera_model::time::Date;
use tessera_model::token::TokenKind;
use tessera_model::user::{User, UserKind};
use tessera_model::{Error, Result};

use super::Minted;
use super::rules::{self, Draft, Lifetime};
use crate::audit::{Entity, Event};
use crate::mail::token_changed::{Change, tell};
use crate::{Authorized, Tx, authenticate};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The token's name.
    pub name: String,
    /// A remark.
    pub description: Option<String>,
    /// What it shall open.
    pub scopes: ScopeSet,
    /// Its end.
    pub expires_on: Option<Date>,
    /// Whether it is an impersonation token.
    pub impersonation: bool,
}

/// The scopes that a user may give to a token of their own through the API.
pub const OWN_SCOPES: &[Scope] = &[Scope::SelfRotate];

/// Makes a token for a user.
///
/// # Errors
/// [`Error::Refused`] when such a user gets no token or the caller bears an impersonation token, [`Error::Invalid`]
/// with the fields.
pub fn create<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    wanted: &Wanted,
    given: Option<&PlainToken>,
) -> Result<Minted> {
    // A bot has the secrets of its project's token and no others; who stands in for somebody leaves nothing behind
    // that opens as them when that is over (L16).
    let stands_in = tx.caller.token().is_some_and(|token| token.kind == TokenKind::Impersonation);
    if user.kind != UserKind::Human || stands_in {
        return Err(Error::Refused("Not permitted to create".to_owned()));
    }
    let expires_on = check(tx, user, wanted)?;
    let given = given.map(|value| accept(tx, value)).transpose()?;
    let kind = if wanted.impersonation { TokenKind::Impersonation } else { TokenKind::Personal };
    let draft = Draft {
        kind,
        user: (user.id, &user.username),
        project_id: None,
        name: &wanted.name,
        description: wanted.description.as_deref(),
        scopes: wanted.scopes,
        role: None,
        expires_on,
        previous: None,
    };
    let minted = rules::store(tx, &draft, given)?;
    tx.audit_of(Entity::User(user.id), &Event {
        action: "token.create",
        target: ("token", Some(minted.token.id), &wanted.name),
        project_id: None,
        details: json!({
            "kind": kind.name(), "user": user.username, "scopes": wanted.scopes.names(), "expires_at": expires_on,
        }),
    })?;
    tell(tx, Change::Created, &minted.token)?;
    Ok(minted)
}

/// Makes a personal token for a user, by an administrator (semantics sheet 3.3): complaints are sentences.
///
/// # Errors
/// 422 with what is wrong.
pub fn by_administrator<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    wanted: &Wanted,
) -> Result<Minted> {
    create(tx, user, wanted, None).map_err(as_sentences)
}

/// Makes a personal token for the caller, until tomorrow unless another end is asked for.
///
/// # Errors
/// 422 with what is wrong.
pub fn own<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
) -> Result<Minted> {
    let user = tx.caller.user_id().ok_or(Error::Forbidden(None))?;
    let user = tx.user::<Op>(user)?;
    let end = wanted.expires_on.unwrap_or_else(|| tx.today().plus_days(1));
    create(tx, &user, &Wanted { expires_on: Some(end), ..wanted.clone() }, None).map_err(as_sentences)
}

/// The service's own refusals, as the routes of personal tokens answer them.
fn as_sentences(error: Error) -> Error {
    match error {
        Error::Refused(text) => Error::Unprocessable(text),
        Error::Invalid(complaints) => Error::Unprocessable(rules::sentence(&complaints)),
        other => other,
    }
}

fn check(tx: &mut Tx<'_>, user: &User, wanted: &Wanted) -> Result<Option<Date>> {
    let policy = Lifetime::read(tx)?;
    let today = tx.today();
    let expires_on = wanted.expires_on.or_else(|| policy.default_end(today));
    let mut complaints = rules::complaints(&wanted.name, wanted.description.as_deref(), wanted.scopes);
    let above_user = !user.admin && wanted.scopes.iter().any(Scope::is_administrative);
    if above_user || !rules::may_give(&tx.caller, wanted.scopes) {
        tx.refused_by("scopes_beyond_own");
        complaints.push(("scopes", "can only contain available scopes".to_owned()));
    }
    if let Some(complaint) = rules::complaint_on_end(tx, policy, expires_on) {
        complaints.push(("expires_at", complaint));
    }
    if complaints.is_empty() { Ok(expires_on) } else { Err(Error::Invalid(complaints)) }
}

/// A string that the operator gives: of the right form, and never used before, since a string once
/// revoked is never revived (D17).
fn accept(tx: &mut Tx<'_>, value: &PlainToken) -> Result<PlainToken> {
    let prefix = tx.setting("personal_access_token_prefix")?;
    if let Some(why) = value.refusal_as_given(prefix.as_str().unwrap_or_default()) {
        return Err(Error::invalid("value", why));
    }
    if authenticate::find(tx.conn, tx.core, value)?.is_some() {
        return Err(Error::invalid("value", "was given to a token before; a string is used once"));
    }
    Ok(PlainToken::new(value.expose().to_owned()))
}
