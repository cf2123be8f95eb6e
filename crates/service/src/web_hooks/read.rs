//! Reading the hooks of a project.

use tessera_model::operation::web_hooks::{GetWebHook, ListWebHooks};
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::web_hooks::Stored;

use super::Seen;
use crate::{Authorized, Listed, Slice, Tx, fault};

/// The hook of this number, if it is the project's (L20).
pub(super) fn stored(tx: &mut Tx<'_>, project_id: i64, id: i64) -> Result<Stored> {
    query::web_hooks::by_id(tx.conn, id, project_id).map_err(fault)?.ok_or_else(Error::missing_record)
}

/// A page of a project's hooks.
///
/// # Errors
/// When the database does not answer.
pub fn list<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, ListWebHooks, Project>,
    slice: Slice,
) -> Result<Listed<Seen>> {
    let Listed { items, total } = query::web_hooks::list(tx.conn, project.id, slice).map_err(fault)?;
    let items = items.iter().map(|stored| Seen::open(tx, stored)).collect::<Result<_>>()?;
    Ok(Listed { items, total })
}

/// One hook.
///
/// # Errors
/// 404.
pub fn get<'tx>(tx: &mut Tx<'tx>, project: &Authorized<'tx, GetWebHook, Project>, id: i64) -> Result<Seen> {
    let stored = stored(tx, project.id, id)?;
    Seen::open(tx, &stored)
}
