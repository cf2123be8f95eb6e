//! Issues and what is said about them.

mod comment;
mod form;
mod list;
mod note;
mod remove;
mod show;
mod write;

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
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
    if !project.issues_enabled {
        return Err(Error::missing("Issue"));
    }
    let menu = menu::of(tx, &project)?;
    let place = ProjectPlace { project: Project::clone(&project), menu };
    Ok((project, place))
}

/// Notes on one page of an issue.
const NOTES_PER_PAGE: i64 = 50;

/// The address of an issue.
fn address(place: &ProjectPlace, iid: i64) -> String {
    place.at(&format!("/-/issues/{iid}"))
}

/// The text of a field of several lines, with the line breaks that texts have everywhere else.
fn lines(form: &Form, name: &str) -> String {
    form.text(name).replace("\r\n", "\n")
}

/// The names of a list with commas, each once.
fn names(list: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if names.iter().all(|known| known != name) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_are_written_with_commas() {
        assert_eq!(super::names(" bug, ,gauges,bug ,a b"), ["bug", "gauges", "a b"]);
        assert!(super::names("").is_empty());
    }
}
