//! The code on a project's first page.

use tessera_git::browse::{Counts, GitPath, Resolved, ResolvedKind};
use tessera_model::Result;

use super::read;
use super::tree::{Folder, folder};
use crate::Service;
use crate::repository::Place;

/// What a project's first page shows of its repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// How many branches and tags there are.
    pub counts: Counts,
    /// The top folder of the default branch; `None` when there is no such branch, as in an empty repository.
    pub folder: Option<Folder>,
}

/// What a project's first page shows of its repository.
///
/// # Errors
/// When the repository cannot be read.
pub async fn show(service: &Service, place: &Place) -> Result<Overview> {
    let branch = place.project.default_branch.clone();
    read(service, place, move |reader| {
        let counts = reader.counts()?;
        let Some(commit) = reader.branch(&branch)? else { return Ok(Overview { counts, folder: None }) };
        let name = GitPath::new(branch.as_bytes())?;
        let at = Resolved { name, kind: ResolvedKind::Branch, commit, path: GitPath::default() };
        Ok(Overview { counts, folder: Some(folder(reader, at)?) })
    })
    .await
}
