//! Where repositories lie, how they come into being and how they go.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use crate::error::{GitError, Result};
use crate::oid::hex;
use crate::plumbing::Plumbing;
use crate::{Git, blocking, durable, layout, refname, temporary};

/// Which repository: the number of its project. It never changes and is never given to another project, so that
/// renaming or moving a project touches no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepositoryId(pub u64);

impl RepositoryId {
    /// The folder below the folder of repositories: `@hashed/ab/cd/<hash>.git`, where the hash is the SHA-256 of the
    /// decimal number. Spread over 65,536 folders, it says nothing about names.
    pub fn relative_path(self) -> PathBuf {
        let hash = hex(&Sha256::digest(self.0.to_string()));
        ["@hashed", &hash[..2], &hash[2..4], &format!("{hash}.git")].iter().collect()
    }
}

/// Handle of one repository, whether its folder exists or not. Cheap to make and to clone.
#[derive(Debug, Clone)]
pub struct Repository {
    pub(crate) git: Git,
    id: RepositoryId,
    path: PathBuf,
}

/// A repository's folder that may have been made just now, and is being made durable.
#[derive(Debug)]
pub(crate) struct Fresh(Option<JoinHandle<Result<()>>>);

impl Fresh {
    /// Waits until it is durable.
    pub(crate) async fn settle(self) -> Result<()> {
        let Some(task) = self.0 else { return Ok(()) };
        let lost =
            |lost| GitError::Io { context: "make a repository durable", source: io::Error::other(lost) };
        task.await.map_err(lost)?
    }
}

impl Repository {
    pub(crate) fn new(git: Git, id: RepositoryId) -> Self {
        let path = git.inner.config.repositories_dir.join(id.relative_path());
        Self { git, id, path }
    }

    /// The number this handle was made from.
    pub fn id(&self) -> RepositoryId {
        self.id
    }

    /// The folder, which may not exist.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the folder exists.
    pub fn exists(&self) -> bool {
        self.path.join("HEAD").exists()
    }

    /// The folder to read from: its own, or the empty stand-in.
    pub(crate) fn read_path(&self) -> PathBuf {
        if self.exists() { self.path.clone() } else { self.git.inner.empty_repository() }
    }

    /// A command that reads this repository.
    pub(crate) fn reading(&self, name: &'static str) -> Plumbing<'_> {
        Plumbing::new(&self.git, name, Some(&self.read_path()))
    }

    /// A command that changes this repository, whose folder must exist.
    pub(crate) fn writing(&self, name: &'static str) -> Plumbing<'_> {
        Plumbing::new(&self.git, name, Some(&self.path))
    }

    /// Makes the folder when it is missing, with `HEAD` naming `default_branch`; an existing one is left as it is.
    /// Safe to call from several tasks, processes and machines at once. Durable when it returns.
    pub async fn ensure(&self, default_branch: &str) -> Result<()> {
        self.put(default_branch).await?.settle().await
    }

    /// Like [`ensure`](Self::ensure), but durable only when what it returns is settled, so that git can start meanwhile.
    pub(crate) async fn put(&self, default_branch: &str) -> Result<Fresh> {
        if self.exists() {
            return Ok(Fresh(None));
        }
        refname::check_branch(default_branch)?;
        let inner = Arc::clone(&self.git.inner);
        let spare = inner.spare.serves(default_branch).then(|| inner.spare.clone());
        let (path, branch) = (self.path.clone(), default_branch.to_owned());
        blocking("make a repository", move || {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            match spare {
                Some(spare) if spare.take(&path)? => Ok(()),
                _ => layout::make(&inner.scratch(), &path, &branch),
            }
        })
        .await?;
        let (git, path) = (self.git.clone(), self.path.clone());
        Ok(Fresh(Some(tokio::spawn(async move {
            let root = git.inner.config.repositories_dir.clone();
            let settled = blocking("make a repository durable", move || {
                // The whole way up: a folder on it may have been made by another task that has not synced it yet.
                let mut way = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&root));
                way.try_for_each(durable::sync)
            });
            let settled = settled.await;
            git.lay_ready();
            settled
        }))))
    }

    /// Removes the folder and all it holds; a missing one is no error. It disappears in one step, so that a removal
    /// cut short never leaves half a repository.
    pub async fn remove(&self) -> Result<()> {
        let (scratch, path) = (self.git.inner.scratch(), self.path.clone());
        blocking("remove a repository", move || {
            let doomed = temporary::Folder::new(&scratch)?;
            match fs::rename(&path, doomed.path().join("repository.git")) {
                Ok(()) => path.parent().map_or(Ok(()), durable::sync),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Bytes the folder occupies; 0 without one.
    pub async fn disk_size(&self) -> Result<u64> {
        let path = self.path.clone();
        blocking("measure a repository", move || folder_size(&path)).await
    }

    /// Like [`GitError::NotFound`] when the folder is missing: for writes that need existing content.
    pub(crate) fn require_folder(&self) -> Result<()> {
        if self.exists() { Ok(()) } else { Err(GitError::NotFound) }
    }
}

fn folder_size(path: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut sum = 0;
    for entry in entries {
        let entry = entry?;
        sum += match entry.file_type() {
            Ok(kind) if kind.is_dir() => folder_size(&entry.path())?,
            // Files come and go while git works.
            _ => entry.metadata().map_or(0, |meta| meta.blocks() * 512),
        };
    }
    Ok(sum)
}
