//! Notes on issues: written, changed, listed, removed.

pub mod create;
pub mod get;
pub mod list;
pub mod remove;
pub mod update;

use tessera_model::issue::{Issue, LONGEST_NOTE, Note, may_edit_note};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Tx, fault, issues};

/// The issue that a note is on.
fn issue<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    iid: i64,
) -> Result<Issue> {
    issues::find(tx, project, iid, || Error::missing("Issue")).map(|(issue, _)| issue)
}

/// A note that the caller may change, with its issue.
fn editable<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    (iid, id): (i64, i64),
) -> Result<(Issue, Note)> {
    let issue = issue(tx, project, iid)?;
    let found = query::notes::by_id(tx.conn, &issue, id).map_err(fault)?;
    let note = found.ok_or_else(Error::missing_record)?;
    let author = tx.caller.user_id() == Some(note.author.id);
    if may_edit_note(project.role(), author) { Ok((issue, note)) } else { Err(Error::Forbidden(None)) }
}

/// What is wrong with the words of a note, in GitLab's own form.
fn check(body: &str) -> Result<()> {
    let complaint = if body.trim().is_empty() {
        "can't be blank".to_owned()
    } else if body.chars().count() > LONGEST_NOTE {
        format!("is too long (maximum is {LONGEST_NOTE} characters)")
    } else {
        return Ok(());
    };
    Err(Error::bad_request(format!("Note {{:note=>[\"{complaint}\"]}}")))
}

/// Remembers that something was said about an issue.
fn touch(tx: &mut Tx<'_>, issue: &Issue) -> Result<()> {
    query::issues::touch(tx.conn, issue.id, tx.now).map_err(fault)?;
    query::projects::touch(tx.conn, issue.project_id, tx.now).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_something() {
        assert!(check("a").is_ok());
        assert!(check(&"é".repeat(LONGEST_NOTE)).is_ok());
        let text = |body: &str| match check(body) {
            Err(Error::BadRequest(Some(text))) => text,
            _ => String::new(),
        };
        assert_eq!(text(" \n"), "Note {:note=>[\"can't be blank\"]}");
        assert_eq!(
            text(&"a".repeat(LONGEST_NOTE + 1)),
            "Note {:note=>[\"is too long (maximum is 1000000 characters)\"]}"
        );
    }
}
