//! Seats: every person who may act takes one, bots and the Ghost User none (B8).

use tessera_model::operation::Operation;
use tessera_model::{Error, Result};
use tessera_store::query::statistics;

use crate::{Authorized, Tx, fault};

/// Who takes seats, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// People who may act: each takes one.
    pub taken: i64,
    /// People whom an administrator blocked.
    pub blocked: i64,
    /// Bots.
    pub bots: i64,
    /// The setting `user_cap`, if there is a limit.
    pub cap: Option<i64>,
}

/// Counts the seats.
///
/// # Errors
/// When the database does not answer.
pub fn get<'tx, Op: Operation>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, Op, ()>) -> Result<Seats> {
    let people = statistics::people(tx.conn).map_err(fault)?;
    let bots = statistics::bots(tx.conn).map_err(fault)?;
    Ok(Seats { taken: people.active, blocked: people.blocked, bots, cap: cap(tx)? })
}

fn cap(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    Ok(tx.setting("user_cap")?.as_i64())
}

/// Refuses one more person where all seats are taken.
///
/// # Errors
/// 403.
pub(crate) fn must_be_free(tx: &mut Tx<'_>) -> Result<()> {
    let Some(cap) = cap(tx)? else { return Ok(()) };
    let taken = statistics::people(tx.conn).map_err(fault)?.active;
    if taken < cap {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "The instance has no free seat: {taken} people take {cap}. Block or delete somebody, or raise user_cap"
    )))
}
