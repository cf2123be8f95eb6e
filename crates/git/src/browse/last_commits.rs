//! Which commit touched each entry of a folder last.

use std::collections::HashMap;
use std::collections::hash_map;
use std::sync::Arc;

use super::history::{Queue, Walk};
use super::tree::Identity;
use super::{Brief, Entry, GitPath, Reader};
use crate::error::Result;
use crate::oid::Oid;

/// Most commits that are looked at.
const WALKED: usize = 2000;

/// Most bytes of objects that are unpacked.
const UNPACKED: u64 = 32 << 20;

/// The last commits of the entries of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastCommits {
    /// In the order of the entries; `None` where it was not found in time.
    pub commits: Vec<Option<Arc<Brief>>>,
    /// Whether the search was given up after 2,000 commits or 32 MiB of objects.
    pub cut: bool,
}

impl Reader {
    /// The newest commit that touched each of these entries of a folder, in the history of `commit`, as `git log -1` would
    /// find it. [`GitError::NotFound`](crate::GitError::NotFound) when there is no such commit.
    pub fn last_commits(&self, commit: Oid, folder: &GitPath, entries: &[Entry]) -> Result<LastCommits> {
        let mut walk = Walk::new(self, folder, UNPACKED);
        let mut queue = Queue::default();
        let mut result = LastCommits { commits: vec![None; entries.len()], cut: false };
        // An entry goes down the history for as long as a parent has the same; so wherever it waits it is what it is
        // in the commit that was asked for.
        let mut waiting: HashMap<Oid, Vec<usize>> = HashMap::new();
        queue.push(self.brief(commit)?.oid, &walk.node(commit)?);
        waiting.insert(commit, (0..entries.len()).collect());
        while let Some(oid) = queue.pop() {
            let Some(mut here) = waiting.remove(&oid).filter(|here| !here.is_empty()) else { continue };
            if walk.is_over(WALKED) {
                result.cut = true;
                break;
            }
            let node = walk.node(oid)?;
            let folder = walk.at_path(&node)?;
            for parent in &node.parents {
                let before = walk.node(*parent)?;
                let older = walk.at_path(&before)?;
                let same = if older == folder {
                    std::mem::take(&mut here)
                } else {
                    self.take_same(older, entries, &mut here)?
                };
                if !same.is_empty() {
                    match waiting.entry(*parent) {
                        hash_map::Entry::Occupied(mut some) => some.get_mut().extend(same),
                        hash_map::Entry::Vacant(none) => {
                            none.insert(same);
                            queue.push(*parent, &before);
                        }
                    }
                }
                if here.is_empty() {
                    break;
                }
            }
            if !here.is_empty() {
                let brief = Arc::new(self.brief(oid)?);
                for at in here {
                    result.commits[at] = Some(Arc::clone(&brief));
                }
            }
        }
        Ok(result)
    }

    /// The newest commit that touched what lies at a path, in the history of `commit`; `None` when nothing lies there, or
    /// when it was not found in time. [`GitError::NotFound`](crate::GitError::NotFound) when there is no such commit.
    pub fn last_commit(&self, commit: Oid, path: &GitPath) -> Result<Option<Brief>> {
        let Some(folder) = path.parent() else { return self.brief(commit).map(Some) };
        let Some(entry) = self.entry(commit, path)? else { return Ok(None) };
        let found = self.last_commits(commit, &folder, &[entry])?.commits.pop().flatten();
        Ok(found.map(Arc::unwrap_or_clone))
    }

    /// Moves those entries out of `here` that another folder has too.
    fn take_same(
        &self,
        folder: Option<Identity>,
        entries: &[Entry],
        here: &mut Vec<usize>,
    ) -> Result<Vec<usize>> {
        let Some((0o040_000, tree)) = folder else { return Ok(Vec::new()) };
        let mut wanted: HashMap<&[u8], usize> =
            here.iter().map(|at| (entries[*at].name.as_bytes(), *at)).collect();
        let mut same = Vec::new();
        self.search_tree(tree, |found| {
            if let Some(at) = wanted.get(&**found.filename)
                && Oid::from(found.oid) == entries[*at].oid
                && u32::from(found.mode.value()) == entries[*at].mode
            {
                same.push(*at);
                wanted.remove(&**found.filename);
            }
            None::<()>
        })?;
        *here = wanted.into_values().collect();
        Ok(same)
    }
}
