//! The bytes of a file.

use tessera_git::GitError;
use tessera_git::browse::{Blob, GitPath, HeadKind, Kind};
use tessera_model::Result;
use tessera_model::operation::Operation;

use super::locate::Asked;
use super::{SHOWN, Shown, read};
use crate::repository::{Content, Place, fault};
use crate::{Ask, Service};

/// The bytes of a file.
pub struct Raw {
    /// Where it lies, what it is and its size.
    pub blob: Blob,
    /// All of it, or piece by piece.
    pub content: Content,
}

/// The bytes of the file that `<ref>/<path…>` of a URL leads to; of a symbolic link its target.
///
/// # Errors
/// 404 when it leads to no file.
pub async fn get<Op: Operation>(
    service: &Service,
    ask: &Ask,
    place: &Place,
    rest: &GitPath,
    preferred: Option<HeadKind>,
) -> Result<Shown<Raw>> {
    let asked = Asked::new(place, rest, preferred);
    let found = read(service, place, move |reader| {
        asked.find(reader, |at| {
            let entry = reader.entry(at.commit, &at.path)?;
            let entry = entry.filter(|entry| matches!(entry.kind, Kind::Blob | Kind::Symlink));
            reader.blob_of(at.path, entry.ok_or(GitError::NotFound)?, SHOWN).map(Shown::Found)
        })
    });
    let mut blob = match found.await? {
        Shown::Found(blob) => blob,
        Shown::Empty => return Ok(Shown::Empty),
        Shown::Elsewhere { at, kind } => return Ok(Shown::Elsewhere { at, kind }),
    };
    let content = if let Some(bytes) = blob.content.take() {
        Content::Held(bytes)
    } else {
        let pieces = place.repository(service).blob_stream(blob.entry.oid).await.map_err(fault)?;
        Content::Streamed(place.watched::<Op>(service, ask, pieces)?)
    };
    Ok(Shown::Found(Raw { blob, content }))
}
