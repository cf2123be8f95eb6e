//! The groups and projects that a token reaches.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::GetOwnAssociations;
use tessera_model::project::{Membership, Namespace, Project};
use tessera_model::role::Role;
use tessera_store::query;
use tessera_store::query::namespaces::GroupFilter;
use tessera_store::query::projects::ProjectFilter;

use crate::{Authorized, Slice, Tx, fault};

/// What a token reaches by the memberships of its user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Associations {
    /// Groups, each with the user's role.
    pub groups: Vec<(Namespace, Option<Role>)>,
    /// Projects, each with what the user is to it.
    pub projects: Vec<(Project, Membership)>,
}

/// The groups and projects in which the token's user has at least this role: one page of each.
///
/// # Errors
/// When the database does not answer.
pub fn own<'tx>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, GetOwnAssociations, ()>,
    least: Option<Role>,
    slice: Slice,
) -> Result<Associations> {
    let level = least.unwrap_or(Role::Guest).level();
    let viewer = tx.viewer();
    let wanted = GroupFilter { min_access_level: Some(level), ..GroupFilter::default() };
    let groups = query::namespaces::list(tx.conn, &viewer, &wanted, "n.id", slice).map_err(fault)?.items;
    let wanted = ProjectFilter { min_access_level: Some(level), ..ProjectFilter::default() };
    let projects = query::projects::list(tx.conn, &viewer, &wanted, "p.id", slice).map_err(fault)?.items;
    let mut found = Associations::default();
    for group in groups {
        let role = tx.role_in_namespace(&group)?;
        found.groups.push((group, role));
    }
    for project in projects {
        let membership = tx.membership_in(&project)?;
        found.projects.push((project, membership));
    }
    Ok(found)
}
