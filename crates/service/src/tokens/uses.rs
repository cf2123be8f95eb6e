//! The ledger of a token, for whoever may see the token (U10).

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::operation::personal_tokens::ListOwnTokenUsage;
use tessera_model::project::Project;
use tessera_store::query;
pub use tessera_store::query::ledger::Entry;

use super::get;
use crate::{Authorized, Listed, Slice, Tx, fault};

/// The ledger of a project's token, the newest line first.
///
/// # Errors
/// 404 when the project has none of this number.
pub fn of_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
    slice: Slice,
) -> Result<Listed<Entry>> {
    let token = get::in_project(tx, project, id)?;
    of(tx, token.id, slice)
}

/// The ledger of a token that the caller may see by its number alone.
///
/// # Errors
/// As [`get::visible`].
pub fn visible<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    right: &Authorized<'tx, Op, ()>,
    id: i64,
    slice: Slice,
) -> Result<Listed<Entry>> {
    let shown = get::visible(tx, right, id)?;
    of(tx, shown.token.id, slice)
}

/// The ledger of the token in hand.
///
/// # Errors
/// 400 when the caller came in with something else.
pub fn own<'tx>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, ListOwnTokenUsage, ()>,
    slice: Slice,
) -> Result<Listed<Entry>> {
    let token = get::in_hand(tx)?;
    of(tx, token.id, slice)
}

pub(crate) fn of(tx: &mut Tx<'_>, token_id: i64, slice: Slice) -> Result<Listed<Entry>> {
    query::ledger::of_token(tx.conn, token_id, slice).map_err(fault)
}
