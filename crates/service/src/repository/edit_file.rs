//! A commit that makes, changes or removes one file.

use std::sync::Arc;

use tessera_git::{Action, Change, CommitRequest, Oid, Repository, Signature, refname};
use tessera_model::operation::Operation;
use tessera_model::protection::{Change as RefChange, Refusal};
use tessera_model::{Error, Result};

use super::move_refs::{Unmoved, move_refs};
use super::{Place, fault};
use crate::protection::RefMove;
use crate::{Ask, Service};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The path of the file.
    pub path: String,
    /// The branch that the commit goes to.
    pub branch: String,
    /// The branch that it builds on, to make `branch` anew; `branch` itself if absent.
    pub start_branch: Option<String>,
    /// The commit's message.
    pub message: String,
    /// The name of the author, if it is not the caller.
    pub author_name: Option<String>,
    /// The address of the author, if it is not the caller's.
    pub author_email: Option<String>,
    /// The newest commit that changed the file, as far as the caller knows.
    pub last_commit_id: Option<String>,
    /// What happens to the file.
    pub change: FileChange,
}

/// What happens to a file.
#[derive(Clone, Debug)]
pub enum FileChange {
    /// It comes into being.
    Create {
        /// All of it.
        content: Vec<u8>,
        /// Whether it can be run.
        executable: bool,
    },
    /// It gets new content.
    Update {
        /// All of it.
        content: Vec<u8>,
        /// Whether it can be run; as before if absent.
        executable: Option<bool>,
    },
    /// It goes.
    Delete,
}

/// Makes the commit and moves the branch to it.
///
/// # Errors
/// 400 with GitLab's texts, also when the branch moved meanwhile.
pub async fn edit<Op: Operation>(
    service: &Service,
    ask: &Arc<Ask>,
    place: &Place,
    caller: Signature,
    edit: &Edit,
) -> Result<()> {
    let name = format!("refs/heads/{}", edit.branch);
    // Only to spare the work; the transaction below decides.
    place.decide(&name, RefChange::Update { forced: false }).map_err(refused)?;
    let _turn = service.edits().enter(place.project.id).await?;
    let repository = place.repository(service);
    let (parent, old) = ends(&repository, edit).await?;
    if let (Some(parent), Some(known)) = (parent, &edit.last_commit_id) {
        unchanged(&repository, parent, edit, known).await?;
    }
    repository.ensure(&place.project.default_branch).await.map_err(fault)?;
    let new = repository.commit_files(&request(parent, caller, edit)).await.map_err(fault)?;
    let moves = vec![RefMove { name, old, new, forced: false }];
    move_refs::<Op>(service, ask, place, moves).await.map_err(|unmoved| match unmoved {
        Unmoved::Refused(refusal) => refused(refusal),
        other => other.into(),
    })
}

/// The commit to build on, and where the branch points now.
async fn ends(repository: &Repository, edit: &Edit) -> Result<(Option<Oid>, Oid)> {
    let said = |text: &str| Err(Error::Refused(text.to_owned()));
    let start = edit.start_branch.as_deref().unwrap_or(&edit.branch);
    let same = start == edit.branch;
    let tip = repository.branch(&edit.branch).await.map_err(fault)?.map(|branch| branch.commit);
    if repository.is_empty().await.map_err(fault)? {
        check_new(&edit.branch)?;
        return Ok((None, Oid::ZERO));
    }
    if same {
        return match tip {
            Some(tip) => Ok((Some(tip), tip)),
            None => said("You can only create or edit files when you are on a branch"),
        };
    }
    let Some(start) = repository.branch(start).await.map_err(fault)? else {
        return said("You can only create or edit files when you are on a branch");
    };
    if tip.is_some() {
        let branch = &edit.branch;
        return said(&format!(
            "A branch called '{branch}' already exists. Switch to that branch in order to make changes"
        ));
    }
    check_new(&edit.branch)?;
    Ok((Some(start.commit), Oid::ZERO))
}

fn check_new(branch: &str) -> Result<()> {
    refname::check_branch(branch).map_err(|_| {
        Error::Refused(format!(
            "Something went wrong when we tried to create '{branch}' for you: Branch name is invalid"
        ))
    })
}

/// Refuses to change what somebody else changed since the caller looked.
async fn unchanged(repository: &Repository, parent: Oid, edit: &Edit, known: &str) -> Result<()> {
    let text = match edit.change {
        FileChange::Create { .. } => return Ok(()),
        FileChange::Update { .. } => {
            "You are attempting to update a file that has changed since you started editing it."
        }
        FileChange::Delete => "You are attempting to delete a file that has been previously updated.",
    };
    let path = edit.path.trim_matches('/');
    let last = repository.last_commit_for_path(parent, path).await.map_err(fault)?;
    match last {
        Some(last) if last.oid.to_string() != known => Err(Error::Refused(text.to_owned())),
        _ => Ok(()),
    }
}

fn request(parent: Option<Oid>, caller: Signature, edit: &Edit) -> CommitRequest {
    let path = edit.path.trim_matches('/');
    let action = |change| Action { path: path.to_owned(), change };
    let actions = match &edit.change {
        FileChange::Create { content, executable } => {
            vec![action(Change::Create { content: content.clone(), executable: *executable })]
        }
        FileChange::Update { content, executable } => {
            let chmod = executable.map(|executable| action(Change::Chmod { executable }));
            let update = action(Change::Update { content: content.clone() });
            std::iter::once(update).chain(chmod).collect()
        }
        FileChange::Delete => vec![action(Change::Delete)],
    };
    let given = |text: &Option<String>, own: &str| match text {
        Some(text) if !text.trim().is_empty() => text.clone(),
        _ => own.to_owned(),
    };
    let author = Signature {
        name: given(&edit.author_name, &caller.name),
        email: given(&edit.author_email, &caller.email),
        ..caller
    };
    CommitRequest { parent, actions, message: edit.message.clone(), author, committer: caller }
}

fn refused(refusal: Refusal) -> Error {
    Error::Refused(match refusal {
        Refusal::Push | Refusal::Create | Refusal::Force | Refusal::EmptyProject => {
            "You are not allowed to push into this branch".to_owned()
        }
        other => other.text().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(name: &str) -> Signature {
        Signature { name: name.to_owned(), email: format!("{name}@x"), time: 5, offset_minutes: 0 }
    }

    fn sample(change: FileChange) -> Edit {
        Edit {
            path: "/a/b/".to_owned(),
            branch: "main".to_owned(),
            start_branch: None,
            message: "m".to_owned(),
            author_name: None,
            author_email: None,
            last_commit_id: None,
            change,
        }
    }

    #[test]
    fn the_author_may_be_somebody_else() {
        let named = Edit { author_name: Some("Bo".to_owned()), ..sample(FileChange::Delete) };
        let made = request(None, signature("ann"), &named);
        assert_eq!((&*made.author.name, &*made.author.email), ("Bo", "ann@x"));
        assert_eq!(made.committer, signature("ann"));
        let blank = Edit { author_name: Some(" ".to_owned()), ..sample(FileChange::Delete) };
        assert_eq!(request(None, signature("ann"), &blank).author, signature("ann"));
    }

    #[test]
    fn an_update_can_change_the_mode_too() {
        let update = FileChange::Update { content: b"x".to_vec(), executable: Some(true) };
        let made = request(None, signature("ann"), &sample(update));
        let changes: Vec<_> = made.actions.iter().map(|action| &action.change).collect();
        assert_eq!(
            changes,
            [&Change::Update { content: b"x".to_vec() }, &Change::Chmod { executable: true }]
        );
        assert!(made.actions.iter().all(|action| action.path == "a/b"));
    }
}
