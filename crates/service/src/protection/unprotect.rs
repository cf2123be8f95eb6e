//! Lifting the protection of a branch or tag.

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::protection::RefKind;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::record::actor;
use super::{note, read};
use crate::{Authorized, Tx, fault};

/// Removes a rule, if the caller is one of those who may lift it.
///
/// # Errors
/// 404, 403.
pub fn unprotect<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    kind: RefKind,
    name: &str,
) -> Result<()> {
    let rule = read::get(tx, project, kind, name)?;
    if !rule.may_be_lifted_by(actor(tx, project)) {
        return Err(Error::Forbidden(None));
    }
    query::protection::delete(tx.conn, rule.id).map_err(fault)?;
    note(tx, project, Some(&rule), None)
}
