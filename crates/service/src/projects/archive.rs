//! Making a project read-only, and letting it be written again.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_store::query;

use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// Archives a project, or takes it out of the archive; asking for what is already so changes nothing.
///
/// # Errors
/// When the database does not answer.
pub fn set<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    archived: bool,
) -> Result<Project> {
    let mut changed = Project::clone(project);
    if changed.archived == archived {
        return Ok(changed);
    }
    changed.archived = archived;
    changed.updated_at = tx.now;
    query::projects::update(tx.conn, &changed, tx.now).map_err(fault)?;
    tx.audit(&Event {
        action: if archived { "project.archive" } else { "project.unarchive" },
        target: ("project", Some(project.id), &project.full_path),
        project_id: Some(project.id),
        details: json!({}),
    })?;
    Ok(changed)
}
