//! What lies in a project, in numbers: what is lost with it.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_store::query;
pub use tessera_store::query::contents::Contents;

use crate::{Authorized, Tx, fault};

/// What lies in a project, its repository aside.
///
/// # Errors
/// When the database does not answer.
pub fn count<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
) -> Result<Contents> {
    let today = tx.today();
    query::contents::of_project(tx.conn, project.id, today).map_err(fault)
}
