//! Removing an issue.

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::find;
use crate::{Authorized, Tx, fault};

/// Removes an issue with its notes. Its number is not given again.
///
/// # Errors
/// 404.
pub fn remove<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    iid: i64,
) -> Result<()> {
    let (issue, _) = find(tx, project, iid, || Error::missing("Issue"))?;
    query::issues::delete(tx.conn, issue.id).map_err(fault)?;
    query::projects::touch(tx.conn, project.id, tx.now).map_err(fault)
}
