//! An issue with what was said about it, as a person reads it.

use tessera_model::ability::Ability;
use tessera_model::issue::{Edit, Issue, Note, may_edit_note};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Slice, Tx, fault};

/// An issue and some of its notes.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The issue.
    pub issue: Issue,
    /// Its notes, the oldest first, each with whether the caller may change it.
    pub notes: Vec<(Note, bool)>,
    /// How much of the issue the caller may change.
    pub edit: Edit,
    /// Whether the caller may delete it.
    pub destroy: bool,
}

/// An issue with some of its notes. Of an archived project nothing can be changed.
///
/// # Errors
/// 404 when there is none, it is confidential to others, or the project offers no issues.
pub fn read<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    iid: i64,
    slice: Slice,
) -> Result<Thread> {
    let (issue, standing) = super::find(tx, project, iid, Error::missing_record)?;
    let (role, own) = (standing.role, tx.caller.user_id());
    let open = !project.archived;
    let notes =
        if issue.notes > 0 { query::notes::some(tx.conn, &issue, slice).map_err(fault)? } else { Vec::new() };
    let notes = notes.into_iter().map(|note| {
        let author = own == Some(note.author.id);
        let may = open && may_edit_note(role, author);
        (note, may)
    });
    Ok(Thread {
        notes: notes.collect(),
        edit: if open { standing.edit() } else { Edit::Nothing },
        destroy: open && tx.role_gives(Ability::DestroyIssues, role),
        issue,
    })
}
