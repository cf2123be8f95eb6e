//! The branches of a project.

use std::collections::HashSet;

use tessera_git::Oid;
use tessera_model::Result;

use super::get_branch::{BranchShown, root, shown};
use super::{Place, fault, search};
use crate::{Listed, Service, Slice};

/// The order of a list of branches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By name.
    #[default]
    Name,
    /// The one that was committed to longest ago first.
    Oldest,
    /// The one that was committed to last first.
    Newest,
}

/// One page of the branches.
///
/// # Errors
/// When git does not answer.
pub async fn list(
    service: &Service,
    place: &Place,
    wanted: Option<&str>,
    order: Order,
    slice: Slice,
) -> Result<Listed<BranchShown>> {
    let repository = place.repository(service);
    let mut branches = repository.branches().await.map_err(fault)?;
    search::retain(&mut branches, wanted, |branch| &branch.name);
    if order != Order::Name {
        let oids: Vec<Oid> = branches.iter().map(|branch| branch.commit).collect();
        let commits = repository.commits(&oids).await.map_err(fault)?;
        let mut dated: Vec<_> = commits.iter().map(|commit| commit.committer.time).zip(branches).collect();
        dated.sort_by_key(|(time, _)| if order == Order::Newest { -*time } else { *time });
        branches = dated.into_iter().map(|(_, branch)| branch).collect();
    }
    let total = i64::try_from(branches.len()).ok();
    let branches = page(branches, slice);
    let oids: Vec<Oid> = branches.iter().map(|branch| branch.commit).collect();
    let commits = repository.commits(&oids).await.map_err(fault)?;
    let merged = merged(service, place, &oids).await?;
    let items = branches.into_iter().zip(commits).map(|(branch, commit)| {
        let merged = merged.contains(&branch.commit);
        shown(place, branch, commit, merged)
    });
    Ok(Listed { items: items.collect(), total })
}

/// Cuts a page out of a list.
pub(super) fn page<T>(items: Vec<T>, slice: Slice) -> Vec<T> {
    let size = |number: i64| usize::try_from(number.max(0)).unwrap_or(usize::MAX);
    items.into_iter().skip(size(slice.offset)).take(size(slice.limit)).collect()
}

/// The heads that the default branch holds beside more of its own.
async fn merged(service: &Service, place: &Place, heads: &[Oid]) -> Result<HashSet<Oid>> {
    let Some(root) = root(service, place).await? else { return Ok(HashSet::new()) };
    if heads.iter().all(|head| *head == root) {
        return Ok(HashSet::new());
    }
    let merged = place.repository(service).branches_merged_into(root).await.map_err(fault)?;
    Ok(merged.into_iter().map(|branch| branch.commit).filter(|commit| *commit != root).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_past_the_end_are_empty() {
        let slice = |limit, offset| Slice { limit, offset };
        assert_eq!(page(vec![1, 2, 3], slice(2, 0)), [1, 2]);
        assert_eq!(page(vec![1, 2, 3], slice(2, 2)), [3]);
        assert!(page(vec![1, 2, 3], slice(2, i64::MAX)).is_empty());
    }
}
