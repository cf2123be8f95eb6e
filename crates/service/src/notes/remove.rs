//! Removing a note.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_store::query;

use crate::{Authorized, Tx, fault};

/// Removes a note.
///
/// # Errors
/// 404; 403 for who neither wrote it nor maintains the project.
pub fn remove<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    place: (i64, i64),
) -> Result<()> {
    let (issue, note) = super::editable(tx, project, place)?;
    query::notes::delete(tx.conn, note.id).map_err(fault)?;
    super::touch(tx, &issue)
}
