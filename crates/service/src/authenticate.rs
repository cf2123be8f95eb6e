//! From what was presented to who is asking: one look-up, one judgement, for every door.

use tessera_model::caller::{Caller, Via};
use tessera_model::error::Unauthenticated;
use tessera_model::operation::Surface;
use tessera_model::scope::Scope;
use tessera_model::secret::{Digest, PlainToken};
use tessera_model::session::SessionSecret;
use tessera_model::time::Timestamp;
use tessera_model::token::{Death, Token, TokenFacts, TokenKind, death, expiry_is_enforced};
use tessera_model::user::{User, UserKind};
use tessera_model::{Error, Result};
use tessera_store::query::tokens::Presented;
use tessera_store::query::two_factor::SignIn;
use tessera_store::{Conn, query};

use crate::keys::gitlab_digest;
use crate::request::{Account, Ask, Meta};
use crate::service::Core;
use crate::{fault, sessions, settings, two_factor};

/// What a request presented.
pub enum Credential {
    /// Nothing.
    Anonymous,
    /// A token, and whether it came in the query string (D21).
    Token {
        /// The string.
        token: PlainToken,
        /// Whether it stood in the query.
        in_query: bool,
    },
    /// A token that was presented before: a running stream looks whether it still lives.
    Seen(i64),
    /// A user whose password was checked against this hash a moment ago.
    Password {
        /// The number of the user.
        user_id: i64,
        /// The hash; if the password changed since, it counts no more.
        hash: String,
    },
    /// The cookie of a session.
    Session(SessionSecret),
    /// Something that no door takes.
    Unusable,
    /// Whoever operates the server.
    Operator,
}

/// Finds out who asks.
///
/// # Errors
/// 401 for what is not good, 403 for accounts that may not act, the answers of sudo.
pub(crate) fn caller(conn: &mut dyn Conn, core: &Core, ask: &Ask, now: Timestamp) -> Result<Caller> {
    let caller = match &ask.credential {
        Credential::Anonymous => Caller::ANONYMOUS,
        Credential::Operator => Caller::OPERATOR,
        Credential::Unusable => return Err(Error::Unauthenticated(Unauthenticated::Unknown)),
        Credential::Token { token, in_query } => {
            if *in_query && settings::value(conn, "allow_token_in_query").map_err(fault)? == false {
                return Err(Error::Unauthenticated(Unauthenticated::Unknown));
            }
            let found = find(conn, core, token)?.ok_or(Error::Unauthenticated(Unauthenticated::Unknown))?;
            ask.belongs_to(|| bearer(&found));
            by_token(conn, core, found, &ask.meta, now)?
        }
        Credential::Seen(id) => {
            let found = query::tokens::with_user(conn, *id).map_err(fault)?;
            let found = found.ok_or(Error::Unauthenticated(Unauthenticated::Unknown))?;
            ask.belongs_to(|| bearer(&found));
            by_token(conn, core, found, &ask.meta, now)?
        }
        Credential::Session(secret) => {
            let caller = sessions::caller(conn, core, secret, now).map_err(fault)?;
            if let Some(user) = &caller.user {
                let username = user.username.clone();
                ask.belongs_to(|| Account { user_id: user.id, username, token_id: None });
            }
            caller
        }
        Credential::Password { user_id, hash } => {
            let (user, known) = by_password(conn, *user_id, hash)?;
            ask.belongs_to(|| Account { user_id: user.id, username: user.username.clone(), token_id: None });
            password_must_do(conn, &user, &known, now)?;
            Caller { user: Some(user), via: Via::Password, sudo_by: None }
        }
    };
    match &ask.sudo {
        Some(target) => sudo(conn, caller, target),
        None => Ok(caller),
    }
}

/// Whose a token is, for the log.
fn bearer((token, _): &Presented) -> Account {
    Account { user_id: token.bearer_id, username: token.bearer_username.clone(), token_id: Some(token.id) }
}

/// The row of a token, by our digest or by the one that came from a GitLab.
pub(crate) fn find(conn: &mut dyn Conn, core: &Core, token: &PlainToken) -> Result<Option<Presented>> {
    if token.expose().is_empty() || token.is_mistyped(&core.token_prefix()) {
        return Ok(None);
    }
    let digest = core.keys.digest.digest(token);
    if let Some(found) = query::tokens::by_digest(conn, &digest).map_err(fault)? {
        return Ok(Some(found));
    }
    for key in core.keys.gitlab().iter() {
        let theirs = gitlab_digest(token.expose(), key);
        if let Some(found) = query::tokens::by_gitlab_digest(conn, &theirs).map_err(fault)? {
            core.usage.adopt(found.0.id, digest, core.keys.digest.id());
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The digest under which a token is stored.
pub(crate) fn digest(core: &Core, token: &PlainToken) -> (Digest, i64) {
    (core.keys.digest.digest(token), core.keys.digest.id())
}

/// The number of the key under which tokens are stored.
pub(crate) fn key_id(core: &Core) -> i64 {
    core.keys.digest.id()
}

fn by_token(
    conn: &mut dyn Conn,
    core: &Core,
    (token, user): Presented,
    meta: &Meta,
    now: Timestamp,
) -> Result<Caller> {
    if let Some(why) = ending(conn, core, &token, now)? {
        return Err(Error::Unauthenticated(why));
    }
    let Some(user) = user else { return Err(Error::Unauthenticated(Unauthenticated::Revoked)) };
    if meta.surface.is_some() {
        core.usage.note(&token, &meta.address, now, core.last_used_refresh_hours());
    }
    may_act(&user, meta)?;
    let facts =
        TokenFacts { id: token.id, kind: token.kind, scopes: token.scopes, project_id: token.project_id };
    Ok(Caller { user: Some(user), via: Via::Token(facts), sudo_by: None })
}

/// Why a token opens nothing now, if so (D10, D12).
fn ending(
    conn: &mut dyn Conn,
    core: &Core,
    token: &Token,
    now: Timestamp,
) -> Result<Option<Unauthenticated>> {
    // The setting is asked for only where it can matter: a token whose date has come.
    let enforced = match token.expires_on {
        Some(end) if end <= now.date() && token.kind != TokenKind::Project => {
            let setting = settings::value(conn, "enforce_pat_expiration").map_err(fault)?;
            expiry_is_enforced(token.kind, setting.as_bool().unwrap_or(true))
        }
        _ => true,
    };
    Ok(match death(token.revoked, token.expires_on, now.date(), enforced) {
        Some(Death::Expired) => Some(Unauthenticated::Expired),
        Some(Death::Revoked) => Some(Unauthenticated::Revoked),
        None if token.kind == TokenKind::Impersonation && !core.impersonation_enabled => {
            Some(Unauthenticated::ImpersonationOff)
        }
        None => None,
    })
}

/// The one test of whether an account may act now, for every kind of credential (L14). On Git a
/// person who may not is answered as if the token were unknown; a bot is told why (sheet 5.6).
fn may_act(user: &User, meta: &Meta) -> Result<()> {
    match user.barred() {
        None => Ok(()),
        Some(_) if meta.surface == Some(Surface::Git) && user.kind == UserKind::Human => {
            Err(Error::Unauthenticated(Unauthenticated::Unknown))
        }
        Some(why) => Err(Error::forbidden(why)),
    }
}

fn by_password(conn: &mut dyn Conn, user_id: i64, hash: &str) -> Result<(User, SignIn)> {
    let known = query::two_factor::sign_in(conn, user_id).map_err(fault)?;
    let user = query::users::by_id(conn, user_id).map_err(fault)?;
    let fits = |user: &User| known.password_hash.as_deref() == Some(hash) && user.barred().is_none();
    match user.filter(fits) {
        Some(user) => Ok((user, known)),
        None => Err(Error::Unauthenticated(Unauthenticated::Unknown)),
    }
}

/// A password alone does not do for who has a second factor, or had to have one by now (U3).
fn password_must_do(conn: &mut dyn Conn, user: &User, known: &SignIn, now: Timestamp) -> Result<()> {
    if user.two_factor || two_factor::enforcement(conn).map_err(fault)?.closes(known.grace_started_at, now) {
        return Err(Error::Unauthenticated(Unauthenticated::TwoFactor));
    }
    Ok(())
}

/// Acting on behalf of another user (semantics sheet 3.1).
fn sudo(conn: &mut dyn Conn, caller: Caller, target: &str) -> Result<Caller> {
    if caller.is_anonymous() {
        return Err(Error::Unauthenticated(Unauthenticated::Missing));
    }
    let Some(admin) = caller.user.as_ref().filter(|user| user.admin) else {
        return Err(Error::forbidden("Must be admin to use sudo"));
    };
    if caller.token().is_none() {
        return Err(Error::forbidden(
            "Must be authenticated using an OAuth or personal access token to use sudo",
        ));
    }
    if !caller.has_scope(Scope::Sudo) {
        return Err(Error::InsufficientScope(vec![Scope::Sudo].into()));
    }
    let by = (admin.id, admin.username.clone());
    let found = match target.parse() {
        Ok(id) => query::users::by_id(conn, id),
        Err(_) => query::users::by_username(conn, target),
    };
    let user = found.map_err(fault)?.filter(|user| user.state != tessera_model::user::UserState::Ghosted);
    match user {
        Some(user) if Some(user.id) == caller.user_id() => Ok(caller),
        Some(user) => Ok(Caller { user: Some(user), sudo_by: Some(by), ..caller }),
        None => Err(Error::NotFound(format!("User with ID or username '{target}'").into())),
    }
}
