//! A project's files and history, read out of its repository.

mod blob;
mod branches;
mod commit;
mod commits;
pub(crate) mod front;
mod heads;
mod overview;
mod raw;
mod tags;
mod tree;
mod views;

use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::projects::menu;
use tessera_service::repository::browse::{GitPath, HeadKind, Kind, Resolved, ResolvedKind};
use tessera_service::repository::{self, Place};

use crate::reply::Reply;
use crate::ui::form::Form;
use crate::ui::places::ProjectPlace;
use crate::ui::visit::{Page, Proof, Visit};

/// A project whose repository the caller may read.
struct Opened<Op> {
    at: ProjectPlace,
    place: Place,
    proof: Proof<Op>,
}

/// Opens the repository of the project that the address names.
async fn open<Op: Page>(visit: &Visit<Op>) -> Result<Opened<Op>> {
    let found = visit.read(|tx, form| {
        let project = tx.project::<Op>(&Key::Path(form.place("path").to_owned()))?;
        let menu = menu::of(tx, &project)?;
        let at = ProjectPlace { project: (*project).clone(), menu };
        Ok((at, repository::open(tx, project)?))
    });
    let ((at, place), proof) = found.await?.take();
    Ok(Opened { at, place, proof })
}

/// What stands after the word of the page: `<ref>/<path…>`.
fn rest(form: &Form) -> Result<GitPath> {
    GitPath::from_url(form.place("rest")).map_err(|_| Error::missing("Page"))
}

/// What kind of reference the address prefers, where a branch and a tag have one name.
fn preferred(form: &Form) -> Option<HeadKind> {
    match form.text("ref_type") {
        "heads" => Some(HeadKind::Branch),
        "tags" => Some(HeadKind::Tag),
        _ => None,
    }
}

/// Leads to the page that shows what lies there; 404 where none does.
fn lead_on<Op: Page>(
    visit: &Visit<Op>,
    proof: Proof<Op>,
    at: &ProjectPlace,
    found: &Resolved,
    kind: Kind,
) -> Result<Reply> {
    let view = match kind {
        Kind::Tree => "tree",
        Kind::Blob | Kind::Symlink => "blob",
        Kind::Submodule => return Err(Error::missing("Page")),
    };
    Ok(visit.lead(proof, &at.at(&address(view, &found.name, &found.path))))
}

/// The rest of an address below a project: `/-/tree/main/src`.
fn address(view: &str, reference: &GitPath, path: &GitPath) -> String {
    if path.is_empty() {
        format!("/-/{view}/{}", reference.to_url())
    } else {
        format!("/-/{view}/{}/{}", reference.to_url(), path.to_url())
    }
}

/// What a reference is, in a word.
fn kind_of(found: &Resolved) -> &'static str {
    match found.kind {
        ResolvedKind::Branch => "branch",
        ResolvedKind::Tag => "tag",
        ResolvedKind::Commit => "commit",
    }
}

/// Eight digits of a commit's name.
fn short(text: &str) -> String {
    text.chars().take(8).collect()
}

/// How a reference is shown: a commit by the beginning of its name.
fn name_of(found: &Resolved) -> String {
    match found.kind {
        ResolvedKind::Commit => short(&found.name.to_string()),
        _ => found.name.to_string(),
    }
}
