//! Deleting a branch.

use std::sync::Arc;

use tessera_git::Oid;
use tessera_model::Result;
use tessera_model::operation::Operation;

use super::move_refs::move_refs;
use super::{BranchShown, Place};
use crate::protection::RefMove;
use crate::{Ask, Service};

/// Deletes a branch, if it still is where the caller saw it.
///
/// # Errors
/// 400 with GitLab's texts for protected branches and the default one.
pub async fn delete<Op: Operation>(
    service: &Service,
    ask: &Arc<Ask>,
    place: &Place,
    branch: &BranchShown,
) -> Result<()> {
    let update = RefMove {
        name: format!("refs/heads/{}", branch.name),
        old: branch.commit.oid,
        new: Oid::ZERO,
        forced: false,
    };
    Ok(move_refs::<Op>(service, ask, place, vec![update]).await?)
}
