//! Calling a hook because somebody asks for it: a test with an invented token, or an earlier call once more. A good answer
//! puts a hook back to work that was left alone.

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::web_hook::EVENTS;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::notices::Notice;

use super::call::{Call, Made, settle, uuid};
use super::payload::{Ending, TRIGGER, body};
use super::{Seen, note, read};
use crate::{Authorized, Tx, fault};

/// The one event that can be tried: no other is ever sent.
const TRIED: &str = "resource_access_token_events";

/// Whether GitLab knows an event of this name.
pub fn is_trigger(name: &str) -> bool {
    EVENTS.contains(&name)
}

/// Prepares a test of a hook.
///
/// # Errors
/// 404; 422 for events that are never sent.
pub fn prepare_test<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
    trigger: &str,
) -> Result<Call> {
    let stored = read::stored(tx, project.id, id)?;
    if trigger != TRIED {
        return Err(Error::Unprocessable("Testing not available for this hook".to_owned()));
    }
    let bots = query::users::bots_of_project(tx.conn, project.id).map_err(fault)?;
    let ending = Ending {
        id: 1,
        user_id: bots.first().map(|bot| bot.id),
        name: "pat_for_webhook_event",
        created_at: tx.now,
        last_used_at: None,
        ends: tx.today().plus_days(2),
    };
    let body = body(tx.core, project, &ending, Notice::Seven);
    let uuids = (uuid(&*tx.core.entropy)?, uuid(&*tx.core.entropy)?);
    Call::new(tx.conn, tx.core, &stored, TRIGGER, uuids, body)
}

/// Prepares the repetition of a call: it bears the same Idempotency-Key.
///
/// # Errors
/// 404.
pub fn prepare_resend<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
    event_id: i64,
) -> Result<Call> {
    let stored = read::stored(tx, project.id, id)?;
    let event = query::web_hook_events::by_id(tx.conn, event_id, id).map_err(fault)?;
    let (trigger, key, body) = event.ok_or_else(Error::missing_record)?;
    let uuids = (key, uuid(&*tx.core.entropy)?);
    Call::new(tx.conn, tx.core, &stored, &trigger, uuids, body)
}

/// Writes down what came of it, and returns the status of the answer.
///
/// # Errors
/// 422 with what the receiver said, or why it said nothing; written down it is all the same, so this is told by the
/// inner result.
pub fn conclude<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    verb: &str,
    call: &Call,
    made: &Made,
) -> Result<Result<u16, String>> {
    let stored = read::stored(tx, project.id, call.hook.id)?;
    settle(tx.conn, call, made, tx.now)?;
    let seen = Seen::open(tx, &stored)?;
    note(tx, project, verb, &seen)?;
    Ok(match &made.outcome {
        Ok(answer) => Ok(answer.status),
        Err(_) if !made.event.response_body.is_empty() => Err(made.event.response_body.clone()),
        Err(error) => Err(error.clone()),
    })
}
