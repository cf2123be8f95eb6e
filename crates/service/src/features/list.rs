//! The flags that were ever set.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_store::query;

use super::Flag;
use crate::{Authorized, Tx, fault};

/// Every flag that was set and not removed since, by name.
///
/// # Errors
/// When the database does not answer.
pub fn list<'tx, Op: Operation>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, Op, ()>) -> Result<Vec<Flag>> {
    let names = query::features::names(tx.conn).map_err(fault)?;
    names.iter().map(|name| super::read(tx, name)).collect()
}
