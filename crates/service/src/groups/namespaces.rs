//! The namespaces to which the caller belongs: its own and those of groups.

use tessera_model::operation::Operation;
use tessera_model::operation::groups::GetNamespace;
use tessera_model::project::Namespace;
use tessera_model::role::Role;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::filter;
use tessera_store::query::namespaces::GroupFilter;

use crate::{Authorized, Key, Listed, Slice, Tx, fault};

/// What a list of namespaces is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Part of the name or path.
    pub search: Option<String>,
    /// Only those that the caller owns.
    pub owned_only: bool,
    /// Only those without a parent.
    pub top_level_only: bool,
}

/// The caller's namespaces; for administrators all.
///
/// # Errors
/// When the database does not answer.
pub fn list<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Namespace>> {
    let viewer = tx.viewer();
    let everything = viewer.admin && viewer.fence.is_none() && !wanted.owned_only;
    let least = if wanted.owned_only { Role::Owner.level() } else { 0 };
    let filter = GroupFilter {
        own_namespace: true,
        search: wanted.search.clone(),
        top_level: wanted.top_level_only,
        min_access_level: (!everything).then_some(least),
        ..GroupFilter::default()
    };
    let order = filter::order(query::namespaces::ORDERS, "id", false);
    query::namespaces::list(tx.conn, &viewer, &filter, order, slice).map_err(fault)
}

/// One of the caller's namespaces.
///
/// # Errors
/// 404 for any other.
pub fn get<'tx>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, GetNamespace, ()>,
    key: &Key,
) -> Result<Namespace> {
    let found = match key {
        Key::Id(id) => query::namespaces::by_id(tx.conn, *id),
        Key::Path(path) => query::namespaces::by_path(tx.conn, path),
    };
    let missing = || Error::missing("Namespace");
    let namespace = found.map_err(fault)?.ok_or_else(missing)?;
    let admin = tx.caller.is_admin() && tx.caller.fence().is_none();
    if admin || tx.role_in_namespace(&namespace)?.is_some() { Ok(namespace) } else { Err(missing()) }
}
