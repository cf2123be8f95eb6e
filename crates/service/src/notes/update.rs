//! Changing a note.

use tessera_model::issue::Note;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Tx, fault};

/// Changes what a note says; without new words it stays as it is.
///
/// # Errors
/// 404; 403 for who neither wrote it nor maintains the project; 400 for a blank note.
pub fn update<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    place: (i64, i64),
    body: Option<&str>,
) -> Result<Note> {
    let (issue, note) = super::editable(tx, project, place)?;
    let Some(body) = body else { return Ok(note) };
    super::check(body)?;
    let by = tx.caller.user_id();
    query::notes::update(tx.conn, note.id, body, by, tx.now).map_err(fault)?;
    super::touch(tx, &issue)?;
    let changed = query::notes::by_id(tx.conn, &issue, note.id).map_err(fault)?;
    changed.ok_or_else(|| Error::internal("a note vanished while it was changed"))
}
