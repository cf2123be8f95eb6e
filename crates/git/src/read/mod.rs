//! Reading for the API. Names and paths from outside are judged before git sees them, and reach it where they cannot be
//! taken for options.

mod batch;
mod commit;
mod history;
mod refs;
mod tree;

pub(crate) use batch::quoted;
pub(crate) use commit::Headers;
pub use commit::{Commit, Signature};
pub use history::{DiffStats, Log, LogStart};
pub use refs::{Annotation, Branch, Tag};
pub(crate) use refs::{find_refs, list_refs};
pub use tree::{EntryKind, File, TreeEntry};

use crate::error::{GitError, Result};

/// What [`Repository::archive`](crate::Repository::archive) makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// `tar`
    Tar,
    /// `tar.gz`
    TarGz,
    /// `zip`
    Zip,
}

impl ArchiveFormat {
    /// git's name for it, which is the file name extension too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tar => "tar",
            Self::TarGz => "tar.gz",
            Self::Zip => "zip",
        }
    }
}

/// The folder all files of an archive lie in: unpacking must not leave the place it was started at.
pub(crate) fn check_prefix(prefix: &str) -> Result<()> {
    match prefix.strip_suffix('/') {
        Some(folder) => crate::treepath::check_new(folder)
            .map_err(|reason| GitError::InvalidInput { what: "prefix", reason }),
        None if prefix.is_empty() => Ok(()),
        None => Err(GitError::InvalidInput { what: "prefix", reason: "must end in a slash" }),
    }
}

#[cfg(test)]
mod tests;
