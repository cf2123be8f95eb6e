//! Who can be assigned: those who see the project and may act.

use tessera_model::caller::{Caller, Via};
use tessera_model::issue::MOST_ASSIGNEES;
use tessera_model::operation::Operation;
use tessera_model::policy::{self, Subject};
use tessera_model::project::Project;
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Tx, fault};

/// Of the users asked for, those who can be assigned, each once. As in GitLab the others, and the 0 that
/// stands for nobody, are passed over.
pub(super) fn assignable(tx: &mut Tx<'_>, project: &Project, asked: &[i64]) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    for id in asked.iter().copied().take(MOST_ASSIGNEES) {
        if found.contains(&id) {
            continue;
        }
        let user = query::users::by_id(tx.conn, id).map_err(fault)?;
        let able = |user: &User| user.state == UserState::Active && user.kind != UserKind::Ghost;
        let Some(user) = user.filter(able) else { continue };
        let today = tx.today();
        let membership = query::projects::membership(tx.conn, project, id, today).map_err(fault)?;
        let subject = Subject {
            project_id: Some(project.id),
            visibility: project.visibility,
            archived: project.archived,
            role: membership.role(),
        };
        if policy::sees(&Caller { user: Some(user), via: Via::Password, sudo_by: None }, &subject) {
            found.push(id);
        }
    }
    Ok(found)
}

/// The numbers of those who are named, for forms: there whoever cannot be assigned is not passed over.
///
/// # Errors
/// 400 at the field `assignees` for who cannot be.
pub fn named<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    usernames: &[String],
) -> Result<Vec<i64>> {
    if usernames.len() > MOST_ASSIGNEES {
        return Err(Error::invalid("assignees", format!("are too many (maximum is {MOST_ASSIGNEES})")));
    }
    let mut found = Vec::new();
    for username in usernames {
        let user = query::users::by_username(tx.conn, username).map_err(fault)?;
        let able = match user {
            Some(user) => assignable(tx, project, &[user.id])?,
            None => Vec::new(),
        };
        if able.is_empty() {
            let text = format!("cannot hold {username}: there is nobody of this name who sees the project");
            return Err(Error::invalid("assignees", text));
        }
        found.extend(able);
    }
    Ok(found)
}
