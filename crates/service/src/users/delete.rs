//! Deleting a user. Its records move to the Ghost User (B7, D8).

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::user::{User, UserKind};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{ghost, rules};
use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// Whether a user may be deleted. `hard` lifts the refusal for the only owner of a group.
///
/// # Errors
/// 403 for the Ghost User and the last administrator, 409 for the only owner of a group.
pub fn check<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    hard: bool,
) -> Result<()> {
    if user.kind == UserKind::Ghost {
        return Err(Error::forbidden("An internal user cannot be removed"));
    }
    if rules::is_last_administrator(tx, user)? {
        return Err(Error::forbidden("The last administrator cannot be removed"));
    }
    if !hard && query::namespaces::solely_owned(tx.conn, user.id).map_err(fault)? > 0 {
        return Err(Error::Conflict("User cannot be removed while is the sole-owner of a group".to_owned()));
    }
    Ok(())
}

/// Deletes a user: when the call has answered it can do nothing any more; the rest of its records move
/// with a job. Contributions stay under the Ghost User's name even with `hard`; a group without an owner
/// gets a new one from an administrator.
///
/// # Errors
/// As [`check`].
pub fn delete<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    hard: bool,
) -> Result<()> {
    check(tx, user, hard)?;
    revoke_at_home(tx, user)?;
    ghost::remove(tx, user)
}

/// The projects of the user's own go with the job; their tokens are dead at once (L9).
fn revoke_at_home(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    let actor = tx.actor().to_owned();
    let revoked = query::accounts::revoke_at_home(tx.conn, user.id, &actor, tx.now).map_err(fault)?;
    if revoked.is_empty() {
        return Ok(());
    }
    tx.audit(&Event {
        action: "token.revoke",
        target: ("user", Some(user.id), &user.username),
        project_id: None,
        details: json!({ "kind": "project", "tokens_revoked": revoked }),
    })
}
