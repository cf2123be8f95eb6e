//! One note.

use tessera_model::issue::Note;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Tx, fault};

/// The note of this number on an issue.
///
/// # Errors
/// 404 without the issue or the note.
pub fn get<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    (iid, id): (i64, i64),
) -> Result<Note> {
    let issue = super::issue(tx, project, iid)?;
    query::notes::by_id(tx.conn, &issue, id).map_err(fault)?.ok_or_else(Error::missing_record)
}

/// The same, for whoever may change it.
///
/// # Errors
/// 404 without the issue or the note; 403 for who neither wrote it nor maintains the project.
pub fn changeable<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    place: (i64, i64),
) -> Result<Note> {
    super::editable(tx, project, place).map(|(_, note)| note)
}
