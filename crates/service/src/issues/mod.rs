//! Issues: opened, changed, listed, removed; what a token does is its bot's doing (B4).

pub mod assignees;
pub mod create;
pub mod get;
pub mod list;
pub mod remove;
pub mod thread;
pub mod update;

use tessera_model::issue::{Issue, LONGEST_DESCRIPTION, LONGEST_LABEL, LONGEST_TITLE, MOST_LABELS, Standing};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Tx, fault};

/// The issue of this number in a project, if the caller may see it; else `missing`.
pub(crate) fn find<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    iid: i64,
    missing: fn() -> Error,
) -> Result<(Issue, Standing)> {
    if !project.issues_enabled {
        return Err(missing());
    }
    let issue = query::issues::by_iid(tx.conn, project.id, iid).map_err(fault)?.ok_or_else(missing)?;
    let standing = Standing::of(&tx.caller, project.role(), &issue);
    if issue.confidential && !standing.sees_confidential() {
        return Err(missing());
    }
    Ok((issue, standing))
}

/// What is wrong with the words of an issue.
fn complaints(title: Option<&str>, description: Option<&str>, labels: &[&String]) -> Result<()> {
    let too_long = |longest: usize| format!("is too long (maximum is {longest} characters)");
    let mut complaints = Vec::new();
    if let Some(title) = title {
        if title.trim().is_empty() {
            complaints.push(("title", "can't be blank".to_owned()));
        } else if title.chars().count() > LONGEST_TITLE {
            complaints.push(("title", too_long(LONGEST_TITLE)));
        }
    }
    if description.is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        complaints.push(("description", too_long(LONGEST_DESCRIPTION)));
    }
    if labels.iter().any(|label| label.chars().count() > LONGEST_LABEL) {
        complaints.push(("labels", too_long(LONGEST_LABEL)));
    }
    if labels.len() > MOST_LABELS {
        complaints.push(("labels", format!("are too many (maximum is {MOST_LABELS})")));
    }
    if complaints.is_empty() { Ok(()) } else { Err(Error::Invalid(complaints)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_lengths() {
        assert!(complaints(Some("t"), None, &[]).is_ok());
        assert!(complaints(None, Some(""), &[]).is_ok());
        let fields = |outcome: Result<()>| match outcome {
            Err(Error::Invalid(fields)) => fields.into_iter().map(|(field, _)| field).collect(),
            _ => Vec::new(),
        };
        assert_eq!(fields(complaints(Some(" \n"), None, &[])), ["title"]);
        let (title, label) = ("é".repeat(LONGEST_TITLE), "é".repeat(LONGEST_LABEL + 1));
        assert!(complaints(Some(&title), None, &[]).is_ok());
        assert_eq!(fields(complaints(Some(&format!("{title}!")), None, &[&label])), ["title", "labels"]);
        assert_eq!(fields(complaints(None, None, &vec![&title; MOST_LABELS + 1])), ["labels"]);
    }
}
