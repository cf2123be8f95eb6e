//! Removing a project with all that lies in it: its tokens are dead and its bots ended at once (L9).

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_store::query;
use tessera_store::query::members::Place;

use crate::audit::Event;
use crate::users::ghost;
use crate::{Authorized, Tx, fault, jobs};

/// Deletes a project at once.
///
/// # Errors
/// When the database does not answer.
pub fn delete<'tx, Op: Operation>(tx: &mut Tx<'tx>, project: &Authorized<'tx, Op, Project>) -> Result<()> {
    remove(tx, project)
}

/// Removes a project. The caller has been authorised; the folder goes with a job.
pub(crate) fn remove(tx: &mut Tx<'_>, project: &Project) -> Result<()> {
    for bot in query::users::bots_of_project(tx.conn, project.id).map_err(fault)? {
        ghost::remove(tx, &bot)?;
    }
    query::tokens::release_project(tx.conn, project.id).map_err(fault)?;
    query::members::delete_of_place(tx.conn, Place::Project(project.id)).map_err(fault)?;
    query::projects::clear(tx.conn, project.id).map_err(fault)?;
    query::projects::delete(tx.conn, project.id).map_err(fault)?;
    jobs::remove_repository::ask(tx, project.id)?;
    tx.audit(&Event {
        action: "project.remove",
        target: ("project", Some(project.id), &project.full_path),
        project_id: Some(project.id),
        details: json!({}),
    })
}
