//! The end of a user: its records move to the Ghost User (B7, D8, D9).

use serde_json::json;
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::{Error, Result};
use tessera_store::query::users::NewUser;
use tessera_store::{fate, query};

use crate::audit::Event;
use crate::{Tx, fault, jobs};

/// Records moved in the transaction of the revocation itself, and in each step of the job after it.
pub(crate) const STEP: i64 = 500;

/// The Ghost User, made at first need.
pub(crate) fn ghost(tx: &mut Tx<'_>) -> Result<User> {
    if let Some(ghost) = query::users::ghost(tx.conn).map_err(fault)? {
        return Ok(ghost);
    }
    let mut username = "ghost".to_owned();
    let mut number = 0;
    while query::users::username_taken(tx.conn, &username, 0).map_err(fault)? {
        number += 1;
        username = format!("ghost{number}");
    }
    let ghost = NewUser {
        email: format!("{username}@{}", tx.core.bot_domain()),
        username,
        name: "Ghost User".to_owned(),
        kind: UserKind::Ghost,
        admin: false,
        external: false,
        can_create_group: false,
        private_profile: false,
        projects_limit: 0,
        password_hash: None,
        password_expired: false,
        bio: "This user keeps the records of accounts that were removed.".to_owned(),
        public_email: None,
        note: None,
        bot_project_id: None,
        created_by_id: None,
    };
    let id = query::users::insert(tx.conn, &ghost, tx.now).map_err(fault)?;
    let made = query::users::by_id(tx.conn, id).map_err(fault)?;
    made.ok_or_else(|| Error::internal("the Ghost User vanished while it was made"))
}

/// Ends a user: its tokens dead, its memberships gone, its state `ghosted`, the first records moved and
/// a job for the rest, all in the caller's transaction.
pub(crate) fn remove(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    if user.kind == UserKind::Ghost {
        return Err(Error::forbidden("This action cannot be performed by internal users"));
    }
    let ghost = ghost(tx)?;
    let actor = tx.actor().to_owned();
    if let Some(project_id) = user.bot_project_id {
        let place = query::members::Place::Project(project_id);
        if let Some(member) = query::members::find(tx.conn, place, user.id).map_err(fault)? {
            query::tokens::keep_role(tx.conn, user.id, member.role).map_err(fault)?;
        }
    }
    let revoked = query::tokens::revoke_of_user(tx.conn, user.id, &actor, tx.now).map_err(fault)?;
    query::members::delete_of_user(tx.conn, user.id).map_err(fault)?;
    query::users::set_state(tx.conn, user.id, UserState::Ghosted, tx.now).map_err(fault)?;
    fate::settle(tx.conn, user.id, ghost.id, STEP).map_err(fault)?;
    jobs::remove_user::ask(tx, user.id)?;
    tx.audit(&Event {
        action: "user.remove",
        target: ("user", Some(user.id), &user.username),
        project_id: user.bot_project_id,
        details: json!({ "kind": user.kind.name(), "tokens_revoked": revoked }),
    })
}
