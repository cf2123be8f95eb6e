//! Giving a token a new secret: the old row is revoked and a new one stands for the same bot or
//! person, with the same name, scopes and role (semantics sheet 1.6).

use serde_json::json;
use tessera_model::error::Unauthenticated;
use tessera_model::operation::personal_tokens::{RotateOwnToken, RotateToken};
use tessera_model::operation::project_tokens::{RotateOwnProjectToken, RotateProjectToken};
use tessera_model::project::Project;
use tessera_model::time::Date;
use tessera_model::token::{Token, TokenFacts, TokenKind};
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::rules::{self, Draft, Lifetime};
use super::{Minted, get};
use crate::audit::{Entity, Event};
use crate::mail::token_changed::{Change, tell};
use crate::{Authorized, Tx, fault, feature};

/// Days that a rotated token lives when its predecessor had an end and none is asked for (D26).
const DAYS: i64 = 7;
const REVOKED: &str = "Token already revoked";

/// Rotates a token of a project.
///
/// # Errors
/// 404, 400 when it was rotated before or its bot stands above the caller, 401 while the feature is off.
pub fn of_project<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, RotateProjectToken, Project>,
    id: i64,
    expires_on: Option<Date>,
) -> Result<Minted> {
    must_be_on(tx, project)?;
    let token = get::in_project(tx, project, id)?;
    if !tx.caller.is_admin() && token.role > project.role() {
        return Err(Error::bad_request(
            "Not eligible to rotate tokens with permissions not held by the user",
        ));
    }
    let external = tx.caller.user.as_ref().map(|user| user.external);
    let minted = rotate(tx, &token, expires_on)?;
    if let (Some(bot), Some(external)) = (token.user_id, external) {
        query::users::set_external(tx.conn, bot, external).map_err(fault)?;
    }
    Ok(minted)
}

/// Rotates the project token in hand.
///
/// # Errors
/// 400 when a rotation won the race, 401 while the feature is off.
pub fn own_of_project<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, RotateOwnProjectToken, Project>,
    expires_on: Option<Date>,
) -> Result<Minted> {
    must_be_on(tx, project)?;
    let token = get::in_hand(tx)?;
    rotate(tx, &token, expires_on)
}

/// Rotates the token in hand, whatever its kind.
///
/// # Errors
/// As [`own_of_project`].
pub fn own<'tx>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, RotateOwnToken, ()>,
    expires_on: Option<Date>,
) -> Result<Minted> {
    let token = get::in_hand(tx)?;
    bot_may(tx, &token)?;
    rotate(tx, &token, expires_on)
}

/// Rotates a token that the caller sees by its number; through an impersonation token only itself, so that whoever
/// stands in for somebody has nothing left when that is over (L16).
///
/// # Errors
/// 401 or 404 as [`get::visible`], 400 when it was revoked or may not be rotated.
pub fn visible<'tx>(
    tx: &mut Tx<'tx>,
    right: &Authorized<'tx, RotateToken, ()>,
    id: i64,
    expires_on: Option<Date>,
) -> Result<Minted> {
    let token = get::visible(tx, right, id)?.token;
    bot_may(tx, &token)?;
    let own = |caller: &TokenFacts| caller.kind != TokenKind::Impersonation || caller.id == token.id;
    if token.kind != TokenKind::Project && !tx.caller.token().is_none_or(own) {
        return Err(Error::bad_request("Not permitted to rotate"));
    }
    if !rules::may_give(&tx.caller, token.scopes) {
        return Err(Error::bad_request(
            "Not eligible to rotate tokens with permissions not held by the user",
        ));
    }
    rotate(tx, &token, expires_on)
}

fn bot_may(tx: &mut Tx<'_>, token: &Token) -> Result<()> {
    let Some(project) = token.project_id else { return Ok(()) };
    let project =
        query::projects::by_id(tx.conn, project).map_err(fault)?.ok_or_else(|| Error::missing(""))?;
    must_be_on(tx, &project)
}

fn must_be_on(tx: &mut Tx<'_>, project: &Project) -> Result<()> {
    if feature::is_on_for_project(tx, feature::RESOURCE_ACCESS_TOKEN, project.id)? {
        Ok(())
    } else {
        tx.refused_by("feature_off");
        Err(Error::Unauthenticated(Unauthenticated::NotPermitted))
    }
}

fn rotate(tx: &mut Tx<'_>, old: &Token, asked: Option<Date>) -> Result<Minted> {
    let user = bearer(tx, old)?;
    let actor = tx.actor().to_owned();
    if !query::tokens::revoke(tx.conn, old.id, &actor, tx.now).map_err(fault)? {
        reissue_allowed(tx, old)?;
    }
    let policy = Lifetime::read(tx)?;
    let expires_on = asked.or_else(|| usual_end(old, policy, tx.today()));
    if let Some(complaint) = rules::complaint_on_end(tx, policy, expires_on) {
        return Err(Error::bad_request(rules::sentence(&[("expires_at", complaint)])));
    }
    let draft = Draft {
        kind: old.kind,
        user: (user.id, &user.username),
        project_id: old.project_id,
        name: &old.name,
        description: old.description.as_deref(),
        scopes: old.scopes,
        role: old.role,
        expires_on,
        previous: Some((old.id, old.family_id)),
    };
    let minted = rules::store(tx, &draft, None)?;
    tx.audit_of(Entity::User(user.id), &Event {
        action: "token.rotate",
        target: ("token", Some(minted.token.id), &old.name),
        project_id: old.project_id,
        details: json!({ "kind": old.kind.name(), "replaces": old.id, "user": user.username, "expires_at": expires_on }),
    })?;
    tell(tx, Change::Rotated, &minted.token)?;
    Ok(minted)
}

/// The end of a new secret for which none is asked (D26).
fn usual_end(old: &Token, policy: Lifetime, today: Date) -> Option<Date> {
    let usual = old.expires_on.map(|_| today.plus_days(DAYS)).or_else(|| policy.default_end(today));
    usual.map(|end| policy.latest(today).map_or(end, |latest| end.min(latest)))
}

/// The ends that a new secret for a token can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEnd {
    /// The one that it gets where none is asked for; none: it never ends.
    pub usual: Option<Date>,
    /// The latest one that the policy allows, if it bounds them.
    pub latest: Option<Date>,
}

/// What end a new secret for this token would get.
///
/// # Errors
/// When the database does not answer.
pub fn new_end(tx: &mut Tx<'_>, token: &Token) -> Result<NewEnd> {
    let (policy, today) = (Lifetime::read(tx)?, tx.today());
    Ok(NewEnd { usual: usual_end(token, policy, today), latest: policy.latest(today) })
}

fn bearer(tx: &mut Tx<'_>, token: &Token) -> Result<User> {
    rules::bearer(tx, token)?.ok_or_else(|| Error::bad_request(REVOKED))
}

fn reissue_allowed(tx: &mut Tx<'_>, old: &Token) -> Result<()> {
    if may_reissue(tx, old)? { Ok(()) } else { Err(Error::bad_request(REVOKED)) }
}

/// A revoked token is not rotated, but for one case: a bot whose whole family of secrets was revoked
/// lives on without a secret, and a Maintainer gives it a new one through its last token (D22).
pub(super) fn may_reissue(tx: &mut Tx<'_>, old: &Token) -> Result<bool> {
    let alive = query::tokens::live_of_family(tx.conn, old.family_id).map_err(fault)?;
    let last = query::tokens::last_of_family(tx.conn, old.family_id).map_err(fault)?;
    let by_other = tx.caller.token().is_none_or(|token| token.id != old.id);
    Ok(old.kind == TokenKind::Project && alive.is_empty() && last == old.id && by_other)
}
