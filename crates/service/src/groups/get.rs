//! One group, as the caller sees it.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::{Namespace, Project};

use crate::{Authorized, Tx, projects};

/// How many projects stand in the answer about a group, as in GitLab.
const PROJECTS: i64 = 100;

/// A group and, if asked for, its newest projects.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The group.
    pub group: Namespace,
    /// Projects directly in it that the caller sees.
    pub projects: Option<Vec<Project>>,
}

/// One group.
///
/// # Errors
/// When the database does not answer.
pub fn get<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    group: Authorized<'tx, Op, Namespace>,
    with_projects: bool,
) -> Result<Seen> {
    let projects =
        if with_projects { Some(projects::list::directly_in(tx, &group, PROJECTS)?) } else { None };
    Ok(Seen { group: group.into_inner(), projects })
}
