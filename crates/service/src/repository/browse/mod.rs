//! What pages show of a repository: one file per page.
//!
//! A page's own transaction judges the caller and opens the repository ([`open`](super::open), or [`open_if_readable`]
//! where the page has more to show than code); what is here happens after it, in one reading of the repository each.

pub mod commit;
pub mod file;
pub mod heads;
pub mod history;
mod locate;
pub mod overview;
pub mod raw;
pub mod tree;

use tessera_git::browse::Reader;
use tessera_git::{GitError, Result as GitResult};
use tessera_model::ability::Ability;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};

use super::place::look_into;
use super::{Place, fault};
use crate::{Authorized, Service, Tx};

pub use tessera_git::Annotation;
pub use tessera_git::browse::{
    Blob, Body, Brief, Changes, Counts, Details, Entry, FileChange, GitPath, Head, HeadKind, Heads, History,
    Hunk, Kind, LastCommits, LfsPointer, Line, LineKind, Resolved, ResolvedKind, Side, Status, Tree,
};

/// Most bytes of a file that a page shows, and of a README.
pub const SHOWN: u64 = 1 << 20;

/// What a URL of a repository's content leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<T> {
    /// The repository has neither branch nor tag: there is nothing to lead to.
    Empty,
    /// Something of another kind lies there, which another page shows.
    Elsewhere {
        /// What the URL stands for.
        at: Resolved,
        /// What lies there.
        kind: Kind,
    },
    /// What was asked for.
    Found(T),
}

/// The project of a page, and its repository if the caller may read code; for pages that show something to those as well
/// who may not.
///
/// # Errors
/// When the database does not answer.
pub fn open_if_readable<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: Authorized<'tx, Op, Project>,
) -> Result<(Project, Option<Place>)> {
    let ability = Ability::DownloadCode;
    let may = ability.is_open(project.visibility, !tx.caller.is_anonymous())
        || tx.role_gives(ability, project.role());
    if !may {
        return Ok((project.into_inner(), None));
    }
    let place = look_into(tx, project)?;
    Ok((place.project.clone(), Some(place)))
}

/// Reads a repository for a page.
async fn read<T: Send + 'static>(
    service: &Service,
    place: &Place,
    work: impl FnOnce(&Reader) -> GitResult<T> + Send + 'static,
) -> Result<T> {
    place.repository(service).browse(work).await.map_err(lost)
}

/// What cannot be there is not there.
fn lost(error: GitError) -> Error {
    match error {
        GitError::NotFound | GitError::InvalidInput { .. } => Error::missing("Page"),
        other => fault(other),
    }
}
