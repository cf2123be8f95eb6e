//! One tag.

use tessera_git::{Commit, Oid, Tag};
use tessera_model::protection::RefKind;
use tessera_model::{Error, Result};

use super::{Place, fault};
use crate::Service;

/// A tag and the commit it leads to.
#[derive(Clone, Debug)]
pub struct TagShown {
    /// The tag.
    pub tag: Tag,
    /// The commit; `None` for tags of trees and blobs.
    pub commit: Option<Commit>,
    /// Whether a rule covers it.
    pub protected: bool,
}

/// One tag.
///
/// # Errors
/// "404 Tag Not Found".
pub async fn get(service: &Service, place: &Place, name: &str) -> Result<TagShown> {
    let tag = place.repository(service).tag(name).await.map_err(fault)?;
    let tag = tag.ok_or_else(|| Error::missing("Tag"))?;
    let mut shown = with_commits(service, place, vec![tag]).await?;
    shown.pop().ok_or_else(|| Error::missing("Tag"))
}

/// Adds the commits, all at once.
pub(super) async fn with_commits(service: &Service, place: &Place, tags: Vec<Tag>) -> Result<Vec<TagShown>> {
    let oids: Vec<Oid> = tags.iter().filter_map(|tag| tag.commit).collect();
    let mut commits = place.repository(service).commits(&oids).await.map_err(fault)?.into_iter();
    let shown = tags.into_iter().map(|tag| TagShown {
        commit: tag.commit.and_then(|_| commits.next()),
        protected: place.is_protected(RefKind::Tag, &tag.name),
        tag,
    });
    Ok(shown.collect())
}
