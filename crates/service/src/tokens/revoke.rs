//! Revoking tokens. Once the call has answered, the token opens nothing on any door (D8).

use serde_json::json;
use tessera_model::operation::personal_tokens::{RevokeImpersonationToken, RevokeOwnToken, RevokeToken};
use tessera_model::operation::project_tokens::RevokeProjectToken;
use tessera_model::token::{Token, TokenKind};
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{get, rules};
use crate::audit::{Entity, Event};
use crate::mail::token_changed::{Change, tell};
use crate::users::ghost;
use crate::{Authorized, Key, Tx, fault};

/// Revokes a project's token. A person's call ends the bot too: the row is dead, the membership
/// gone, the bot shown as the Ghost User from this moment, its records on the way there (B7). A bot
/// that revokes a sibling kills the secret alone (D5).
///
/// # Errors
/// 404; 400 with both names for who may not.
pub fn of_project(tx: &mut Tx<'_>, key: &Key, id: i64) -> Result<()> {
    let project = match tx.project::<RevokeProjectToken>(key) {
        Err(Error::BadRequest(None)) => return Err(refusal(tx, key, id)),
        other => other?,
    };
    let token = get::in_project(tx, &project, id)?;
    let bot = bot_in_project(tx, &token)?;
    revoke_row(tx, &token)?;
    bot.map_or(Ok(()), |bot| ghost::remove(tx, &bot))
}

/// The bot that ends with a token of its project.
///
/// # Errors
/// 404 where revoking would change nothing.
pub(super) fn bot_in_project(tx: &mut Tx<'_>, token: &Token) -> Result<Option<User>> {
    let bot = rules::bearer(tx, token)?;
    if token.revoked {
        // Revoking again changes nothing; a bot left without any secret can still be ended.
        let alive = query::tokens::live_of_family(tx.conn, token.family_id).map_err(fault)?;
        if bot.is_none() || !alive.is_empty() {
            return Err(Error::missing("project Access Token"));
        }
    }
    Ok(bot.filter(|_| !tx.caller.is_bot()))
}

/// GitLab looks for the token first and then says who cannot delete whom (semantics sheet 1.1).
fn refusal(tx: &mut Tx<'_>, key: &Key, id: i64) -> Error {
    let found = match key {
        Key::Id(id) => query::projects::by_id(tx.conn, *id),
        Key::Path(path) => query::projects::by_path(tx.conn, path),
    };
    let Ok(Some(project)) = found else { return Error::missing("Project") };
    match get::in_project(tx, &project, id) {
        Err(error) => error,
        Ok(token) => {
            let who = tx.caller.user.as_ref().map_or("", |user| &user.name);
            Error::bad_request(format!("{who} cannot delete {}", token.name))
        }
    }
}

/// Says whether it was not revoked before.
fn revoke_row(tx: &mut Tx<'_>, token: &Token) -> Result<bool> {
    let actor = tx.actor().to_owned();
    if !query::tokens::revoke(tx.conn, token.id, &actor, tx.now).map_err(fault)? {
        return Ok(false);
    }
    tx.audit_of(
        Entity::User(token.bearer_id),
        &Event {
            action: "token.revoke",
            target: ("token", Some(token.id), &token.name),
            project_id: token.project_id,
            details: json!({ "kind": token.kind.name(), "user": token.bearer_username }),
        },
    )?;
    tell(tx, Change::Revoked, token)?;
    Ok(true)
}

/// Revokes the token in hand. It kills the secret, never the bot (D5).
///
/// # Errors
/// 400 when the caller came in with something else.
pub fn own<'tx>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, RevokeOwnToken, ()>) -> Result<()> {
    let token = get::in_hand(tx)?;
    revoke_row(tx, &token).map(drop)
}

/// Revokes a token by its number: one's own that is no impersonation token; administrators any.
///
/// # Errors
/// 404 when there is none, 400 for who may not.
pub fn visible<'tx>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, RevokeToken, ()>, id: i64) -> Result<()> {
    let token = query::tokens::by_id(tx.conn, id).map_err(fault)?.ok_or_else(Error::missing_record)?;
    let own = token.user_id == tx.caller.user_id() && token.kind != TokenKind::Impersonation;
    let admin = tx.caller.is_admin() && !tx.caller.is_bot();
    if !own && !admin {
        // An impersonation token is invisible to its user (L15).
        let hidden = token.kind == TokenKind::Impersonation;
        return Err(if hidden { Error::missing_record() } else { Error::BadRequest(None) });
    }
    if admin { with_bot(tx, &token).map(drop) } else { revoke_row(tx, &token).map(drop) }
}

/// Revokes a token for an administrator, and ends the bot of a project token; says whether the row was not revoked
/// before.
pub(crate) fn with_bot(tx: &mut Tx<'_>, token: &Token) -> Result<bool> {
    let bot = bot_anywhere(tx, token)?;
    let revoked = revoke_row(tx, token)?;
    if let Some(bot) = bot {
        ghost::remove(tx, &bot)?;
    }
    Ok(revoked)
}

/// The bot that ends with a token that an administrator revokes.
pub(super) fn bot_anywhere(tx: &mut Tx<'_>, token: &Token) -> Result<Option<User>> {
    if token.kind != TokenKind::Project {
        return Ok(None);
    }
    let bot = rules::bearer(tx, token)?.filter(User::is_bot);
    // A secret that was rotated before is dead already; ending its bot through it would take the secret
    // that lives with it.
    let alive = query::tokens::live_of_family(tx.conn, token.family_id).map_err(fault)?;
    Ok(bot.filter(|_| !token.revoked || alive.is_empty()))
}

/// Revokes an impersonation token; once more changes nothing and is no error.
///
/// # Errors
/// 404 when the user has none of this number.
pub fn impersonation<'tx>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, RevokeImpersonationToken, User>,
    id: i64,
) -> Result<()> {
    let token = get::impersonation(tx, user, id)?.token;
    revoke_row(tx, &token).map(drop)
}
