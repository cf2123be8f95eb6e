//! Tags.

use serde::Serialize;
use tessera_model::project::Project;
use tessera_service::repository::TagShown;

use super::Links;
use super::commit::{CommitView, commit, date};

/// A tag.
#[derive(Serialize)]
pub(crate) struct TagView<'a> {
    name: &'a str,
    message: Option<&'a str>,
    target: String,
    commit: Option<CommitView<'a>>,
    release: Option<()>,
    protected: bool,
    created_at: Option<String>,
}

/// A tag of a project. Message and time of making are those of the tag itself: only annotated ones have any.
pub(crate) fn tag<'a>(links: &Links, project: &Project, shown: &'a TagShown) -> TagView<'a> {
    let annotation = shown.tag.annotation.as_ref();
    TagView {
        name: &shown.tag.name,
        message: annotation.map(|annotation| annotation.message.as_str()),
        target: shown.tag.target.to_string(),
        commit: shown.commit.as_ref().map(|of| commit(links, project, of)),
        release: None,
        protected: shown.protected,
        created_at: annotation.and_then(|annotation| annotation.tagger.as_ref()).map(date),
    }
}
