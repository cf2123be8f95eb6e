//! `/issues` and `/projects/:id/issues`.

mod create;
mod delete;
mod filter;
mod get;
mod list;
mod update;

use tessera_service::Key;

use crate::params::Reader;

/// The project of the route and the number of the issue in it.
pub(super) fn place(p: &mut Reader<'_>) -> (Key, i64) {
    (Key::parse(&p.string("id").required()), p.integer("issue_iid").required())
}

/// The assignees asked for, by either of GitLab's parameters; the older one names a single user.
fn assignees(p: &mut Reader<'_>) -> Option<Vec<i64>> {
    let several = p.integers("assignee_ids").comma().update().into_option();
    let one = p.integer("assignee_id").update().into_option();
    several.map(Option::unwrap_or_default).or_else(|| one.map(|id| id.into_iter().collect()))
}
