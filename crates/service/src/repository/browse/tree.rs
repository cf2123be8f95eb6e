//! A folder.

use tessera_git::browse::{Blob, Brief, GitPath, HeadKind, Kind, LastCommits, Reader, Resolved, Tree};
use tessera_git::{GitError, Result as GitResult};
use tessera_model::Result;

use super::locate::Asked;
use super::{SHOWN, Shown, read};
use crate::Service;
use crate::repository::Place;

/// A folder as of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// What the URL stands for; its path is that of the folder.
    pub at: Resolved,
    /// The newest commit that changed something in it; `None` when it was not found in time.
    pub latest: Option<Brief>,
    /// What is in it.
    pub tree: Tree,
    /// Which commits touched the entries last.
    pub last_commits: LastCommits,
    /// What introduces it.
    pub readme: Option<Blob>,
}

/// The folder that `<ref>/<path…>` of a URL leads to.
///
/// # Errors
/// 404 when it leads to nothing.
pub async fn show(
    service: &Service,
    place: &Place,
    rest: &GitPath,
    preferred: Option<HeadKind>,
) -> Result<Shown<Folder>> {
    let asked = Asked::new(place, rest, preferred);
    read(service, place, move |reader| {
        asked.find(reader, |at| match reader.entry(at.commit, &at.path)? {
            Some(entry) if entry.kind != Kind::Tree => Ok(Shown::Elsewhere { at, kind: entry.kind }),
            _ => folder(reader, at).map(Shown::Found),
        })
    })
    .await
}

/// Reads a folder with what stands beside it.
pub(super) fn folder(reader: &Reader, at: Resolved) -> GitResult<Folder> {
    let tree = reader.tree(at.commit, &at.path)?;
    let latest = reader.last_commit(at.commit, &at.path)?;
    let last_commits = reader.last_commits(at.commit, &at.path, &tree.entries)?;
    let readme = readme(reader, &at, &tree)?;
    Ok(Folder { at, latest, tree, last_commits, readme })
}

/// The README of a folder, through a link if it is one. A page is not worth less because its README is lost.
fn readme(reader: &Reader, at: &Resolved, tree: &Tree) -> GitResult<Option<Blob>> {
    let Some(entry) = tree.readme() else { return Ok(None) };
    let found = reader.blob_of(at.path.join(&entry.name), entry.clone(), SHOWN).and_then(|blob| {
        let Some(target) = blob.link_target() else { return Ok(blob) };
        reader.blob(at.commit, &at.path.join(&GitPath::new(target.as_bytes())?), SHOWN)
    });
    match found {
        Ok(blob) => Ok(Some(blob).filter(|blob| blob.entry.kind == Kind::Blob)),
        Err(GitError::NotFound | GitError::InvalidInput { .. } | GitError::Damaged { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}
