//! The log as administrators go through it: by who did what to whom, newest first, with how far it is sealed.

use tessera_model::audit::entity;
use tessera_model::operation::Operation;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::audit::{EventFilter, Listed as Entry};

use crate::{Authorized, Tx, fault};

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Times and numbers, and the kind of object.
    pub filter: EventFilter,
    /// A project or group by its full path, or a user by name, to which the records belong.
    pub entity: Option<String>,
}

/// How far the log is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The newest seal, and when it was laid; none in a log that is still empty.
    pub newest: Option<(i64, Timestamp)>,
    /// Whether records wait for the next one.
    pub waiting: bool,
}

/// The newest records that fit, and whether more follow.
///
/// # Errors
/// 404 for an object that there is not.
pub fn newest<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
    limit: i64,
) -> Result<(Vec<Entry>, bool)> {
    let mut filter = wanted.filter.clone();
    if let Some(name) = &wanted.entity {
        let (kind, id) = named(tx, name, filter.entity_kind)?;
        (filter.entity_kind, filter.entity_id) = (Some(kind), Some(id));
    }
    let order = query::filter::order(query::audit::ORDERS, "id", true);
    query::audit::filter(&filter).first(tx.conn, order, limit, query::audit::listed).map_err(fault)
}

/// How far the log is sealed.
///
/// # Errors
/// When the database does not answer.
pub fn sealed<'tx, Op: Operation>(tx: &mut Tx<'tx>, _right: &Authorized<'tx, Op, ()>) -> Result<Sealed> {
    let newest = query::audit::newest(tx.conn).map_err(fault)?;
    Ok(Sealed {
        newest: newest.map(|seal| (seal.number, seal.sealed_at)),
        waiting: query::audit::waiting(tx.conn).map_err(fault)?,
    })
}

/// The object of this name: a project, a group, or somebody.
fn named(tx: &mut Tx<'_>, name: &str, kind: Option<&'static str>) -> Result<(&'static str, i64)> {
    let may_be = |one: &str| kind.is_none_or(|kind| kind == one);
    if may_be(entity::PROJECT)
        && let Some(project) = query::projects::by_path(tx.conn, name).map_err(fault)?
    {
        return Ok((entity::PROJECT, project.id));
    }
    if may_be(entity::GROUP)
        && let Some(group) =
            query::namespaces::by_path(tx.conn, name).map_err(fault)?.filter(|found| found.is_group)
    {
        return Ok((entity::GROUP, group.id));
    }
    if may_be(entity::USER)
        && let Some(user) = query::users::by_username(tx.conn, name).map_err(fault)?
    {
        return Ok((entity::USER, user.id));
    }
    Err(Error::missing("Audit Event"))
}
