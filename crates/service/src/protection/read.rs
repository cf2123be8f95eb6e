//! Reading the rules of a project.

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::protection::{ProtectedRef, RefKind};
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Listed, Slice, Tx, fault};

/// The rules of one kind, those whose names hold a text.
///
/// # Errors
/// When the database does not answer.
pub fn list<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    kind: RefKind,
    search: Option<&str>,
    slice: Slice,
) -> Result<Listed<ProtectedRef>> {
    let wanted = search.unwrap_or_default().to_lowercase();
    let mut rules = query::protection::of_project(tx.conn, project.id).map_err(fault)?;
    rules.retain(|rule| rule.kind == kind && rule.name.to_lowercase().contains(&wanted));
    let total = i64::try_from(rules.len()).ok();
    let bound = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let items = rules.into_iter().skip(bound(slice.offset)).take(bound(slice.limit)).collect();
    Ok(Listed { items, total })
}

/// The rule of exactly this name; wildcards are names like others.
///
/// # Errors
/// 404.
pub fn get<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    kind: RefKind,
    name: &str,
) -> Result<ProtectedRef> {
    let rules = query::protection::of_project(tx.conn, project.id).map_err(fault)?;
    let found = rules.into_iter().find(|rule| rule.kind == kind && rule.name == name);
    found.ok_or_else(Error::missing_record)
}
