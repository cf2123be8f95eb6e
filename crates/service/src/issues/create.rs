//! Opening an issue.

use tessera_model::issue::{Issue, may_date};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::time::{Date, Timestamp};
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::issues::NewIssue;

use super::assignees::assignable;
use super::complaints;
use crate::{Authorized, Tx, fault};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What it is about.
    pub title: String,
    /// The same at length.
    pub description: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Who is to deal with it.
    pub assignees: Vec<i64>,
    /// Whether few see it.
    pub confidential: bool,
    /// When it should be done.
    pub due_date: Option<Date>,
    /// When it was opened, if owners or administrators bring it along from elsewhere.
    pub created_at: Option<Timestamp>,
}

/// Opens an issue as the caller. Who is no member of the project gives no labels, assignees and date, as
/// in GitLab, which passes over them.
///
/// # Errors
/// 400 with the fields; 403 where the project offers no issues.
pub fn create<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    wanted: &Wanted,
) -> Result<Issue> {
    let author_id = tx.caller.user_id().ok_or(Error::Forbidden(None))?;
    if !project.issues_enabled {
        return Err(Error::Forbidden(None));
    }
    let labels: Vec<&String> = wanted.labels.iter().collect();
    complaints(Some(&wanted.title), wanted.description.as_deref(), &labels)?;
    let member = project.role().is_some();
    let at = wanted.created_at.filter(|_| may_date(project.role())).unwrap_or(tx.now);
    let iid = query::projects::next_issue(tx.conn, project.id).map_err(fault)?;
    let issue = NewIssue {
        project_id: project.id,
        iid,
        title: wanted.title.trim(),
        description: wanted.description.as_deref(),
        confidential: wanted.confidential,
        due_date: wanted.due_date.filter(|_| member),
        author_id,
    };
    let id = query::issues::insert(tx.conn, &issue, at).map_err(fault)?;
    if member {
        query::issues::set_labels(tx.conn, id, &wanted.labels).map_err(fault)?;
        let assignees = assignable(tx, project, &wanted.assignees)?;
        query::issues::set_assignees(tx.conn, id, &assignees).map_err(fault)?;
    }
    query::projects::touch(tx.conn, project.id, tx.now).map_err(fault)?;
    let made = query::issues::by_iid(tx.conn, project.id, iid).map_err(fault)?;
    made.ok_or_else(|| Error::internal("an issue vanished while it was made"))
}
