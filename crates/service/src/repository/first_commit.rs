//! The first commit of a project that is to begin with a README.

use std::sync::Arc;

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};

use super::author;
use super::edit_file::{Edit, FileChange, edit};
use super::place::look_into;
use crate::{Ask, Key, Service};

/// Commits a README to the default branch of a project that the caller has just made, which protects the
/// branch as any first push does.
///
/// # Errors
/// When the caller may not make the first branch, or git does not answer. The project is there all the same.
pub async fn first_commit<Op: Operation>(service: &Service, ask: &Arc<Ask>, project: &Project) -> Result<()> {
    let key = Key::Id(project.id);
    let opened = service.read::<Op, _, _>(ask, move |tx| {
        let project = tx.project::<Op>(&key)?;
        Ok((look_into(tx, project)?, author(tx)?))
    });
    let (place, caller) = opened.await?;
    if !place.project.empty {
        return Err(Error::Conflict("The project has a branch already".to_owned()));
    }
    let first = Edit {
        path: "README.md".to_owned(),
        branch: place.project.default_branch.clone(),
        start_branch: None,
        message: "Initial commit".to_owned(),
        author_name: None,
        author_email: None,
        last_commit_id: None,
        change: FileChange::Create {
            content: format!("# {}\n", place.project.name).into_bytes(),
            executable: false,
        },
    };
    edit::<Op>(service, ask, &place, caller, &first).await
}
