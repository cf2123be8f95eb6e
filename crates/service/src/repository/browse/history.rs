//! The commits of a branch, or of a path in it.

use tessera_git::browse::{GitPath, HeadKind, History, Resolved};
use tessera_model::Result;

use super::locate::Asked;
use super::{Shown, read};
use crate::Service;
use crate::repository::Place;

/// Commits of one page.
pub const COMMITS: usize = 40;

/// A page of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commits {
    /// What the URL stands for; its path is empty for the whole history.
    pub at: Resolved,
    /// The commits.
    pub history: History,
}

/// A page, from 1 on, of the history that `<ref>/<path…>` of a URL leads to. A path that is gone still has one.
///
/// # Errors
/// 404 when it begins with neither branch nor tag nor commit.
pub async fn list(
    service: &Service,
    place: &Place,
    rest: &GitPath,
    preferred: Option<HeadKind>,
    page: usize,
) -> Result<Shown<Commits>> {
    let asked = Asked::new(place, rest, preferred);
    let skip = page.saturating_sub(1).saturating_mul(COMMITS);
    read(service, place, move |reader| {
        asked.find(reader, |at| {
            let history = reader.history(at.commit, &at.path, skip, COMMITS)?;
            Ok(Shown::Found(Commits { at, history }))
        })
    })
    .await
}
