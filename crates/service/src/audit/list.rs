//! Lists of records, for administrators and for those who manage a project.

use tessera_model::audit::entity;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;
pub use tessera_store::query::audit::{EventFilter, Listed as Entry};

use crate::{Authorized, Listed, Slice, Tx, fault};

/// The order of lists by their number.
fn order(descending: bool) -> &'static str {
    query::filter::order(query::audit::ORDERS, "id", descending)
}

/// One page of the records that a filter lets through.
///
/// # Errors
/// When the database does not answer.
pub fn page<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &EventFilter,
    descending: bool,
    slice: Slice,
) -> Result<Listed<Entry>> {
    paged(tx, wanted, descending, slice)
}

/// The first records that a filter lets through, and whether more follow.
///
/// # Errors
/// When the database does not answer.
pub fn first<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &EventFilter,
    descending: bool,
    limit: i64,
) -> Result<(Vec<Entry>, bool)> {
    firsts(tx, wanted, descending, limit)
}

/// As [`page`], of a project.
///
/// # Errors
/// When the database does not answer.
pub fn page_of_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    wanted: &EventFilter,
    descending: bool,
    slice: Slice,
) -> Result<Listed<Entry>> {
    paged(tx, &of_project(project, wanted), descending, slice)
}

/// As [`first`], of a project.
///
/// # Errors
/// When the database does not answer.
pub fn first_of_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    wanted: &EventFilter,
    descending: bool,
    limit: i64,
) -> Result<(Vec<Entry>, bool)> {
    firsts(tx, &of_project(project, wanted), descending, limit)
}

/// One record.
///
/// # Errors
/// 404 when there is none of this number.
pub fn get<'tx, Op: Operation>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, Op, ()>, id: i64) -> Result<Entry> {
    one(tx, &EventFilter { id: Some(id), ..EventFilter::default() })
}

/// One record of a project.
///
/// # Errors
/// 404 when the project has none of this number.
pub fn get_of_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
) -> Result<Entry> {
    let wanted = EventFilter { id: Some(id), ..EventFilter::default() };
    one(tx, &of_project(project, &wanted))
}

fn of_project(project: &Project, wanted: &EventFilter) -> EventFilter {
    EventFilter { entity_kind: Some(entity::PROJECT), entity_id: Some(project.id), ..wanted.clone() }
}

fn paged(tx: &mut Tx<'_>, wanted: &EventFilter, descending: bool, slice: Slice) -> Result<Listed<Entry>> {
    let filter = query::audit::filter(wanted);
    filter.list(tx.conn, order(descending), slice, query::audit::listed).map_err(fault)
}

fn firsts(tx: &mut Tx<'_>, wanted: &EventFilter, descending: bool, limit: i64) -> Result<(Vec<Entry>, bool)> {
    let filter = query::audit::filter(wanted);
    filter.first(tx.conn, order(descending), limit, query::audit::listed).map_err(fault)
}

fn one(tx: &mut Tx<'_>, wanted: &EventFilter) -> Result<Entry> {
    let (mut found, _) = firsts(tx, wanted, false, 1)?;
    found.pop().ok_or_else(|| Error::missing("Audit Event"))
}
