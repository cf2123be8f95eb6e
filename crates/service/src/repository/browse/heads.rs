//! The branches and the tags.

use tessera_git::browse::{Head, HeadKind};
use tessera_model::Result;
use tessera_model::protection::RefKind;

use super::read;
use crate::Service;
use crate::repository::Place;

/// Branches or tags of one page.
pub const HEADS: usize = 20;

/// A branch or tag of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadShown {
    /// What git has of it.
    pub head: Head,
    /// Whether it is the default branch.
    pub default: bool,
    /// Whether a rule covers it.
    pub protected: bool,
}

/// A page of the branches or tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadsShown {
    /// Those of the page.
    pub heads: Vec<HeadShown>,
    /// How many fit the search.
    pub total: usize,
    /// Whether the newest come first; very many come by name.
    pub dated: bool,
}

/// A page, from 1 on, of the branches or tags whose name holds `search`, the newest first.
///
/// # Errors
/// When the repository cannot be read.
pub async fn list(
    service: &Service,
    place: &Place,
    kind: HeadKind,
    search: Option<&str>,
    page: usize,
) -> Result<HeadsShown> {
    let search = search.map(str::to_owned);
    let skip = page.saturating_sub(1).saturating_mul(HEADS);
    let found =
        read(service, place, move |reader| reader.heads(kind, search.as_deref(), true, skip, HEADS)).await?;
    let shown = |head: Head| {
        let name = head.name.to_string();
        let (default, protected) = match kind {
            HeadKind::Branch => (name == place.project.default_branch, RefKind::Branch),
            HeadKind::Tag => (false, RefKind::Tag),
        };
        HeadShown { head, default, protected: place.is_protected(protected, &name) }
    };
    let heads = found.heads.into_iter().map(shown).collect();
    Ok(HeadsShown { heads, total: found.total, dated: found.dated })
}
