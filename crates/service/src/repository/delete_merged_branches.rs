//! Deleting the branches that the default branch contains.

use std::sync::Arc;

use tessera_git::Oid;
use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::protection::RefKind;

use super::get_branch::root;
use super::move_refs::{Unmoved, move_refs};
use super::{Place, fault};
use crate::protection::RefMove;
use crate::{Ask, Service};

/// How often it is looked again when a branch moved meanwhile.
const TRIES: usize = 3;

/// Deletes every branch all of whose commits are in the default branch, unless it is protected or points at
/// the very same commit, as one that was only just made does.
///
/// # Errors
/// When branches keep moving meanwhile.
pub async fn delete<Op: Operation>(service: &Service, ask: &Arc<Ask>, place: &Place) -> Result<()> {
    let mut tries = 0;
    loop {
        let moves = merged(service, place).await?;
        if moves.is_empty() {
            return Ok(());
        }
        tries += 1;
        match move_refs::<Op>(service, ask, place, moves).await {
            Err(Unmoved::Conflict(..)) if tries < TRIES => {}
            other => return Ok(other?),
        }
    }
}

async fn merged(service: &Service, place: &Place) -> Result<Vec<RefMove>> {
    let Some(root) = root(service, place).await? else { return Ok(Vec::new()) };
    let merged = place.repository(service).branches_merged_into(root).await.map_err(fault)?;
    let doomed = merged.into_iter().filter(|branch| {
        let default = branch.name == place.project.default_branch;
        !default && branch.commit != root && !place.is_protected(RefKind::Branch, &branch.name)
    });
    let update = |branch: tessera_git::Branch| RefMove {
        name: format!("refs/heads/{}", branch.name),
        old: branch.commit,
        new: Oid::ZERO,
        forced: false,
    };
    Ok(doomed.map(update).collect())
}
