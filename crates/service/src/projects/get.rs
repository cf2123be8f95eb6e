//! One project, as the caller sees it.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::{Membership, Project};

use crate::{Authorized, Tx};

/// A project and what the caller is to it; `None` for callers who are nobody.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The project.
    pub project: Project,
    /// The caller's own membership.
    pub membership: Option<Membership>,
}

/// One project.
///
/// # Errors
/// When the database does not answer.
pub fn get<'tx, Op: Operation>(tx: &mut Tx<'tx>, project: Authorized<'tx, Op, Project>) -> Result<Seen> {
    seen(tx, project.into_inner())
}

/// Adds what the caller is to a project that it just made or may see.
///
/// # Errors
/// When the database does not answer.
pub fn seen(tx: &mut Tx<'_>, project: Project) -> Result<Seen> {
    let membership = if tx.caller.is_anonymous() { None } else { Some(tx.membership_in(&project)?) };
    Ok(Seen { project, membership })
}
