//! Listing issues: a project's, and those of everywhere.

use tessera_model::error::Unauthenticated;
use tessera_model::issue::{Issue, plans};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;
pub use tessera_store::query::issues::{Assigned, IssueFilter, Labelled, ORDERS};
pub use tessera_store::query::people::Who;

use crate::{Authorized, Listed, Slice, Tx, fault};

/// Whose issues a list holds, as seen by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mine {
    /// Those that it opened.
    Created,
    /// Those that it is to deal with.
    Assigned,
    /// All.
    All,
}

impl Mine {
    /// The scope of this name; both spellings of each are GitLab's.
    pub fn parse(name: &str) -> Self {
        match name {
            "created_by_me" | "created-by-me" => Self::Created,
            "assigned_to_me" | "assigned-to-me" => Self::Assigned,
            _ => Self::All,
        }
    }
}

/// The names of all scopes.
pub const SCOPES: &[&str] = &["created-by-me", "assigned-to-me", "created_by_me", "assigned_to_me", "all"];

/// The issues of a project that the caller sees; none where the project offers none.
///
/// # Errors
/// When the database does not answer.
pub fn of_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    wanted: &IssueFilter,
    mine: Mine,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Issue>> {
    let wanted = within(tx, project, wanted);
    list(tx, wanted, mine, order, slice)
}

/// How many issues of a project the caller sees.
///
/// # Errors
/// When the database does not answer.
pub fn count_of_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    wanted: &IssueFilter,
) -> Result<i64> {
    let (viewer, wanted) = (tx.viewer(), within(tx, project, wanted));
    query::issues::count(tx.conn, &viewer, &wanted).map_err(fault)
}

/// What is asked for, in this project.
fn within<'tx, Op: Operation>(
    tx: &Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    wanted: &IssueFilter,
) -> IssueFilter {
    let inside = tx.caller.fence().is_none_or(|fence| fence == project.id);
    IssueFilter {
        project: Some((project.id, inside && plans(project.role()))),
        nothing: wanted.nothing || !project.issues_enabled,
        ..wanted.clone()
    }
}

/// The issues of every project that the caller sees.
///
/// # Errors
/// 401 when nobody asks for their own.
pub fn everywhere<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &IssueFilter,
    mine: Mine,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Issue>> {
    if tx.caller.is_anonymous() && mine != Mine::All {
        return Err(Error::Unauthenticated(Unauthenticated::Missing));
    }
    list(tx, wanted.clone(), mine, order, slice)
}

fn list(
    tx: &mut Tx<'_>,
    mut wanted: IssueFilter,
    mine: Mine,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Issue>> {
    match (mine, tx.caller.user_id()) {
        (Mine::All, _) => {}
        (_, None) => wanted.nothing = true,
        (Mine::Created, Some(own)) => {
            // Both must hold: one's own that another wrote are none.
            wanted.nothing |= wanted.author.replace(Who::Id(own)).is_some_and(|who| !is_caller(tx, &who));
        }
        (Mine::Assigned, Some(own)) => match &mut wanted.assigned {
            Some(Assigned::To(users)) => users.push(Who::Id(own)),
            Some(Assigned::None) => wanted.nothing = true,
            _ => wanted.assigned = Some(Assigned::To(vec![Who::Id(own)])),
        },
    }
    let viewer = tx.viewer();
    query::issues::list(tx.conn, &viewer, &wanted, order, slice).map_err(fault)
}

fn is_caller(tx: &Tx<'_>, who: &Who) -> bool {
    tx.caller.user.as_ref().is_some_and(|user| match who {
        Who::Id(id) => user.id == *id,
        Who::Username(name) => user.username.to_lowercase() == name.to_lowercase(),
    })
}

/// The order of this name in a list of orders; the first for anything unknown.
pub(crate) fn order(
    orders: &[(&str, &'static str, &'static str)],
    by: &str,
    descending: bool,
) -> &'static str {
    let found = orders.iter().find(|(name, _, _)| *name == by).or_else(|| orders.first());
    found.map_or("1", |(_, up, down)| if descending { down } else { up })
}

/// The order of a list of issues.
pub fn order_of(by: &str, descending: bool) -> &'static str {
    order(ORDERS, by, descending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_have_two_directions() {
        assert_eq!(order_of("updated_at", true), "i.updated_at DESC, i.id DESC");
        assert_eq!(order_of("updated_at", false), "i.updated_at, i.id");
        assert_eq!(order_of("stars", true), order_of("created_at", true));
    }

    #[test]
    fn scopes_are_read_in_both_spellings() {
        for name in SCOPES {
            assert_eq!(Mine::parse(name) == Mine::All, *name == "all", "{name}");
        }
        assert_eq!(Mine::parse("assigned-to-me"), Mine::parse("assigned_to_me"));
    }
}
