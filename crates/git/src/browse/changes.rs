//! Which files differ between two directories.

use std::collections::{BTreeMap, HashMap};

use super::blob::is_binary;
use super::tree::{Entry, Identity, Kind};
use super::{GitPath, Reader};
use crate::error::{GitError, Result};
use crate::oid::{ObjectKind, Oid};

/// Most changed files that are listed at all.
const LISTED: usize = 3000;

/// Most folders that are compared.
const FOLDERS: usize = 5000;

/// Largest folder that is compared, in bytes: about a hundred thousand entries.
const LARGEST_FOLDER: u64 = 4 << 20;

/// Most bytes of objects that are unpacked to find what differs.
const UNPACKED: u64 = 64 << 20;

/// Longest path in bytes that is followed; no file system takes a longer one.
const LONGEST_PATH: usize = crate::treepath::LONGEST;

/// Most removed and most new files among which renames with changes are looked for.
const RENAMES: usize = 100;

/// Largest file that is compared to find a rename.
const LARGEST_RENAME: u64 = 256 << 10;

/// Most lines that are compared to find renames.
const RENAME_LINES: usize = 1_000_000;

/// One side of a changed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Where it lies.
    pub path: GitPath,
    /// What it is: no folder.
    pub kind: Kind,
    /// Mode as git has it, such as `0o100644`.
    pub mode: u32,
    /// Its object; of a submodule the commit.
    pub oid: Oid,
}

impl Side {
    fn of(path: GitPath, entry: &Entry) -> Self {
        Self { path, kind: entry.kind, mode: entry.mode, oid: entry.oid }
    }

    fn identity(&self) -> Identity {
        (self.mode, self.oid)
    }
}

/// What a file was and what it is; one of them is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) old: Option<Side>,
    pub(super) new: Option<Side>,
}

impl Pair {
    pub(super) fn path(&self) -> Option<&GitPath> {
        self.new.as_ref().or(self.old.as_ref()).map(|side| &side.path)
    }
}

/// The files that differ, by their path, and whether there may be more.
pub(super) struct Pairs {
    pub(super) pairs: Vec<Pair>,
    pub(super) cut: bool,
}

type Entries = BTreeMap<GitPath, Entry>;

impl Reader {
    /// What differs between two directories; none is an empty one.
    pub(super) fn pairs(&self, old: Option<Oid>, new: Option<Oid>) -> Result<Pairs> {
        let enough = self.spent.get().saturating_add(UNPACKED);
        let mut found = Pairs { pairs: Vec::new(), cut: false };
        let mut folders = vec![(GitPath::default(), old, new)];
        let mut compared = 0;
        while let Some((path, old, new)) = folders.pop() {
            compared += 1;
            if compared > FOLDERS || found.pairs.len() > LISTED || self.spent.get() > enough {
                found.cut = true;
                break;
            }
            let (Some(mut old), Some(new)) = (self.entries(old)?, self.entries(new)?) else {
                found.cut = true;
                continue;
            };
            let mut differ = |name: &GitPath, old: Option<Entry>, new: Option<Entry>| {
                let path = path.join(name);
                if path.as_bytes().len() > LONGEST_PATH {
                    found.cut = true;
                    return;
                }
                let is_folder = |entry: &Entry| entry.kind == Kind::Tree;
                let folder = |entry: &Option<Entry>| {
                    entry.as_ref().filter(|entry| is_folder(entry)).map(|entry| entry.oid)
                };
                let (old_folder, new_folder) = (folder(&old), folder(&new));
                if old_folder.is_some() || new_folder.is_some() {
                    folders.push((path.clone(), old_folder, new_folder));
                }
                let file = |entry: Option<Entry>| {
                    entry.filter(|entry| !is_folder(entry)).map(|entry| Side::of(path.clone(), &entry))
                };
                let (old, new) = (file(old), file(new));
                if old.is_some() || new.is_some() {
                    found.pairs.push(Pair { old, new });
                }
            };
            for (name, entry) in new {
                let before = old.remove(&name);
                let is_same =
                    before.as_ref().is_some_and(|old| (old.mode, old.oid) == (entry.mode, entry.oid));
                if !is_same {
                    differ(&name, before, Some(entry));
                }
            }
            for (name, entry) in old {
                differ(&name, Some(entry), None);
            }
        }
        if found.pairs.len() > LISTED {
            found.pairs.truncate(LISTED);
            found.cut = true;
        }
        self.join_renames(&mut found.pairs)?;
        found.pairs.sort_by(|one, other| one.path().cmp(&other.path()));
        Ok(found)
    }

    /// The entries of a folder by their names; `None` when it is too large.
    fn entries(&self, tree: Option<Oid>) -> Result<Option<Entries>> {
        let mut entries = Entries::new();
        let Some(tree) = tree else { return Ok(Some(entries)) };
        if self.header(tree)?.is_some_and(|(_, size)| size > LARGEST_FOLDER) {
            return Ok(None);
        }
        self.search_tree(tree, |entry| {
            let entry = Entry::of(&entry);
            entries.insert(entry.name.clone(), entry);
            None::<()>
        })?;
        Ok(Some(entries))
    }

    /// Makes one of a removed and a new file of the same content, or of at least half of it.
    fn join_renames(&self, pairs: &mut Vec<Pair>) -> Result<()> {
        pairs.sort_by(|one, other| one.path().cmp(&other.path()));
        let mut renames = same_content(pairs);
        let taken = |renames: &HashMap<usize, usize>, at: usize| {
            renames.contains_key(&at) || renames.values().any(|other| *other == at)
        };
        let rest = |is_wanted: fn(&Pair) -> bool| -> Vec<usize> {
            (0..pairs.len()).filter(|at| is_wanted(&pairs[*at]) && !taken(&renames, *at)).collect()
        };
        let (removed, added) = (rest(|pair| pair.new.is_none()), rest(|pair| pair.old.is_none()));
        if !removed.is_empty() && !added.is_empty() && removed.len().max(added.len()) <= RENAMES {
            renames.extend(self.alike(pairs, &removed, &added)?);
        }
        // Each old side moves to where it went; what is left of its place goes.
        for (removed, added) in &renames {
            pairs[*added].old = pairs[*removed].old.take();
        }
        pairs.retain(|pair| pair.old.is_some() || pair.new.is_some());
        Ok(())
    }

    /// Removed files and the new ones that are most like them.
    fn alike(&self, pairs: &[Pair], removed: &[usize], added: &[usize]) -> Result<HashMap<usize, usize>> {
        let mut lines = RENAME_LINES;
        let mut read = |side: Option<&Side>| -> Result<Option<Content>> {
            let Some(side) = side.filter(|side| side.kind == Kind::Blob) else { return Ok(None) };
            let content = self.content(side, LARGEST_RENAME)?;
            let content =
                content.map(|bytes| Content::of(&bytes)).filter(|content| content.lines.len() < lines);
            lines -= content.as_ref().map_or(0, |content| content.lines.len());
            Ok(content)
        };
        let mut old = Vec::new();
        for at in removed {
            old.extend(read(pairs[*at].old.as_ref())?.map(|content| (*at, content)));
        }
        let mut scores = Vec::new();
        let mut left = RENAME_LINES;
        for at in added {
            let Some(new) = read(pairs[*at].new.as_ref())? else { continue };
            for (before, content) in &old {
                if left < new.lines.len() {
                    break;
                }
                if content.size / 2 > new.size || new.size / 2 > content.size {
                    continue;
                }
                left -= new.lines.len();
                let percent = new.likeness(content);
                if percent >= 50 {
                    scores.push((std::cmp::Reverse(percent), *before, *at));
                }
            }
        }
        scores.sort_unstable();
        let mut renames = HashMap::new();
        let mut gone = std::collections::HashSet::new();
        for (_, before, after) in scores {
            if !renames.contains_key(&before) && gone.insert(after) {
                renames.insert(before, after);
            }
        }
        Ok(renames)
    }

    /// The content of a file; `None` when it is larger, and for submodules.
    pub(super) fn content(&self, side: &Side, limit: u64) -> Result<Option<Vec<u8>>> {
        if side.kind == Kind::Submodule {
            return Ok(None);
        }
        let mut buffer = Vec::new();
        match self.linked(side.oid, ObjectKind::Blob, limit, &mut buffer) {
            Ok(content) => {
                let length = content.len();
                buffer.truncate(length);
                Ok(Some(buffer))
            }
            Err(GitError::TooLarge { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

/// Removed files and the new ones that are the same; of several the one that is called the same.
fn same_content(pairs: &[Pair]) -> HashMap<usize, usize> {
    let mut removed: HashMap<Identity, Vec<usize>> = HashMap::new();
    for (at, pair) in pairs.iter().enumerate() {
        if let Pair { old: Some(old), new: None } = pair {
            removed.entry(old.identity()).or_default().push(at);
        }
    }
    let mut renames = HashMap::new();
    for (at, pair) in pairs.iter().enumerate() {
        if let Pair { old: None, new: Some(new) } = pair
            && let Some(candidates) = removed.get_mut(&new.identity())
        {
            let name = new.path.name();
            let called_so = |at: &usize| pairs[*at].path().is_some_and(|path| path.name() == name);
            // Many files of one content would make this quadratic.
            let best = candidates.iter().take(RENAMES).position(called_so).unwrap_or(0);
            if best < candidates.len() {
                renames.insert(candidates.swap_remove(best), at);
            }
        }
    }
    renames
}

/// The lines of a file, counted.
struct Content {
    size: usize,
    /// How many bytes of it are in a line of this hash.
    lines: HashMap<u64, usize>,
}

impl Content {
    fn of(bytes: &[u8]) -> Self {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut lines = HashMap::new();
        let mut add = |piece: &[u8]| {
            let mut hasher = DefaultHasher::new();
            piece.hash(&mut hasher);
            *lines.entry(hasher.finish()).or_default() += piece.len();
        };
        if is_binary(bytes) {
            bytes.chunks(64).for_each(&mut add);
        } else {
            bytes.split_inclusive(|byte| *byte == b'\n').for_each(&mut add);
        }
        Self { size: bytes.len(), lines }
    }

    /// How much of the larger of both is in the other, in percent.
    fn likeness(&self, other: &Self) -> usize {
        let shared =
            |(line, bytes): (&u64, &usize)| other.lines.get(line).map_or(0, |others| *bytes.min(others));
        let common: usize = self.lines.iter().map(shared).sum();
        common * 100 / self.size.max(other.size).max(1)
    }
}
