//! A file.

use tessera_git::GitError;
use tessera_git::browse::{Blob, Brief, GitPath, HeadKind, Kind, Resolved};
use tessera_model::Result;

use super::locate::Asked;
use super::{SHOWN, Shown, read};
use crate::Service;
use crate::repository::Place;

/// A file as of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What the URL stands for; its path is that of the file.
    pub at: Resolved,
    /// The file, with its content if it has at most 1 MiB.
    pub blob: Blob,
    /// The newest commit that changed it; `None` when it was not found in time.
    pub latest: Option<Brief>,
}

/// The file that `<ref>/<path…>` of a URL leads to.
///
/// # Errors
/// 404 when it leads to nothing.
pub async fn show(
    service: &Service,
    place: &Place,
    rest: &GitPath,
    preferred: Option<HeadKind>,
) -> Result<Shown<File>> {
    let asked = Asked::new(place, rest, preferred);
    read(service, place, move |reader| {
        asked.find(reader, |at| {
            let Some(entry) = reader.entry(at.commit, &at.path)? else {
                let is_root = at.path.is_empty();
                return if is_root {
                    Ok(Shown::Elsewhere { at, kind: Kind::Tree })
                } else {
                    Err(GitError::NotFound)
                };
            };
            if !matches!(entry.kind, Kind::Blob | Kind::Symlink) {
                return Ok(Shown::Elsewhere { at, kind: entry.kind });
            }
            let blob = reader.blob_of(at.path.clone(), entry, SHOWN)?;
            let latest = reader.last_commit(at.commit, &at.path)?;
            Ok(Shown::Found(File { at, blob, latest }))
        })
    })
    .await
}
