//! The tags of a project.

use tessera_model::Result;

use super::get_tag::{TagShown, with_commits};
use super::list_branches::page;
use super::{Place, fault, search, version};
use crate::{Listed, Service, Slice};

/// What a list of tags goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The name, byte by byte.
    Name,
    /// When it was made: the tagger's time, else that of the commit.
    #[default]
    Updated,
    /// The name, as a version.
    Version,
}

/// One page of the tags, and all in the order asked for.
///
/// # Errors
/// When git does not answer.
pub async fn list(
    service: &Service,
    place: &Place,
    wanted: Option<&str>,
    (by, descending): (By, bool),
    slice: Slice,
) -> Result<Listed<TagShown>> {
    let mut tags = place.repository(service).tags().await.map_err(fault)?;
    search::retain(&mut tags, wanted, |tag| &tag.name);
    let total = i64::try_from(tags.len()).ok();
    let items = if by == By::Updated {
        let mut shown = with_commits(service, place, tags).await?;
        shown.sort_by_key(TagShown::time);
        if descending {
            shown.reverse();
        }
        page(shown, slice)
    } else {
        if by == By::Version {
            tags.sort_by(|one, other| version::compare(&one.name, &other.name));
        }
        if descending {
            tags.reverse();
        }
        with_commits(service, place, page(tags, slice)).await?
    };
    Ok(Listed { items, total })
}

impl TagShown {
    /// When it was made, in seconds since 1970.
    fn time(&self) -> i64 {
        let tagger = self.tag.annotation.as_ref().and_then(|annotation| annotation.tagger.as_ref());
        let committer = self.commit.as_ref().map(|commit| &commit.committer);
        tagger.or(committer).map_or(0, |signature| signature.time)
    }
}
