//! Changing an issue.

use tessera_model::issue::{Edit, Issue, IssueState, may_date};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::time::{Date, Timestamp};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::assignees::assignable;
use super::{complaints, find};
use crate::{Authorized, Tx, fault};

/// What is to become of an issue; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// What it is about.
    pub title: Option<String>,
    /// The same at length, or nothing.
    pub description: Option<Option<String>>,
    /// These labels and no others.
    pub labels: Option<Vec<String>>,
    /// Labels to add.
    pub add_labels: Vec<String>,
    /// Labels to take away.
    pub remove_labels: Vec<String>,
    /// These assignees and no others.
    pub assignees: Option<Vec<i64>>,
    /// Open or closed.
    pub state: Option<IssueState>,
    /// Whether few see it.
    pub confidential: Option<bool>,
    /// When it should be done, or no date.
    pub due_date: Option<Option<Date>>,
    /// When it changed, if owners or administrators bring the change along from elsewhere.
    pub updated_at: Option<Timestamp>,
}

/// Changes an issue: its author and assignees its words and state, Planners and above everything. What
/// somebody may not change is passed over, as in GitLab.
///
/// # Errors
/// 404; 403 for who may change nothing; 400 with the fields.
pub fn update<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    iid: i64,
    changes: &Changes,
) -> Result<Issue> {
    let (mut issue, standing) = find(tx, project, iid, Error::missing_record)?;
    let edit = standing.edit();
    if edit == Edit::Nothing {
        return Err(Error::Forbidden(None));
    }
    let labels = labels_after(&issue.labels, changes);
    complaints(
        changes.title.as_deref(),
        changes.description.as_ref().and_then(Option::as_deref),
        &labels.iter().flatten().collect::<Vec<_>>(),
    )?;
    let (by, now) = (tx.caller.user_id(), tx.now);
    let at = changes.updated_at.filter(|_| may_date(project.role())).unwrap_or(now);
    if let Some(title) = &changes.title {
        title.trim().clone_into(&mut issue.title);
    }
    if let Some(description) = &changes.description {
        issue.description.clone_from(description);
    }
    if edit == Edit::All {
        issue.confidential = changes.confidential.unwrap_or(issue.confidential);
        issue.due_date = changes.due_date.unwrap_or(issue.due_date);
        if let Some(labels) = &labels {
            query::issues::set_labels(tx.conn, issue.id, labels).map_err(fault)?;
        }
        if let Some(asked) = &changes.assignees {
            let assignees = assignable(tx, project, asked)?;
            query::issues::set_assignees(tx.conn, issue.id, &assignees).map_err(fault)?;
        }
    }
    query::issues::update(tx.conn, &issue, by, at).map_err(fault)?;
    match changes.state {
        Some(IssueState::Closed) if issue.state == IssueState::Opened => {
            query::issues::close(tx.conn, issue.id, by, at).map_err(fault)?;
        }
        Some(IssueState::Opened) if issue.state == IssueState::Closed => {
            query::issues::reopen(tx.conn, issue.id).map_err(fault)?;
        }
        _ => {}
    }
    query::projects::touch(tx.conn, project.id, now).map_err(fault)?;
    let changed = query::issues::by_iid(tx.conn, project.id, iid).map_err(fault)?;
    changed.ok_or_else(|| Error::internal("an issue vanished while it was changed"))
}

/// The labels after a change; `None` when it does not touch them.
fn labels_after(before: &[String], changes: &Changes) -> Option<Vec<String>> {
    if changes.labels.is_none() && changes.add_labels.is_empty() && changes.remove_labels.is_empty() {
        return None;
    }
    let mut after = Vec::new();
    let kept = changes.labels.as_deref().unwrap_or(before);
    for label in kept.iter().chain(&changes.add_labels) {
        if !changes.remove_labels.contains(label) && !after.contains(label) {
            after.push(label.clone());
        }
    }
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_set_then_added_then_removed() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let before = list(&["a", "b"]);
        let after = |labels: Option<&[&str]>, add: &[&str], remove: &[&str]| {
            let changes = Changes {
                labels: labels.map(list),
                add_labels: list(add),
                remove_labels: list(remove),
                ..Changes::default()
            };
            labels_after(&before, &changes)
        };
        assert_eq!(after(None, &[], &[]), None);
        assert_eq!(after(Some(&[]), &[], &[]), Some(list(&[])));
        assert_eq!(after(Some(&["c", "c"]), &[], &[]), Some(list(&["c"])));
        assert_eq!(after(None, &["c", "a"], &["b"]), Some(list(&["a", "c"])));
        assert_eq!(after(Some(&["x"]), &["y"], &["x"]), Some(list(&["y"])));
    }
}
