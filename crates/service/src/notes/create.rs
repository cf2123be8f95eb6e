//! Writing a note.

use tessera_model::issue::{Note, may_date};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Tx, fault};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What it says.
    pub body: String,
    /// Whether only members are to see it, which is not offered.
    pub internal: bool,
    /// When it was written, if owners or administrators bring it along from elsewhere.
    pub created_at: Option<Timestamp>,
}

/// Writes a note as the caller.
///
/// # Errors
/// 404 without the issue; 400 for a blank note, and for one that only members are to see: there are none,
/// and it must not become one that everybody sees.
pub fn create<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    iid: i64,
    wanted: &Wanted,
) -> Result<Note> {
    let author_id = tx.caller.user_id().ok_or(Error::Forbidden(None))?;
    let issue = super::issue(tx, project, iid)?;
    if wanted.internal {
        return Err(Error::bad_request("Internal notes are not available"));
    }
    super::check(&wanted.body)?;
    let at = wanted.created_at.filter(|_| may_date(project.role())).unwrap_or(tx.now);
    let id = query::notes::insert(tx.conn, issue.id, author_id, &wanted.body, at).map_err(fault)?;
    super::touch(tx, &issue)?;
    let made = query::notes::by_id(tx.conn, &issue, id).map_err(fault)?;
    made.ok_or_else(|| Error::internal("a note vanished while it was made"))
}
