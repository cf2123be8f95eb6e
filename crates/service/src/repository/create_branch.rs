//! Making a branch.

use std::sync::Arc;

use tessera_git::{Conflict, Oid, refname};
use tessera_model::operation::Operation;
use tessera_model::{Error, Result};

use super::move_refs::{Unmoved, move_refs};
use super::{BranchShown, Place, fault, get_branch};
use crate::protection::RefMove;
use crate::{Ask, Service};

/// Makes a branch that begins at a revision.
///
/// # Errors
/// 400 with GitLab's texts.
pub async fn create<Op: Operation>(
    service: &Service,
    ask: &Arc<Ask>,
    place: &Place,
    name: &str,
    revision: &str,
) -> Result<BranchShown> {
    let said = |text: String| Err(Error::Refused(text));
    if revision.trim().is_empty() {
        return said("Ref is missing".to_owned());
    }
    if refname::check_branch(name).is_err() {
        return said("Branch name is invalid".to_owned());
    }
    if place.repository(service).branch(name).await.map_err(fault)?.is_some() {
        return said("Branch already exists".to_owned());
    }
    let Some(commit) = place.commit_of(service, revision).await? else {
        return said(format!("Invalid reference name: {revision}"));
    };
    let update = RefMove { name: format!("refs/heads/{name}"), old: Oid::ZERO, new: commit, forced: false };
    move_refs::<Op>(service, ask, place, vec![update]).await.map_err(|unmoved| match unmoved {
        Unmoved::Conflict(_, Conflict::Moved { .. }) => Error::Refused("Branch already exists".to_owned()),
        Unmoved::Conflict(_, Conflict::Overlap) => Error::Refused(format!(
            "Failed to create branch '{name}': Branch name conflicts with existing branch hierarchy."
        )),
        other => other.into(),
    })?;
    get_branch::get(service, place, name).await
}
