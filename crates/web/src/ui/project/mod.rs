//! The settings of a project.

mod archive;
mod delete;
mod general;
mod rename;
mod repository;

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_service::projects::menu;
use tessera_service::{Authorized, Key, Tx};

use super::form::Form;
use super::places::ProjectPlace;

/// The project of the address, and what the caller finds in it.
fn project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    form: &Form,
) -> Result<(Authorized<'tx, Op, Project>, ProjectPlace)> {
    let project = tx.project::<Op>(&Key::Path(form.place("path").to_owned()))?;
    let menu = menu::of(tx, &project)?;
    let place = ProjectPlace { project: Project::clone(&project), menu };
    Ok((project, place))
}

/// A number of things in words, such as `1 issue` and `3 issues`.
fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
