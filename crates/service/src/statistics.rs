//! Figures of the instance.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_store::query::statistics;

use crate::{Authorized, Tx, fault};

/// What there is on the instance. Accounts are people's: bots and the Ghost User count nowhere (B8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// People, blocked ones included.
    pub users: i64,
    /// People who may act: the seats that are taken.
    pub active_users: i64,
    /// Groups, subgroups included.
    pub groups: i64,
    /// Projects.
    pub projects: i64,
    /// Issues.
    pub issues: i64,
    /// Notes.
    pub notes: i64,
}

/// Counts what there is.
///
/// # Errors
/// When the database does not answer.
pub fn get<'tx, Op: Operation>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, Op, ()>) -> Result<Statistics> {
    let people = statistics::people(tx.conn).map_err(fault)?;
    Ok(Statistics {
        users: people.active + people.blocked,
        active_users: people.active,
        groups: statistics::groups(tx.conn).map_err(fault)?,
        projects: statistics::projects(tx.conn).map_err(fault)?,
        issues: statistics::issues(tx.conn).map_err(fault)?,
        notes: statistics::notes(tx.conn).map_err(fault)?,
    })
}
