//! Lists of records, for administrators, for those who manage a project and for the owners of a group.

use tessera_model::audit::entity;
use tessera_model::operation::Operation;
use tessera_model::project::{Namespace, Project};
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

/// As [`page`], of a project or group.
///
/// # Errors
/// When the database does not answer.
pub fn page_of<'tx, Op: Operation, S: Logged>(
    tx: &mut Tx<'tx>,
    subject: &Authorized<'tx, Op, S>,
    wanted: &EventFilter,
    descending: bool,
    slice: Slice,
) -> Result<Listed<Entry>> {
    paged(tx, &of::<S>(subject, wanted), descending, slice)
}

/// As [`first`], of a project or group.
///
/// # Errors
/// When the database does not answer.
pub fn first_of<'tx, Op: Operation, S: Logged>(
    tx: &mut Tx<'tx>,
    subject: &Authorized<'tx, Op, S>,
    wanted: &EventFilter,
    descending: bool,
    limit: i64,
) -> Result<(Vec<Entry>, bool)> {
    firsts(tx, &of::<S>(subject, wanted), descending, limit)
}

/// One record.
///
/// # Errors
/// 404 when there is none of this number.
pub fn get<'tx, Op: Operation>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, Op, ()>, id: i64) -> Result<Entry> {
    one(tx, &EventFilter { id: Some(id), ..EventFilter::default() })
}

/// One record of a project or group.
///
/// # Errors
/// 404 when it has none of this number.
pub fn get_of<'tx, Op: Operation, S: Logged>(
    tx: &mut Tx<'tx>,
    subject: &Authorized<'tx, Op, S>,
    id: i64,
) -> Result<Entry> {
    let wanted = EventFilter { id: Some(id), ..EventFilter::default() };
    one(tx, &of::<S>(subject, &wanted))
}

/// What has records of its own.
pub trait Logged {
    /// Its kind in the log, and its number.
    fn entity(&self) -> (&'static str, i64);
}

impl Logged for Project {
    fn entity(&self) -> (&'static str, i64) {
        (entity::PROJECT, self.id)
    }
}

/// A group's own records; those of its projects are the projects'.
impl Logged for Namespace {
    fn entity(&self) -> (&'static str, i64) {
        (entity::GROUP, self.id)
    }
}

fn of<S: Logged>(subject: &S, wanted: &EventFilter) -> EventFilter {
    let (kind, id) = subject.entity();
    EventFilter { entity_kind: Some(kind), entity_id: Some(id), ..wanted.clone() }
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
