//! Reading for pages: in this process, synchronously, with bounds.
//!
//! [`Repository::browse`] opens a [`Reader`] away from the async threads. Objects are found and unpacked by gix's object
//! database; references, which are short files, are read as `read::refs` does. Nothing but the folder of
//! the repository is looked at: neither configuration nor environment, no alternates, no replacements. Whoever may push
//! may have pushed anything, so every step has a limit, and what a limit cut off is told in the result.

mod blob;
mod changes;
mod diff;
mod history;
mod last_commits;
mod path;
mod refs;
mod tree;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use gix_hash::ObjectId;
use gix_object::Find as _;
use gix_odb::Header as _;
use gix_odb::store::init::Options;
use gix_pack::cache::lru::MemoryCappedHashmap;

use crate::error::{GitError, Result};
use crate::oid::{ObjectKind, Oid};
use crate::read::Headers;
use crate::repository::Repository;
use crate::{Commit, Signature, slots};

pub use blob::{Blob, LfsPointer};
pub use changes::Side;
pub use diff::{Body, Changes, Details, FileChange, Hunk, Line, LineKind, Status};
pub use history::History;
pub use last_commits::LastCommits;
pub use path::GitPath;
pub use refs::{Counts, Head, HeadKind, Heads, Resolved, ResolvedKind};
pub use tree::{Entry, Kind, Tree};

/// Most bytes of one allocation for an object and for what it is a delta of. Git makes no delta of what is more than 32
/// times as large, and nothing above 1 MiB is shown.
const ALLOCATION: usize = 64 << 20;

/// Longest chain of deltas that is followed: twice what `git gc --aggressive` makes at most.
const DELTAS: u32 = 512;

/// Bytes of unpacked bases of deltas that are kept for the next object.
const BASES: usize = 16 << 20;

/// Largest commit that is read.
const LARGEST_COMMIT: u64 = 4 << 20;

/// Most bytes of a title.
const TITLE: usize = 512;

/// What a page says of a commit in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Its name.
    pub oid: Oid,
    /// The first line of the message, cut at 512 bytes.
    pub title: String,
    /// Who wrote the change, and when.
    pub author: Signature,
    /// Who made the commit, and when.
    pub committer: Signature,
}

impl Brief {
    fn of(commit: Commit) -> Self {
        let title = commit.title();
        let title = title[..title.floor_char_boundary(TITLE)].to_owned();
        Self { oid: commit.oid, title, author: commit.author, committer: commit.committer }
    }
}

/// A repository that is open for reading. What it gives is of the moment of each call.
pub struct Reader {
    folder: PathBuf,
    objects: gix_odb::Handle,
    /// Bytes of objects that were unpacked.
    spent: Cell<u64>,
}

impl Repository {
    /// Runs `work` on a thread that may block, with the repository open; a missing folder reads as an empty repository.
    ///
    /// [`GitError::Busy`] when too many others read. [`GitError::Damaged`] when `work` meets what git would not have
    /// written, even where that makes a library panic.
    pub async fn browse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = &self.git.inner;
        let slot = slots::take(&inner.browse_lane, inner.config.queue_timeout).await?;
        let folder = self.read_path();
        let done = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            work(&Reader::open(&folder)?)
        });
        done.await.unwrap_or_else(|lost| Err(GitError::Damaged { detail: lost.to_string() }))
    }
}

impl Reader {
    fn open(folder: &Path) -> Result<Self> {
        let io = GitError::io;
        let objects = folder.join("objects");
        // Nothing here makes such a file, and gix would follow it out of the folder.
        if objects.join("info/alternates").exists() {
            return Err(damaged("it borrows objects of another repository"));
        }
        let options = Options {
            alloc_limit_bytes: Some(ALLOCATION),
            // For alternates alone, which there are none of.
            current_dir: Some(folder.to_owned()),
            ..Options::default()
        };
        let objects = gix_odb::at_opts(objects, gix_hash::Kind::Sha1, None, options)
            .map_err(io("open the objects of a repository"))?
            .with_pack_cache(|| Box::new(MemoryCappedHashmap::new(BASES)));
        Ok(Self { folder: folder.to_owned(), objects, spent: Cell::new(0) })
    }

    /// Kind and size of an object; `None` when there is none of this name.
    fn header(&self, oid: Oid) -> Result<Option<(ObjectKind, u64)>> {
        let found = self.objects.try_header(&ObjectId::from(oid)).map_err(damaged)?;
        let Some(header) = found else { return Ok(None) };
        if header.num_deltas().is_some_and(|deltas| deltas > DELTAS) {
            return Err(damaged(format_args!("{oid} is a delta of too many deltas")));
        }
        let kind = match header.kind() {
            gix_object::Kind::Blob => ObjectKind::Blob,
            gix_object::Kind::Tree => ObjectKind::Tree,
            gix_object::Kind::Commit => ObjectKind::Commit,
            gix_object::Kind::Tag => ObjectKind::Tag,
        };
        Ok(Some((kind, header.size())))
    }

    /// Reads an object into `buffer`. [`GitError::NotFound`] when there is none of this name and kind,
    /// [`GitError::TooLarge`] when it has more than `limit` bytes.
    fn object<'a>(
        &self,
        oid: Oid,
        kind: ObjectKind,
        limit: u64,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        let size = match self.header(oid)? {
            Some((found, size)) if found == kind => size,
            _ => return Err(GitError::NotFound),
        };
        if size > limit {
            return Err(GitError::TooLarge { limit });
        }
        let found = self.objects.try_find(&ObjectId::from(oid), buffer).map_err(damaged)?;
        // It was there a moment ago.
        let data = found.ok_or_else(|| damaged(format_args!("{oid} is gone")))?;
        self.spent.set(self.spent.get().saturating_add(data.data.len() as u64));
        Ok(data.data)
    }

    /// An object that another one names.
    fn linked<'a>(
        &self,
        oid: Oid,
        kind: ObjectKind,
        limit: u64,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        let missing = |error| match error {
            GitError::NotFound => damaged(format_args!("there is no {} {oid}", kind.as_str())),
            other => other,
        };
        self.object(oid, kind, limit, buffer).map_err(missing)
    }

    /// One commit. [`GitError::NotFound`] when there is none of this name.
    fn commit(&self, oid: Oid) -> Result<Commit> {
        parse_commit(oid, self.object(oid, ObjectKind::Commit, LARGEST_COMMIT, &mut Vec::new())?)
    }

    /// A commit that another object names.
    fn linked_commit(&self, oid: Oid) -> Result<Commit> {
        parse_commit(oid, self.linked(oid, ObjectKind::Commit, LARGEST_COMMIT, &mut Vec::new())?)
    }

    /// One commit, in one line. [`GitError::NotFound`] when there is none of this name.
    pub fn brief(&self, oid: Oid) -> Result<Brief> {
        self.commit(oid).map(Brief::of)
    }

    /// The commit that an object leads to: itself, or what a tag, or a tag of tags, stands for. `None` for trees and
    /// blobs, and for names that stand for nothing.
    fn peel(&self, mut oid: Oid) -> Result<Option<Oid>> {
        /// Deepest nesting of tags that is followed.
        const NESTED: usize = 8;
        let mut buffer = Vec::new();
        for _ in 0..NESTED {
            match self.header(oid)? {
                Some((ObjectKind::Commit, _)) => return Ok(Some(oid)),
                Some((ObjectKind::Tag, _)) => {}
                _ => return Ok(None),
            }
            let content = self.object(oid, ObjectKind::Tag, LARGEST_COMMIT, &mut buffer)?;
            let Some(target) = Headers::split(content).first("object").and_then(Oid::from_hex) else {
                return Err(damaged(format_args!("broken tag {oid}")));
            };
            oid = target;
        }
        Ok(None)
    }
}

fn parse_commit(oid: Oid, content: &[u8]) -> Result<Commit> {
    Commit::parse(oid, content).ok_or_else(|| damaged(format_args!("broken commit {oid}")))
}

fn damaged(detail: impl std::fmt::Display) -> GitError {
    GitError::Damaged { detail: detail.to_string() }
}

#[cfg(test)]
mod tests;
