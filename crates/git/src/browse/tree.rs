//! Folders and what is in them.

use gix_object::TreeRefIter;
use gix_object::tree::{EntryKind, EntryRef};

use super::{GitPath, Reader, damaged};
use crate::error::{GitError, Result};
use crate::oid::{ObjectKind, Oid};

/// Most entries of one folder that are given.
pub(super) const ENTRIES: usize = 2000;

/// Largest tree that is read, in bytes: more than a million entries.
pub(super) const LARGEST_TREE: u64 = 48 << 20;

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A folder.
    Tree,
    /// A submodule: a commit of another repository.
    Submodule,
    /// A file.
    Blob,
    /// A symbolic link.
    Symlink,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name within the folder.
    pub name: GitPath,
    /// What it is.
    pub kind: Kind,
    /// Mode as git has it, such as `0o100644`.
    pub mode: u32,
    /// Its object; of a submodule the commit.
    pub oid: Oid,
}

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Where it lies.
    pub path: GitPath,
    /// Its object.
    pub oid: Oid,
    /// Folders, then submodules, then files and links, each by name in byte order; the first 2,000 of them.
    pub entries: Vec<Entry>,
    /// How many there are.
    pub total: usize,
}

impl Tree {
    /// Whether there are more entries than are given.
    pub fn is_cut(&self) -> bool {
        self.total > self.entries.len()
    }

    /// The entry that introduces the folder: `README` in any case, with one of the endings that are read as text. The
    /// best is Markdown, then plain text, then no ending.
    pub fn readme(&self) -> Option<&Entry> {
        const ENDINGS: [&[u8]; 5] = [b".md", b".markdown", b".mdown", b".txt", b""];
        let rank = |entry: &Entry| {
            let name = entry.name.as_bytes().to_ascii_lowercase();
            let ending = name.strip_prefix(b"readme")?;
            ENDINGS.iter().position(|known| *known == ending)
        };
        let files = self.entries.iter().filter(|entry| matches!(entry.kind, Kind::Blob | Kind::Symlink));
        files
            .filter_map(|entry| Some((rank(entry)?, entry)))
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, entry)| entry)
    }
}

impl Entry {
    pub(super) fn of(entry: &EntryRef<'_>) -> Self {
        let kind = match entry.mode.kind() {
            EntryKind::Tree => Kind::Tree,
            EntryKind::Blob | EntryKind::BlobExecutable => Kind::Blob,
            EntryKind::Link => Kind::Symlink,
            EntryKind::Commit => Kind::Submodule,
        };
        Self {
            name: GitPath::stored(entry.filename),
            kind,
            mode: u32::from(entry.mode.value()),
            oid: Oid::from(entry.oid),
        }
    }

    /// Whether it is a file that can be run.
    pub fn is_executable(&self) -> bool {
        self.kind == Kind::Blob && self.mode & 0o100 != 0
    }
}

/// What makes an entry another one: its mode and its object.
pub(super) type Identity = (u32, Oid);

impl Reader {
    /// The directory of a commit.
    pub(super) fn root(&self, commit: Oid) -> Result<Oid> {
        Ok(self.commit(commit)?.tree)
    }

    /// Goes over the entries of a tree until `visit` gives something.
    pub(super) fn search_tree<T>(
        &self,
        tree: Oid,
        mut visit: impl FnMut(EntryRef<'_>) -> Option<T>,
    ) -> Result<Option<T>> {
        let mut buffer = Vec::new();
        let content = self.linked(tree, ObjectKind::Tree, LARGEST_TREE, &mut buffer)?;
        for entry in TreeRefIter::from_bytes(content, gix_hash::Kind::Sha1) {
            let entry = entry.map_err(|_| damaged(format_args!("broken tree {tree}")))?;
            if let Some(found) = visit(entry) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// What lies at a path below a tree; `None` when nothing does. The path must not be empty.
    pub(super) fn entry_below(&self, mut tree: Oid, path: &GitPath) -> Result<Option<Entry>> {
        let mut parts = path.parts().peekable();
        while let Some(part) = parts.next() {
            let is_it = |entry: EntryRef<'_>| (entry.filename == part).then(|| Entry::of(&entry));
            let Some(found) = self.search_tree(tree, is_it)? else { return Ok(None) };
            if parts.peek().is_none() {
                return Ok(Some(found));
            }
            if found.kind != Kind::Tree {
                return Ok(None);
            }
            tree = found.oid;
        }
        Ok(None)
    }

    /// What lies at a path of a commit; `None` when nothing does, and for the root, which is no entry.
    /// [`GitError::NotFound`] when there is no such commit.
    pub fn entry(&self, commit: Oid, path: &GitPath) -> Result<Option<Entry>> {
        self.entry_below(self.root(commit)?, path)
    }

    /// A folder of a commit. [`GitError::NotFound`] when there is no such commit, or no folder at the path.
    pub fn tree(&self, commit: Oid, path: &GitPath) -> Result<Tree> {
        let mut oid = self.root(commit)?;
        if !path.is_empty() {
            let found = self.entry_below(oid, path)?.filter(|entry| entry.kind == Kind::Tree);
            oid = found.ok_or(GitError::NotFound)?.oid;
        }
        let mut kinds: [Vec<Entry>; 3] = Default::default();
        let mut total = 0;
        self.search_tree(oid, |entry| {
            total += 1;
            let entry = Entry::of(&entry);
            let sort = match entry.kind {
                Kind::Tree => 0,
                Kind::Submodule => 1,
                Kind::Blob | Kind::Symlink => 2,
            };
            if kinds[sort].len() < ENTRIES {
                kinds[sort].push(entry);
            }
            None::<()>
        })?;
        let mut entries = kinds.concat();
        entries.truncate(ENTRIES);
        Ok(Tree { path: path.clone(), oid, entries, total })
    }
}
