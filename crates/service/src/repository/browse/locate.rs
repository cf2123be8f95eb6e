//! What the rest of a URL stands for in a project.

use tessera_git::browse::{GitPath, HeadKind, Reader, Resolved, ResolvedKind};
use tessera_git::{GitError, Result};

use super::Shown;

/// The word that stands for the default branch, in links that are to live longer than its name.
const HEAD: &[u8] = b"HEAD";

/// `<ref>/<path…>` of a URL, as the caller sent it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    rest: GitPath,
    preferred: Option<HeadKind>,
    default_branch: String,
}

impl Asked {
    pub(super) fn new(place: &crate::repository::Place, rest: &GitPath, preferred: Option<HeadKind>) -> Self {
        Self { rest: rest.clone(), preferred, default_branch: place.project.default_branch.clone() }
    }

    /// Finds it and reads what is wanted there; [`GitError::NotFound`] when it stands for nothing. Nothing at all and
    /// `HEAD` stand for the default branch.
    pub(super) fn find<T>(
        &self,
        reader: &Reader,
        work: impl FnOnce(Resolved) -> Result<Shown<T>>,
    ) -> Result<Shown<T>> {
        let mut steps = self.rest.steps();
        let first = steps.next().unwrap_or_default();
        let at = if first.is_empty() || first.as_bytes() == HEAD {
            let path = self.rest.as_bytes().get(HEAD.len() + 1..).unwrap_or_default();
            self.on_default_branch(reader, GitPath::new(path)?)?
        } else {
            reader.resolve(&self.rest, self.preferred)?
        };
        match at {
            Some(at) => work(at),
            None if reader.counts()?.is_empty() => Ok(Shown::Empty),
            None => Err(GitError::NotFound),
        }
    }

    fn on_default_branch(&self, reader: &Reader, path: GitPath) -> Result<Option<Resolved>> {
        let Some(commit) = reader.branch(&self.default_branch)? else { return Ok(None) };
        let name = GitPath::new(self.default_branch.as_bytes())?;
        Ok(Some(Resolved { name, kind: ResolvedKind::Branch, commit, path }))
    }
}
