//! Changing many tokens at once: first the plan, which touches nothing, then steps that are transactions of their own,
//! so that a hundred thousand tokens do not hold the database's writer. Each step judges the caller again, each token
//! is changed whole or not at all, and what was changed is no longer selected: cut anywhere, the same call goes on.

use std::sync::Arc;

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::operation::inventory::{ExtendTokens, RevokeTokens};
use tessera_model::scope::{self, ScopeSet};
use tessera_model::time::Date;
use tessera_model::token::{Token, TokenKind};
use tessera_model::{Error, Result};
use tessera_store::query::filter::Filter;
use tessera_store::query::inventory::{self as rows, Change, Selection};

use super::inventory::{self, Item, Wanted};
use super::revoke;
use super::rules::{self, Lifetime};
use crate::audit::{Entity, Event};
use crate::{Ask, Authorized, Service, Tx, fault};

/// Tokens of one step; a project token, with whom a bot ends, counts as ten.
const STEP: i64 = 100;
const WEIGHT_OF_BOT: i64 = 10;
/// Tokens that an answer shows.
pub const SHOWN: usize = 100;

/// What a bulk act would touch, as it was found.
pub struct Plan {
    selection: Selection,
    change: Change,
    /// Tokens made later are not meant.
    until: i64,
    /// How many tokens it would touch.
    pub count: i64,
    /// How many of them are a project's, each with a bot.
    pub of_projects: i64,
    /// The first [`SHOWN`] of them.
    pub tokens: Vec<Item>,
}

/// What a bulk act has touched.
#[derive(Default)]
pub struct Done {
    /// How many tokens were changed.
    pub count: i64,
    /// The first [`SHOWN`] of them, as they are now.
    pub tokens: Vec<Item>,
    /// How many are left to the next call.
    pub remaining: i64,
}

/// What one step came to.
struct Step {
    last: Option<i64>,
    count: i64,
    tokens: Vec<Item>,
}

/// Finds what revoking would touch: what the filter selects and is not revoked, but for the token in hand.
///
/// # Errors
/// 400 for a filter that says not which tokens, and what [`inventory::list`] says of one.
pub fn plan_revoke<'tx>(
    tx: &mut Tx<'tx>,
    right: &Authorized<'tx, RevokeTokens, ()>,
    wanted: &Wanted,
) -> Result<Plan> {
    plan(tx, right, wanted, Change::Revoke)
}

/// Finds what an extension to `end` would touch: live tokens with an end before it. One whose date has come stays
/// dead, whether expiry is enforced or not; one without an end, or with a later one, keeps it.
///
/// # Errors
/// 400 for an end that the policy forbids or that is not in the future, else as [`plan_revoke`].
pub fn plan_extend<'tx>(
    tx: &mut Tx<'tx>,
    right: &Authorized<'tx, ExtendTokens, ()>,
    wanted: &Wanted,
    end: Date,
) -> Result<Plan> {
    plan(tx, right, wanted, Change::Extend(end))
}

fn plan<Op: Operation>(
    tx: &mut Tx<'_>,
    _right: &Authorized<'_, Op, ()>,
    wanted: &Wanted,
    change: Change,
) -> Result<Plan> {
    if !wanted.is_narrow() {
        return Err(Error::bad_request("Say which tokens: a filter is needed, and a state alone is none"));
    }
    must_be_allowed(tx, change)?;
    let selection = inventory::select(tx, wanted)?;
    let until = rows::last(tx.conn).map_err(fault)?;
    let mut plan = Plan { selection, change, until, count: 0, of_projects: 0, tokens: Vec::new() };
    let filter = touched(tx, &plan, 0);
    plan.count = filter.total(tx.conn).map_err(fault)?;
    let limit = i64::try_from(SHOWN).unwrap_or(i64::MAX);
    let found = rows::first(tx.conn, &filter, limit).map_err(fault)?;
    plan.tokens = inventory::items(tx, found)?;
    plan.of_projects = if plan.count > limit {
        let mut of_projects = touched(tx, &plan, 0);
        of_projects.and("t.kind = 'project'", &[]);
        of_projects.total(tx.conn).map_err(fault)?
    } else {
        let of_project = |item: &&Item| item.shown.token.kind == TokenKind::Project;
        i64::try_from(plan.tokens.iter().filter(of_project).count()).unwrap_or(i64::MAX)
    };
    Ok(plan)
}

/// The tokens that are left to touch after this number.
fn touched(tx: &Tx<'_>, plan: &Plan, after: i64) -> Filter {
    // Whoever may not give a scope may not keep it alive either.
    let out_of_reach = match plan.change {
        Change::Revoke => ScopeSet::EMPTY,
        Change::Extend(_) => scope::ALL
            .iter()
            .copied()
            .filter(|scope| !rules::may_give(&tx.caller, ScopeSet::of(&[*scope])))
            .collect(),
    };
    let spared = tx.caller.token().map(|token| token.id);
    let mut filter = rows::touched(&plan.selection, plan.change, spared, out_of_reach, tx.today());
    filter.and("t.id > ?", &[after.into()]).and("t.id <= ?", &[plan.until.into()]);
    filter
}

fn must_be_allowed(tx: &mut Tx<'_>, change: Change) -> Result<()> {
    let Change::Extend(end) = change else { return Ok(()) };
    let today = tx.today();
    let complaint = match Lifetime::read(tx)?.complaint(end, today) {
        None if end <= today => Some("must be in the future".to_owned()),
        complaint => complaint,
    };
    match complaint {
        Some(complaint) => Err(Error::bad_request(rules::sentence(&[("expires_at", complaint)]))),
        None => Ok(()),
    }
}

fn item<Op: Operation>(tx: &mut Tx<'_>, right: &Authorized<'_, Op, ()>, id: i64) -> Result<Item> {
    let found = inventory::one(tx, right, id)?;
    found.ok_or_else(|| Error::internal("a token vanished while it was looked at"))
}

/// Changes the next tokens after a number.
fn step<Op: Operation>(
    tx: &mut Tx<'_>,
    right: &Authorized<'_, Op, ()>,
    plan: &Plan,
    after: i64,
    room: usize,
    most: i64,
) -> Result<Step> {
    must_be_allowed(tx, plan.change)?;
    let filter = touched(tx, plan, after);
    let found = rows::first(tx.conn, &filter, STEP.min(most)).map_err(fault)?;
    let mut done = Step { last: None, count: 0, tokens: Vec::new() };
    let mut weight = 0;
    for record in found {
        let token = record.token;
        weight += if token.kind == TokenKind::Project { WEIGHT_OF_BOT } else { 1 };
        if weight > STEP && done.last.is_some() {
            break;
        }
        done.last = Some(token.id);
        if apply(tx, &token, plan.change)? {
            done.count += 1;
            if done.tokens.len() < room {
                done.tokens.push(item(tx, right, token.id)?);
            }
        }
    }
    Ok(done)
}

/// Changes one token, if it is still to be changed.
fn apply(tx: &mut Tx<'_>, token: &Token, change: Change) -> Result<bool> {
    match change {
        Change::Revoke => revoke::with_bot(tx, token),
        Change::Extend(end) => {
            let today = tx.today();
            if !rows::extend(tx.conn, token.id, end, today).map_err(fault)? {
                return Ok(false);
            }
            let details = json!({
                "kind": token.kind.name(), "user": token.bearer_username, "from": token.expires_on, "to": end,
            });
            tx.audit_of(
                Entity::User(token.bearer_id),
                &Event {
                    action: "token.extend",
                    target: ("token", Some(token.id), &token.name),
                    project_id: token.project_id,
                    details,
                },
            )?;
            Ok(true)
        }
    }
}

impl Service {
    /// Revokes what was planned, at most so many tokens.
    ///
    /// # Errors
    /// When the caller lost the right to it; what was done until then is done.
    pub async fn revoke_tokens(&self, ask: &Arc<Ask>, plan: Plan, most: i64) -> Result<Done> {
        self.change_tokens::<RevokeTokens>(ask, plan, most).await
    }

    /// Puts the end of what was planned off, of at most so many tokens.
    ///
    /// # Errors
    /// As [`Service::revoke_tokens`], and when the policy changed meanwhile.
    pub async fn extend_tokens(&self, ask: &Arc<Ask>, plan: Plan, most: i64) -> Result<Done> {
        self.change_tokens::<ExtendTokens>(ask, plan, most).await
    }

    async fn change_tokens<Op: Operation>(&self, ask: &Arc<Ask>, plan: Plan, most: i64) -> Result<Done> {
        let plan = Arc::new(plan);
        let (mut done, mut after) = (Done::default(), 0);
        while done.count < most {
            let (plan, room, left) = (Arc::clone(&plan), SHOWN - done.tokens.len(), most - done.count);
            let act = move |tx: &mut Tx<'_>| {
                let right = tx.instance::<Op>()?;
                step(tx, &right, &plan, after, room, left)
            };
            let next = self.write::<Op, _, _>(ask, act).await?;
            done.count += next.count;
            done.tokens.extend(next.tokens);
            let Some(last) = next.last else { return Ok(done) };
            after = last;
        }
        let count = move |tx: &mut Tx<'_>| touched(tx, &plan, after).total(tx.conn).map_err(fault);
        done.remaining = self.read::<Op, _, _>(ask, count).await?;
        Ok(done)
    }
}
