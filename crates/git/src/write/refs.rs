//! Moving references.

use std::fs;
use std::io;
use std::path::Path;

use crate::durable::Mark;
use crate::error::{Conflict, GitError, Result};
use crate::oid::Oid;
use crate::repository::Repository;
use crate::{blocking, durable, refname};

/// One reference to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefChange {
    /// Full name, such as `refs/heads/main`.
    pub name: String,
    /// Where it must point now; zero when it must not exist.
    pub expected: Oid,
    /// Where it shall point; zero to remove it.
    pub new: Oid,
}

impl Repository {
    /// Moves a reference from `expected` (zero: it must not exist) to `new`. Durable when this returns.
    /// [`GitError::Conflict`] when it points elsewhere; nothing has changed then.
    pub async fn update_ref(&self, name: &str, new: Oid, expected: Oid) -> Result<()> {
        if new.is_zero() {
            return Err(GitError::InvalidInput { what: "object name", reason: "must not be zero" });
        }
        self.update_refs(&[RefChange { name: name.to_owned(), expected, new }]).await
    }

    /// Removes a reference that points at `expected`, else [`GitError::Conflict`]. Durable when this returns.
    pub async fn delete_ref(&self, name: &str, expected: Oid) -> Result<()> {
        if expected.is_zero() {
            return Err(GitError::InvalidInput { what: "object name", reason: "must not be zero" });
        }
        self.update_refs(&[RefChange { name: name.to_owned(), expected, new: Oid::ZERO }]).await
    }

    /// Moves several references, all of them or none. Durable when this returns. The repository's folder must exist.
    pub async fn update_refs(&self, changes: &[RefChange]) -> Result<()> {
        self.require_folder()?;
        let mut input = b"start\0".to_vec();
        for RefChange { name, expected, new } in changes {
            refname::check_full(name)?;
            input.extend_from_slice(format!("update {name}\0{new}\0{expected}\0").as_bytes());
        }
        input.extend_from_slice(b"prepare\0commit\0");
        let scratch = self.git.inner.scratch();
        let mark = blocking("note the time of a change", move || Mark::take(&scratch)).await?;
        let finished = self.writing("update-ref").args(["--stdin", "-z"]).input(input).finish().await?;
        if !finished.status.success() {
            return Err(match self.find_conflict(changes, &finished.stderr).await? {
                Some(conflict) => conflict,
                None => finished.failure(),
            });
        }
        let path = self.path().to_owned();
        blocking("make a reference durable", move || mark.sync_changes(&path)).await
    }

    /// What stood in the way of these changes, judged by how things are now and, last, by what git said.
    async fn find_conflict(&self, changes: &[RefChange], said: &str) -> Result<Option<GitError>> {
        for RefChange { name, expected, new } in changes {
            let actual = self.read_ref(name).await?;
            if actual.unwrap_or(Oid::ZERO) != *expected {
                let kind = Conflict::Moved { actual };
                return Ok(Some(GitError::Conflict { name: name.clone(), kind }));
            }
            if !new.is_zero() && self.object_kind(*new, None).await?.is_none() {
                return Ok(Some(GitError::NotFound));
            }
        }
        let culprit = changes.iter().find(|change| said.contains(&change.name)).or(changes.first());
        let kind = if said.contains("cannot create") || said.contains("cannot process") {
            Conflict::Overlap
        } else if said.contains(".lock'") || said.contains("cannot lock ref") {
            // Not where it was expected when git looked, but there again now; or held by another process.
            Conflict::Locked
        } else {
            return Ok(None);
        };
        Ok(culprit.map(|change| GitError::Conflict { name: change.name.clone(), kind }))
    }

    /// Makes `HEAD` name another branch, which need not exist. Durable when this returns. The repository's folder must
    /// exist.
    pub async fn set_head(&self, branch: &str) -> Result<()> {
        self.require_folder()?;
        refname::check_branch(branch)?;
        let (path, content) = (self.path().to_owned(), format!("ref: refs/heads/{branch}\n"));
        let done = blocking("change HEAD", move || replace_head(&path, &content)).await;
        match done {
            Err(GitError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                Err(GitError::Conflict { name: "HEAD".to_owned(), kind: Conflict::Locked })
            }
            other => other,
        }
    }
}

/// By git's own protocol: the new content is written to the lock file, which then takes the file's place.
fn replace_head(repository: &Path, content: &str) -> io::Result<()> {
    let lock = repository.join("HEAD.lock");
    durable::write_new(&lock, content.as_bytes()).inspect_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            drop(fs::remove_file(&lock));
        }
    })?;
    fs::rename(&lock, repository.join("HEAD"))?;
    durable::sync(repository)
}
