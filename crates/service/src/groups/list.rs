//! Lists of groups: each is listed exactly if it may be read singly.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Namespace;
use tessera_model::role::Role;
use tessera_store::query;
use tessera_store::query::filter;
pub use tessera_store::query::namespaces::GroupFilter;

use crate::{Authorized, Listed, Slice, Tx, fault};

/// Which groups, and in which order.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What the list is narrowed to.
    pub filter: GroupFilter,
    /// Whether groups count that the caller sees without belonging to them; if absent, only for
    /// administrators and for callers who belong to nothing.
    pub all_available: Option<bool>,
    /// The name of the order.
    pub order_by: String,
    /// Whether the order is reversed.
    pub descending: bool,
}

/// The names of the orders.
pub fn orders() -> Vec<&'static str> {
    query::namespaces::ORDERS.iter().map(|(name, ..)| *name).collect()
}

/// The groups that the caller sees.
///
/// # Errors
/// When the database does not answer.
pub fn visible<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Namespace>> {
    list(tx, wanted, wanted.filter.clone(), slice)
}

/// The groups in which the caller has at least this role, for administrators all: where something can be made.
///
/// # Errors
/// When the database does not answer.
pub fn where_able<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    least: Role,
    slice: Slice,
) -> Result<Listed<Namespace>> {
    let viewer = tx.viewer();
    let min_access_level = (!viewer.admin).then_some(least.level());
    let filter = GroupFilter { min_access_level, ..GroupFilter::default() };
    let order = filter::order(query::namespaces::ORDERS, "name", false);
    query::namespaces::list(tx.conn, &viewer, &filter, order, slice).map_err(fault)
}

/// The groups directly in a group that the caller sees.
///
/// # Errors
/// When the database does not answer.
pub fn in_group<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    group: &Authorized<'tx, Op, Namespace>,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Namespace>> {
    list(tx, wanted, GroupFilter { parent_id: Some(group.id), ..wanted.filter.clone() }, slice)
}

/// The groups anywhere below a group that the caller sees.
///
/// # Errors
/// When the database does not answer.
pub fn below_group<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    group: &Authorized<'tx, Op, Namespace>,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Namespace>> {
    list(tx, wanted, GroupFilter { below: Some(group.id), ..wanted.filter.clone() }, slice)
}

fn list(
    tx: &mut Tx<'_>,
    wanted: &Wanted,
    mut filter: GroupFilter,
    slice: Slice,
) -> Result<Listed<Namespace>> {
    let viewer = tx.viewer();
    let person = viewer.user_id.is_some() && viewer.fence.is_none();
    let all = wanted.all_available.unwrap_or(viewer.admin) || !person;
    filter.linked = !all && !filter.owned && filter.min_access_level.is_none();
    let order = filter::order(query::namespaces::ORDERS, &wanted.order_by, wanted.descending);
    query::namespaces::list(tx.conn, &viewer, &filter, order, slice).map_err(fault)
}
