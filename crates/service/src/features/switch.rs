//! The plain switch of a flag: on, off, and how it stands, for everyone or for one project. It is what the
//! documented console commands do (P8).

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::Flag;
use super::set::{must_be_defined, turn};
use super::targets::Target;
use crate::feature::{effective, gate, is_on_for_project};
use crate::{Authorized, Key, Tx, fault};

/// Turns a flag on or off, for everyone or for one project.
///
/// # Errors
/// 400 for a flag that the server does not know, 404 for an unknown project.
pub fn switch<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    name: &str,
    on: bool,
    project: Option<&Key>,
) -> Result<Flag> {
    must_be_defined(name)?;
    let target = match project {
        Some(key) => Some(Target::of_project(&find(tx, key)?)),
        None => None,
    };
    turn(tx, name, on, target)
}

/// Whether a flag is on for everyone who has no override, or for one project.
///
/// # Errors
/// 400 for a flag that the server does not know, 404 for an unknown project.
pub fn is_on<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    name: &str,
    project: Option<&Key>,
) -> Result<bool> {
    must_be_defined(name)?;
    if let Some(key) = project {
        let project = find(tx, key)?;
        return is_on_for_project(tx, name, project.id);
    }
    let mut gates = query::features::gates(tx.conn, name).map_err(fault)?;
    // Nobody in particular is in no share of actors, and no share of the time is all of it.
    gates.retain(|(kind, _)| kind != gate::ACTORS);
    for (_, value) in gates.iter_mut().filter(|(kind, _)| kind == gate::PERCENTAGE_OF_ACTORS) {
        "0".clone_into(value);
    }
    Ok(effective(name, &gates, "", 100.0))
}

fn find(tx: &mut Tx<'_>, key: &Key) -> Result<Project> {
    let found = match key {
        Key::Id(id) => query::projects::by_id(tx.conn, *id),
        Key::Path(path) => query::projects::by_path(tx.conn, path),
    };
    found.map_err(fault)?.ok_or_else(|| Error::missing("Project"))
}
