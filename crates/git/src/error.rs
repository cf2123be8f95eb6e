//! What can go wrong with git, in the terms a caller can act on.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::oid::Oid;
use crate::version::Version;

/// Shorthand used throughout this crate.
pub type Result<T, E = GitError> = std::result::Result<T, E>;

/// Every failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// The git program could not be started at all.
    #[error("the git program {} cannot be run: {source}", program.display())]
    Missing {
        /// The program as configured.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The git program is older than this crate can work with.
    #[error("git {found} is too old: {} or newer is needed", Version::OLDEST)]
    TooOld {
        /// What `git version` answered.
        found: Version,
    },
    /// The revision, reference, path or object does not exist.
    #[error("not found in the repository")]
    NotFound,
    /// All process slots stayed taken for the whole queue time.
    #[error("too many git processes are running")]
    Busy,
    /// A reference is not in the state the caller expected.
    #[error("reference {name}: {kind}")]
    Conflict {
        /// The full reference name.
        name: String,
        /// How it differs.
        kind: Conflict,
    },
    /// A commit was asked for that contradicts the tree it builds on.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// A value that came from outside breaks a rule; nothing was run.
    #[error("invalid {what}: {reason}")]
    InvalidInput {
        /// Which value.
        what: &'static str,
        /// Which rule.
        reason: &'static str,
    },
    /// The answer of git passed the caller's limit.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A command was ended because it took longer than allowed.
    #[error("git {command} did not finish within {limit:?}")]
    TimedOut {
        /// The git subcommand.
        command: &'static str,
        /// The time it was allowed.
        limit: Duration,
    },
    /// git ended with a failure nobody expected.
    #[error("git {command} failed ({status}): {stderr}")]
    Failed {
        /// The git subcommand.
        command: &'static str,
        /// Its exit status as text, for example `exit status: 128`.
        status: String,
        /// The beginning of what it wrote to its error stream; for logs, not for users.
        stderr: String,
    },
    /// git answered in a form this crate does not know.
    #[error("git {command} gave an unexpected answer: {detail}")]
    Protocol {
        /// The git subcommand.
        command: &'static str,
        /// What was wrong.
        detail: String,
    },
    /// The repository holds something git would not have written, or lacks something it would have kept.
    #[error("the repository is damaged: {detail}")]
    Damaged {
        /// What is wrong; for logs, not for users.
        detail: String,
    },
    /// A file operation failed.
    #[error("{context}: {source}")]
    Io {
        /// What was being done.
        context: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Why a reference could not be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// It no longer points where the caller believed.
    Moved {
        /// Where it points now; `None` when it does not exist.
        actual: Option<Oid>,
    },
    /// Its name is a folder of another name, or the reverse (`a` beside `a/b`).
    Overlap,
    /// Another process is changing it at this moment.
    Locked,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Moved { actual: Some(oid) } => write!(f, "points at {oid} now"),
            Self::Moved { actual: None } => f.write_str("does not exist"),
            Self::Overlap => f.write_str("overlaps another reference name"),
            Self::Locked => f.write_str("is being changed by another process"),
        }
    }
}

/// Why a commit could not be built from its actions. The path is the one of the offending action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// A file was to be created (or moved) where one exists.
    #[error("a file named {path:?} already exists")]
    FileExists {
        /// Path of the action.
        path: String,
    },
    /// A file was to be created where a directory exists.
    #[error("a directory named {path:?} already exists")]
    DirectoryExists {
        /// Path of the action.
        path: String,
    },
    /// A leading part of the path is a file.
    #[error("{parent:?} is a file, so {path:?} cannot exist below it")]
    ParentIsFile {
        /// Path of the action.
        path: String,
        /// The part of it that is a file.
        parent: String,
    },
    /// A file was to be changed, moved or removed that does not exist.
    #[error("a file named {path:?} does not exist")]
    FileMissing {
        /// Path of the action (for a move: its source).
        path: String,
    },
    /// The path breaks the rules for names in a tree.
    #[error("invalid path {path:?}: {reason}")]
    InvalidPath {
        /// Path of the action.
        path: String,
        /// The rule.
        reason: &'static str,
    },
}

impl GitError {
    /// For `map_err`: attaches what was being done to an I/O error.
    pub(crate) fn io(context: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { context, source }
    }
}
