//! The first page, lists, search, and making projects and groups.

mod dashboard;
mod explore;
mod new_group;
mod new_project;
mod own_groups;
mod search;

use tessera_model::time::Timestamp;
use tessera_service::projects::get::Seen;

use crate::ui::places::below;
use crate::ui::when::When;

/// A project in a list.
pub(crate) struct ProjectLine {
    pub(crate) href: String,
    pub(crate) full_path: String,
    pub(crate) description: String,
    pub(crate) visibility: &'static str,
    pub(crate) archived: bool,
    /// The caller's role; empty where there is none.
    pub(crate) role: &'static str,
    pub(crate) active: When,
}

impl ProjectLine {
    /// How lists show a project.
    pub(crate) fn of(seen: &Seen, now: Timestamp) -> Self {
        let project = &seen.project;
        let role = seen.membership.and_then(tessera_model::project::Membership::role);
        Self {
            href: below(&project.full_path, ""),
            full_path: project.full_path.clone(),
            description: project.description.clone(),
            visibility: project.visibility.title(),
            archived: project.archived,
            role: role.map_or("", tessera_model::role::Role::title),
            active: When::at(project.last_activity_at, now),
        }
    }
}
