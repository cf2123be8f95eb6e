//! Deleting a group with all that lies in it: tokens are dead and bots ended at once.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::operation::groups::DeleteGroup;
use tessera_model::project::Namespace;
use tessera_model::time::Timestamp;
use tessera_store::query;
use tessera_store::query::members::Place;

use crate::audit::Event;
use crate::{Authorized, Tx, fault, projects};

/// When a group last changed.
///
/// # Errors
/// When the database does not answer.
pub fn changed_at<'tx>(
    tx: &mut Tx<'tx>,
    group: &Authorized<'tx, DeleteGroup, Namespace>,
) -> Result<Timestamp> {
    query::namespaces::updated_at(tx.conn, group.id).map_err(fault)
}

/// Deletes a group, its subgroups and their projects.
///
/// # Errors
/// When the database does not answer.
pub fn delete<'tx, Op: Operation>(tx: &mut Tx<'tx>, group: &Authorized<'tx, Op, Namespace>) -> Result<()> {
    remove(tx, group)
}

/// Removes a group from the bottom up; groups lie in groups to a bounded depth.
fn remove(tx: &mut Tx<'_>, group: &Namespace) -> Result<()> {
    for child in query::namespaces::children(tx.conn, group.id).map_err(fault)? {
        remove(tx, &child)?;
    }
    for project in query::projects::in_namespace(tx.conn, group.id).map_err(fault)? {
        projects::remove::remove(tx, &project)?;
    }
    query::members::delete_of_place(tx.conn, Place::Group(group.id)).map_err(fault)?;
    query::namespaces::delete(tx.conn, group.id).map_err(fault)?;
    tx.audit(&Event {
        action: "group.remove",
        target: ("group", Some(group.id), &group.full_path),
        project_id: None,
        details: json!({}),
    })
}
