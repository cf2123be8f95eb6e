//! What a list of actions does to a tree, found out before anything is written.

use std::collections::{BTreeMap, HashMap};

use super::commit::{Action, Change};
use crate::error::Rejected;
use crate::oid::Oid;
use crate::read::{EntryKind, TreeEntry};
use crate::treepath::check_new;

/// Mode of a plain file.
const PLAIN: u32 = 0o100_644;
/// Mode of a file that can be run.
const EXECUTABLE: u32 = 0o100_755;

/// What a path shall hold when all is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned<'a> {
    pub(crate) mode: u32,
    pub(crate) content: Content<'a>,
}

/// Content of a planned file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    /// An object that exists.
    Existing(Oid),
    /// Bytes to be written.
    Fresh(&'a [u8]),
}

/// The tree the commit builds on, as far as the actions touch it, and the changes so far.
pub(crate) struct Plan<'a> {
    base: HashMap<String, TreeEntry>,
    /// `None` for a removed file.
    changes: BTreeMap<&'a str, Option<Planned<'a>>>,
}

/// Judges the form of all paths. Returns every path that must be looked up in the base tree: those of the actions and
/// all their folders.
pub(crate) fn paths_to_look_up(actions: &[Action]) -> Result<Vec<&str>, Rejected> {
    let mut paths = Vec::new();
    for action in actions {
        for path in action.change.source().into_iter().chain([&*action.path]) {
            check_new(path).map_err(|reason| Rejected::InvalidPath { path: path.to_owned(), reason })?;
            paths.push(path);
            paths.extend(parents(path));
        }
    }
    paths.sort_unstable();
    paths.dedup();
    Ok(paths)
}

/// `a/b/c` → `a`, `a/b`.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

impl<'a> Plan<'a> {
    /// `base` holds what lies at the [`paths_to_look_up`].
    pub(crate) fn new(base: Vec<TreeEntry>) -> Self {
        let base = base.into_iter().map(|entry| (entry.path.clone(), entry)).collect();
        Self { base, changes: BTreeMap::new() }
    }

    /// Applies the actions in their order.
    pub(crate) fn apply(&mut self, actions: &'a [Action]) -> Result<(), Rejected> {
        actions.iter().try_for_each(|action| self.apply_one(action))
    }

    /// The outcome: paths with their new content, or `None` where a file goes.
    pub(crate) fn into_changes(self) -> BTreeMap<&'a str, Option<Planned<'a>>> {
        self.changes
    }

    fn apply_one(&mut self, action: &'a Action) -> Result<(), Rejected> {
        let path = &*action.path;
        match &action.change {
            Change::Create { content, executable } => {
                self.require_free(path)?;
                let mode = if *executable { EXECUTABLE } else { PLAIN };
                self.changes.insert(path, Some(Planned { mode, content: Content::Fresh(content) }));
            }
            Change::Update { content } => {
                let mode = self.require_file(path)?.mode;
                // A link that is given new content stays what people see in its place: a file.
                let mode = if mode == EXECUTABLE { EXECUTABLE } else { PLAIN };
                self.changes.insert(path, Some(Planned { mode, content: Content::Fresh(content) }));
            }
            Change::Delete => {
                self.require_file(path)?;
                self.changes.insert(path, None);
            }
            Change::Move { from, content } => {
                let mut file = self.require_file(from)?;
                if let Some(content) = content {
                    file.content = Content::Fresh(content);
                }
                self.changes.insert(from, None);
                self.require_free(path)?;
                self.changes.insert(path, Some(file));
            }
            Change::Chmod { executable } => {
                let mut file = self.require_file(path)?;
                file.mode = if *executable { EXECUTABLE } else { PLAIN };
                self.changes.insert(path, Some(file));
            }
        }
        Ok(())
    }

    /// The file at a path as things stand.
    fn file(&self, path: &str) -> Option<Planned<'a>> {
        if let Some(change) = self.changes.get(path) {
            return change.clone();
        }
        let entry = self.base.get(path).filter(|entry| entry.kind != EntryKind::Tree)?;
        Some(Planned { mode: entry.mode, content: Content::Existing(entry.oid) })
    }

    fn require_file(&self, path: &str) -> Result<Planned<'a>, Rejected> {
        // A submodule is no file: its object is not even here.
        let submodule = self.base.get(path).is_some_and(|entry| entry.kind == EntryKind::Commit);
        self.file(path)
            .filter(|_| !submodule || self.changes.contains_key(path))
            .ok_or_else(|| Rejected::FileMissing { path: path.to_owned() })
    }

    fn require_free(&self, path: &str) -> Result<(), Rejected> {
        if self.file(path).is_some() {
            return Err(Rejected::FileExists { path: path.to_owned() });
        }
        if let Some(parent) = parents(path).find(|parent| self.file(parent).is_some()) {
            return Err(Rejected::ParentIsFile { path: path.to_owned(), parent: parent.to_owned() });
        }
        // A folder of the base counts even when the same commit empties it: what else lies in it is not known here.
        let below = format!("{path}/");
        let started =
            self.changes.iter().any(|(other, change)| change.is_some() && other.starts_with(&below));
        if started || self.base.get(path).is_some_and(|entry| entry.kind == EntryKind::Tree) {
            return Err(Rejected::DirectoryExists { path: path.to_owned() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, kind: EntryKind, mode: u32) -> TreeEntry {
        TreeEntry { kind, oid: Oid::ZERO, mode, path: path.into(), size: None }
    }

    fn base() -> Vec<TreeEntry> {
        vec![
            entry("a", EntryKind::Blob, 0o100_755),
            entry("dir", EntryKind::Tree, 0o040_000),
            entry("dir/b", EntryKind::Blob, 0o100_644),
            entry("sub", EntryKind::Commit, 0o160_000),
        ]
    }

    fn create(path: &str) -> Action {
        Action { path: path.into(), change: Change::Create { content: b"x".to_vec(), executable: false } }
    }

    fn update(path: &str) -> Action {
        Action { path: path.into(), change: Change::Update { content: b"y".to_vec() } }
    }

    fn delete(path: &str) -> Action {
        Action { path: path.into(), change: Change::Delete }
    }

    fn moved(from: &str, to: &str) -> Action {
        Action { path: to.into(), change: Change::Move { from: from.into(), content: None } }
    }

    fn chmod(path: &str) -> Action {
        Action { path: path.into(), change: Change::Chmod { executable: true } }
    }

    fn run(actions: &[Action]) -> Result<Vec<(String, Option<u32>)>, Rejected> {
        let mut plan = Plan::new(base());
        plan.apply(actions)?;
        Ok(plan
            .into_changes()
            .into_iter()
            .map(|(path, file)| (path.into(), file.map(|file| file.mode)))
            .collect())
    }

    #[test]
    fn what_goes_through() {
        assert_eq!(run(&[create("n/e/w")]).unwrap(), [("n/e/w".into(), Some(PLAIN))]);
        assert_eq!(run(&[update("a")]).unwrap(), [("a".into(), Some(EXECUTABLE))]);
        assert_eq!(run(&[delete("a"), create("a")]).unwrap(), [("a".into(), Some(PLAIN))]);
        assert_eq!(
            run(&[delete("a"), create("a/x")]).unwrap(),
            [("a".into(), None), ("a/x".into(), Some(PLAIN))]
        );
        assert_eq!(run(&[moved("a", "z")]).unwrap(), [("a".into(), None), ("z".into(), Some(EXECUTABLE))]);
        assert_eq!(
            run(&[create("n"), moved("n", "m"), chmod("m")]).unwrap()[0],
            ("m".into(), Some(EXECUTABLE))
        );
        assert_eq!(run(&[moved("a", "a/b")]).unwrap()[1], ("a/b".into(), Some(EXECUTABLE)));
        assert_eq!(run(&[create("n"), delete("n")]).unwrap(), [("n".into(), None)]);
    }

    #[test]
    fn what_is_refused() {
        let exists = |path: &str| Err(Rejected::FileExists { path: path.into() });
        let missing = |path: &str| Err(Rejected::FileMissing { path: path.into() });
        assert_eq!(run(&[create("a")]), exists("a"));
        assert_eq!(run(&[create("n"), create("n")]), exists("n"));
        assert_eq!(run(&[create("sub")]), exists("sub"));
        assert_eq!(run(&[moved("a", "dir/b")]), exists("dir/b"));
        assert_eq!(run(&[update("n")]), missing("n"));
        assert_eq!(run(&[update("dir")]), missing("dir"));
        assert_eq!(run(&[delete("a"), update("a")]), missing("a"));
        assert_eq!(run(&[delete("sub")]), missing("sub"));
        assert_eq!(run(&[chmod("n")]), missing("n"));
        assert_eq!(run(&[moved("n", "m")]), missing("n"));
        assert_eq!(run(&[create("dir")]), Err(Rejected::DirectoryExists { path: "dir".into() }));
        assert_eq!(run(&[create("n/x"), create("n")]), Err(Rejected::DirectoryExists { path: "n".into() }));
        let below = Err(Rejected::ParentIsFile { path: "a/x".into(), parent: "a".into() });
        assert_eq!(run(&[create("a/x")]), below);
    }

    #[test]
    fn looks_up_all_that_matters() {
        let actions = [moved("p/q", "r/s/t"), delete("p/z")];
        assert_eq!(paths_to_look_up(&actions).unwrap(), ["p", "p/q", "p/z", "r", "r/s", "r/s/t"]);
        let bad = paths_to_look_up(&[moved("../x", "y")]).unwrap_err();
        assert!(matches!(bad, Rejected::InvalidPath { path, .. } if path == "../x"));
    }
}
