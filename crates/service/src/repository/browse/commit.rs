//! One commit.

use tessera_git::GitError;
use tessera_git::browse::{Details, GitPath};
use tessera_model::Result;

use super::locate::Asked;
use super::{Shown, read};
use crate::Service;
use crate::repository::Place;

/// A commit with what it changed, by its name, the beginning of it, or a branch or tag.
///
/// # Errors
/// 404 when there is none.
pub async fn show(service: &Service, place: &Place, name: &GitPath) -> Result<Shown<Details>> {
    let asked = Asked::new(place, name, None);
    read(service, place, move |reader| {
        asked.find(reader, |at| {
            if !at.path.is_empty() {
                return Err(GitError::NotFound);
            }
            reader.details(at.commit).map(Shown::Found)
        })
    })
    .await
}
