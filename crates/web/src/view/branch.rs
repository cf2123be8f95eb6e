//! Branches.

use serde::Serialize;
use tessera_model::project::Project;
use tessera_service::repository::BranchShown;

use super::Links;
use super::commit::{CommitView, commit};

/// A branch.
#[derive(Serialize)]
pub(crate) struct BranchView<'a> {
    name: &'a str,
    commit: CommitView<'a>,
    merged: bool,
    protected: bool,
    developers_can_push: bool,
    developers_can_merge: bool,
    can_push: bool,
    default: bool,
    web_url: String,
}

/// A branch of a project.
pub(crate) fn branch<'a>(links: &Links, project: &Project, shown: &'a BranchShown) -> BranchView<'a> {
    BranchView {
        name: &shown.name,
        commit: commit(links, project, &shown.commit),
        merged: shown.merged,
        protected: shown.protected,
        developers_can_push: shown.developers_can_push,
        developers_can_merge: shown.developers_can_merge,
        can_push: shown.can_push,
        default: shown.default,
        web_url: links.web(&format!("{}/-/tree/{}", project.full_path, Links::escape(&shown.name))),
    }
}
