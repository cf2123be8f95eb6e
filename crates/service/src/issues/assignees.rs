//! Who can be assigned: those who see the project and may act.

use tessera_model::Result;
use tessera_model::caller::{Caller, Via};
use tessera_model::issue::MOST_ASSIGNEES;
use tessera_model::policy::{self, Subject};
use tessera_model::project::Project;
use tessera_model::user::{User, UserKind, UserState};
use tessera_store::query;

use crate::{Tx, fault};

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
