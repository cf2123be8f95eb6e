//! Work and mails that wait, as administrators see them, and trying them again at once.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_store::query;
pub use tessera_store::query::jobs::Waiting;
pub use tessera_store::query::mails::Unsent;

use super::schedule::{DAILY, Daily};
use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// What waits.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Jobs, the soonest first.
    pub jobs: Vec<Waiting>,
    /// Mails that were not accepted yet, or refused for good; the newest first.
    pub mails: Vec<Unsent>,
    /// How many mails wait, and how many were refused for good.
    pub unsent: (i64, i64),
    /// The jobs of every day, in the order of their times.
    pub daily: Vec<Every>,
}

/// A job of every day.
#[derive(Clone, Debug)]
pub struct Every {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// When it last came to its end, on whichever node.
    pub done_at: Option<Timestamp>,
    /// When it runs next.
    pub next: Timestamp,
}

/// What waits; at most `limit` jobs and as many mails.
///
/// # Errors
/// When the database does not answer.
pub fn get<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    limit: i64,
) -> Result<Queue> {
    let past = query::daily_jobs::all(tx.conn).map_err(fault)?;
    let now = tx.now;
    let every = |job: &Daily| Every {
        name: job.name,
        what: job.what,
        done_at: past.iter().find(|known| known.name == job.name).and_then(|known| known.done_at),
        next: job.latest(now).plus_seconds(86_400),
    };
    Ok(Queue {
        jobs: query::jobs::list(tx.conn, limit).map_err(fault)?,
        mails: query::mails::list_unsent(tx.conn, limit).map_err(fault)?,
        unsent: query::mails::unsent(tx.conn).map_err(fault)?,
        daily: DAILY.iter().map(every).collect(),
    })
}

/// Lets a job be done at once that waits for its time, or for another try.
///
/// # Errors
/// 404 for one that is not there, 409 for one that is being done.
pub fn hasten<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    id: i64,
) -> Result<String> {
    let kind = query::jobs::kind(tx.conn, id).map_err(fault)?.ok_or_else(|| Error::missing("Job"))?;
    if !query::jobs::hasten(tx.conn, id, tx.now).map_err(fault)? {
        return Err(Error::Conflict("This job is being done at this moment".to_owned()));
    }
    tx.audit(&Event {
        action: "job.retry",
        target: ("job", Some(id), &kind),
        project_id: None,
        details: json!({}),
    })?;
    Ok(kind)
}

/// Lets every mail be tried at once that was not accepted, those too that were refused for good.
///
/// # Errors
/// When the database does not answer.
pub fn hasten_mails<'tx, Op: Operation>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, Op, ()>) -> Result<()> {
    query::mails::revive(tx.conn, tx.now).map_err(fault)?;
    tx.audit(&Event {
        action: "mail.retry",
        target: ("mails", None, ""),
        project_id: None,
        details: json!({}),
    })
}
