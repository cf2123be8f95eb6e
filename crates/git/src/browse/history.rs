//! Walks from a commit to those before it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::tree::Identity;
use super::{Brief, GitPath, LARGEST_COMMIT, Reader, damaged};
use crate::error::Result;
use crate::oid::{ObjectKind, Oid};
use crate::read::Headers;

/// Most commits of one page.
const PAGE: usize = 100;

/// Most parents of one commit that are followed; git itself makes no merge of more than some dozens.
const PARENTS: usize = 256;

/// Most commits that one walk looks at.
const WALKED: usize = 20_000;

/// Most bytes of objects that one walk unpacks.
const UNPACKED: u64 = 128 << 20;

/// A page of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The newest first, by the committer's time.
    pub commits: Vec<Brief>,
    /// Whether there are more after these.
    pub more: bool,
    /// Whether the walk was given up after 20,000 commits or 128 MiB of objects: there may be more.
    pub cut: bool,
}

/// What a walk needs to know of a commit.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) tree: Oid,
    pub(super) parents: Vec<Oid>,
    time: i64,
}

/// Commits that wait for their turn, the newest first; of the same time the one that came first.
#[derive(Default)]
pub(super) struct Queue {
    heap: BinaryHeap<(i64, Reverse<usize>, Oid)>,
    count: usize,
}

impl Queue {
    pub(super) fn push(&mut self, oid: Oid, node: &Node) {
        self.heap.push((node.time, Reverse(self.count), oid));
        self.count += 1;
    }

    pub(super) fn pop(&mut self) -> Option<Oid> {
        self.heap.pop().map(|(_, _, oid)| oid)
    }
}

/// Commits and paths that were looked up once.
pub(super) struct Walk<'a> {
    reader: &'a Reader,
    path: &'a GitPath,
    nodes: HashMap<Oid, Node>,
    /// What lies at the path, by the directory of the commit.
    found: HashMap<Oid, Option<Identity>>,
    enough: u64,
}

impl<'a> Walk<'a> {
    /// A walk that looks at one path and gives up after unpacking so many bytes.
    pub(super) fn new(reader: &'a Reader, path: &'a GitPath, bytes: u64) -> Self {
        let enough = reader.spent.get().saturating_add(bytes);
        Self { reader, path, nodes: HashMap::new(), found: HashMap::new(), enough }
    }

    pub(super) fn is_over(&self, most: usize) -> bool {
        self.nodes.len() > most || self.reader.spent.get() > self.enough
    }

    pub(super) fn node(&mut self, oid: Oid) -> Result<Node> {
        if let Some(node) = self.nodes.get(&oid) {
            return Ok(node.clone());
        }
        let mut buffer = Vec::new();
        let content = self.reader.linked(oid, ObjectKind::Commit, LARGEST_COMMIT, &mut buffer)?;
        let headers = Headers::split(content);
        let parents = headers.all("parent").take(PARENTS).map(Oid::from_hex).collect::<Option<_>>();
        let tree = headers.first("tree").and_then(Oid::from_hex);
        let (Some(tree), Some(parents)) = (tree, parents) else {
            return Err(damaged(format_args!("broken commit {oid}")));
        };
        let node = Node { tree, parents, time: headers.signature("committer").map_or(0, |made| made.time) };
        self.nodes.insert(oid, node.clone());
        Ok(node)
    }

    /// What lies at the path in a commit; for the root its directory.
    pub(super) fn at_path(&mut self, node: &Node) -> Result<Option<Identity>> {
        if self.path.is_empty() {
            return Ok(Some((0o040_000, node.tree)));
        }
        if let Some(found) = self.found.get(&node.tree) {
            return Ok(*found);
        }
        let entry = self.reader.entry_below(node.tree, self.path)?;
        let found = entry.map(|entry| (entry.mode, entry.oid));
        self.found.insert(node.tree, found);
        Ok(found)
    }
}

impl Reader {
    /// The history of a commit, or of a path in it: those commits that changed what lies there. As with `git log`, a
    /// merge that took the path from one side as it was leads on to that side alone. Gives at most 100 commits after the
    /// first `skip`. [`GitError::NotFound`](crate::GitError::NotFound) when there is no such commit.
    pub fn history(&self, commit: Oid, path: &GitPath, skip: usize, limit: usize) -> Result<History> {
        let start = self.brief(commit)?.oid;
        let limit = limit.min(PAGE);
        let mut walk = Walk::new(self, path, UNPACKED);
        let (mut queue, mut seen) = (Queue::default(), HashSet::from([start]));
        queue.push(start, &walk.node(start)?);
        let (mut passed, mut found) = (0, Vec::new());
        let mut history = History { commits: Vec::new(), more: false, cut: false };
        while let Some(oid) = queue.pop() {
            if walk.is_over(WALKED) {
                history.cut = true;
                break;
            }
            let node = walk.node(oid)?;
            let (changed, onward) = step(&mut walk, &node)?;
            if changed {
                if found.len() == limit {
                    history.more = true;
                    break;
                }
                if passed < skip {
                    passed += 1;
                } else {
                    found.push(oid);
                }
            }
            for parent in onward {
                if seen.insert(parent) {
                    queue.push(parent, &walk.node(parent)?);
                }
            }
        }
        history.commits = found.into_iter().map(|oid| self.brief(oid)).collect::<Result<_>>()?;
        Ok(history)
    }
}

/// Whether a commit changed what lies at the path of the walk, and where the walk goes on.
fn step(walk: &mut Walk<'_>, node: &Node) -> Result<(bool, Vec<Oid>)> {
    if walk.path.is_empty() {
        return Ok((true, node.parents.clone()));
    }
    let here = walk.at_path(node)?;
    for parent in &node.parents {
        let before = walk.node(*parent)?;
        if walk.at_path(&before)? == here {
            return Ok((false, vec![*parent]));
        }
    }
    let changed = !node.parents.is_empty() || here.is_some();
    Ok((changed, node.parents.clone()))
}
