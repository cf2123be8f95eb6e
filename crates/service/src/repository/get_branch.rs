//! One branch.

use tessera_git::{Branch, Commit, Oid};
use tessera_model::protection::{Action, RefKind};
use tessera_model::{Error, Result};

use super::{Place, fault};
use crate::Service;

/// A branch, and what the caller may do with it.
#[derive(Clone, Debug)]
pub struct BranchShown {
    /// Its name.
    pub name: String,
    /// Its newest commit.
    pub commit: Commit,
    /// Whether the default branch holds all of it, and more.
    pub merged: bool,
    /// Whether a rule covers it.
    pub protected: bool,
    /// Whether its rules let Developers push.
    pub developers_can_push: bool,
    /// Whether its rules let Developers merge.
    pub developers_can_merge: bool,
    /// Whether the caller may push to it.
    pub can_push: bool,
    /// Whether it is the default branch.
    pub default: bool,
}

/// One branch.
///
/// # Errors
/// "404 Branch Not Found".
pub async fn get(service: &Service, place: &Place, name: &str) -> Result<BranchShown> {
    let repository = place.repository(service);
    let branch = repository.branch(name).await.map_err(fault)?.ok_or_else(|| Error::missing("Branch"))?;
    let root = repository.branch(&place.project.default_branch).await.map_err(fault)?;
    let merged = match root {
        Some(root) if root.commit != branch.commit => {
            repository.is_ancestor(branch.commit, root.commit, None).await.map_err(fault)?
        }
        _ => false,
    };
    let commit = repository.commit(branch.commit).await.map_err(fault)?;
    Ok(shown(place, branch, commit, merged))
}

pub(super) fn shown(place: &Place, branch: Branch, commit: Commit, merged: bool) -> BranchShown {
    let name = branch.name;
    BranchShown {
        commit,
        merged,
        protected: place.is_protected(RefKind::Branch, &name),
        developers_can_push: place.developers_can(Action::Push, &name),
        developers_can_merge: place.developers_can(Action::Merge, &name),
        can_push: place.can_push(&name),
        default: name == place.project.default_branch,
        name,
    }
}

/// Where the default branch points, if there is one.
pub(super) async fn root(service: &Service, place: &Place) -> Result<Option<Oid>> {
    let branch = place.repository(service).branch(&place.project.default_branch).await.map_err(fault)?;
    Ok(branch.map(|branch| branch.commit))
}
