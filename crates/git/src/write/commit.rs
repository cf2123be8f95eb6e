//! A commit from a list of file actions.

use std::fs::File;
use std::path::Path;

use super::import::import_stream;
use super::plan::{Plan, paths_to_look_up};
use crate::durable::Mark;
use crate::error::{GitError, Result};
use crate::oid::Oid;
use crate::read::Signature;
use crate::repository::Repository;
use crate::{blocking, layout, temporary};

/// One step of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The file it is about; for a move, its destination.
    pub path: String,
    /// What happens to it.
    pub change: Change,
}

/// What happens to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It comes into being.
    Create {
        /// All of it.
        content: Vec<u8>,
        /// Whether it can be run.
        executable: bool,
    },
    /// It gets new content and keeps its mode.
    Update {
        /// All of it.
        content: Vec<u8>,
    },
    /// It goes.
    Delete,
    /// It comes from another path, which goes.
    Move {
        /// The other path.
        from: String,
        /// New content, if it changes on the way.
        content: Option<Vec<u8>>,
    },
    /// It keeps its content and becomes, or ceases to be, one that can be run.
    Chmod {
        /// Whether it can be run afterwards.
        executable: bool,
    },
}

impl Change {
    pub(crate) fn source(&self) -> Option<&str> {
        match self {
            Self::Move { from, .. } => Some(from),
            _ => None,
        }
    }
}

/// A commit to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRequest {
    /// The commit it builds on; `None` for the first one.
    pub parent: Option<Oid>,
    /// Applied in this order; later ones see what earlier ones did.
    pub actions: Vec<Action>,
    /// Stored as it is.
    pub message: String,
    /// Who wrote the change.
    pub author: Signature,
    /// Who makes the commit.
    pub committer: Signature,
}

impl Repository {
    /// Builds a commit and returns its name. No reference moves: until the caller updates one (see
    /// [`update_ref`](Self::update_ref)) nothing leads to it. The repository's folder must exist.
    ///
    /// The new objects are made aside and taken into the repository only after the same checks a push gets; they are
    /// durable when this returns. Fails with [`GitError::Rejected`] when an action contradicts the tree, with
    /// [`GitError::InvalidInput`] when git's checks refuse what a file holds (a hostile `.gitmodules`), and with
    /// [`GitError::NotFound`] when the folder or the parent is missing.
    pub async fn commit_files(&self, request: &CommitRequest) -> Result<Oid> {
        self.require_folder()?;
        let paths = paths_to_look_up(&request.actions)?;
        let base = match request.parent {
            Some(parent) => self.lookup(parent, &paths).await?,
            None => Vec::new(),
        };
        let mut plan = Plan::new(base);
        plan.apply(&request.actions)?;
        let stream = import_stream(request, plan.into_changes())?;

        let scratch = self.git.inner.scratch();
        let branch = self.git.inner.config.default_branch.clone();
        let (aside, mark) = blocking("prepare a commit", move || {
            let aside = temporary::Folder::new(&scratch)?;
            layout::write(aside.path(), &branch)?;
            Ok((aside, Mark::take(&scratch)?))
        })
        .await?;
        let commit = self.import(aside.path(), stream).await?;
        self.take_over(aside, mark).await?;
        Ok(commit)
    }

    /// Makes the objects in a repository of their own, which borrows all others from this one.
    async fn import(&self, aside: &Path, stream: Vec<u8>) -> Result<Oid> {
        let objects = crate::read::quoted(&self.path().join("objects"));
        let answer = crate::plumbing::Plumbing::with_settings(
            &self.git,
            // What is made aside may vanish with the power, and is always a pack.
            &["core.fsync=none".to_owned(), "fastimport.unpackLimit=0".to_owned()],
            "fast-import",
            Some(aside),
        )
        .args(["--quiet", "--done", "--date-format=raw"])
        .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects)
        .input(stream)
        .output()
        .await?;
        Oid::from_hex(answer.trim_ascii_end())
            .ok_or(GitError::Protocol { command: "fast-import", detail: "no commit named".to_owned() })
    }

    async fn take_over(&self, aside: temporary::Folder, mark: Mark) -> Result<()> {
        let packs = aside.path().join("objects/pack");
        let found = blocking("find the new objects", move || {
            let mut files = Vec::new();
            for entry in std::fs::read_dir(packs)? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "pack") {
                    files.push(File::open(path)?);
                }
            }
            Ok(files)
        })
        .await?;
        // None when every object was there already, as for a commit made again in the same second.
        for pack in found {
            let finished =
                self.writing("index-pack").args(["--stdin", "--strict"]).input_file(pack).finish().await?;
            if finished.stderr.contains("fsck error") {
                tracing::info!(stderr = finished.stderr, "a commit did not pass git's checks");
                return Err(GitError::InvalidInput { what: "content", reason: "git's checks refuse it" });
            }
            finished.output()?;
        }
        let path = self.path().to_owned();
        blocking("make a commit durable", move || {
            mark.sync_changes(&path)?;
            drop(aside);
            Ok(())
        })
        .await
    }
}
