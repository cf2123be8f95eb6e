//! Lists of projects: each is listed exactly if it may be read singly.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::{Membership, Namespace, Project};
use tessera_model::role::Role;
use tessera_model::user::User;
use tessera_store::query;
use tessera_store::query::filter;
pub use tessera_store::query::projects::ProjectFilter;

use super::get::Seen;
use crate::{Authorized, Listed, Slice, Tx, fault};

/// Which projects, and in which order.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What the list is narrowed to.
    pub filter: ProjectFilter,
    /// Only those that the caller owns.
    pub owned: bool,
    /// The name of the order.
    pub order_by: String,
    /// Whether the order is reversed.
    pub descending: bool,
}

impl Wanted {
    fn filter(&self) -> ProjectFilter {
        let mut filter = self.filter.clone();
        if self.owned {
            filter.min_access_level = Some(Role::Owner.level());
        }
        filter
    }

    fn order(&self) -> &'static str {
        filter::order(query::projects::ORDERS, &self.order_by, self.descending)
    }
}

/// The names of the orders.
pub fn orders() -> Vec<&'static str> {
    query::projects::ORDERS.iter().map(|(name, ..)| *name).collect()
}

/// The projects that the caller sees.
///
/// # Errors
/// When the database does not answer.
pub fn visible<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Seen>> {
    list(tx, &wanted.filter(), wanted.order(), slice)
}

/// The first projects that the caller sees in an order, uncounted, and whether more follow.
///
/// # Errors
/// When the database does not answer.
pub fn first<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
    limit: i64,
) -> Result<(Vec<Seen>, bool)> {
    let viewer = tx.viewer();
    let (found, more) =
        query::projects::first(tx.conn, &viewer, &wanted.filter(), wanted.order(), limit).map_err(fault)?;
    Ok((seen(tx, found)?, more))
}

/// The projects of a group that the caller sees, those of its subgroups too if asked for.
///
/// # Errors
/// When the database does not answer.
pub fn of_group<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    group: &Authorized<'tx, Op, Namespace>,
    subgroups: bool,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Seen>> {
    let mut filter = wanted.filter();
    if subgroups {
        filter.below = Some(group.id);
    } else {
        filter.namespace_id = Some(group.id);
    }
    list(tx, &filter, wanted.order(), slice)
}

/// The projects in a user's own namespace that the caller sees.
///
/// # Errors
/// When the database does not answer.
pub fn of_user<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Seen>> {
    let filter = ProjectFilter { owner_id: Some(user.id), ..wanted.filter() };
    list(tx, &filter, wanted.order(), slice)
}

/// The projects directly in a group that the caller sees, newest first and at most `limit`; they stand in
/// the answer about the group.
pub(crate) fn directly_in<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    group: &Authorized<'tx, Op, Namespace>,
    limit: i64,
) -> Result<Vec<Project>> {
    let filter = ProjectFilter { namespace_id: Some(group.id), ..ProjectFilter::default() };
    let (viewer, order) = (tx.viewer(), filter::order(query::projects::ORDERS, "created_at", true));
    let (found, _) = query::projects::first(tx.conn, &viewer, &filter, order, limit).map_err(fault)?;
    Ok(found)
}

fn list(tx: &mut Tx<'_>, filter: &ProjectFilter, order: &'static str, slice: Slice) -> Result<Listed<Seen>> {
    let viewer = tx.viewer();
    let found = query::projects::list(tx.conn, &viewer, filter, order, slice).map_err(fault)?;
    Ok(Listed { items: seen(tx, found.items)?, total: found.total })
}

/// Adds what the caller is to each project.
fn seen(tx: &mut Tx<'_>, projects: Vec<Project>) -> Result<Vec<Seen>> {
    let mut memberships = None;
    if let Some(user) = tx.caller.user_id() {
        let ids: Vec<i64> = projects.iter().map(|project| project.id).collect();
        let today = tx.today();
        memberships = Some(query::members::of_user_in(tx.conn, user, &ids, today).map_err(fault)?);
    } else if !tx.caller.is_anonymous() {
        memberships = Some(std::collections::HashMap::new());
    }
    let of = |project: &Project| {
        let known = memberships.as_ref()?;
        Some(known.get(&project.id).copied().unwrap_or(Membership::default()))
    };
    Ok(projects.into_iter().map(|project| Seen { membership: of(&project), project }).collect())
}
