//! Listing the notes of an issue.

use tessera_model::Result;
use tessera_model::issue::Note;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_store::query;
pub use tessera_store::query::notes::ORDERS;

use crate::issues::list::order;
use crate::{Authorized, Listed, Slice, Tx, fault};

/// The notes of an issue.
///
/// # Errors
/// 404 without the issue.
pub fn list<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    iid: i64,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Note>> {
    let issue = super::issue(tx, project, iid)?;
    query::notes::list(tx.conn, &issue, order, slice).map_err(fault)
}

/// The order of a list of notes.
pub fn order_of(by: &str, descending: bool) -> &'static str {
    order(ORDERS, by, descending)
}
