//! A person changes their own password.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::session::SessionSecret;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::begin::open;
use crate::audit::Event;
use crate::two_factor::Proof;
use crate::users::{Password, check_password};
use crate::{Authorized, Tx, fault};

/// Gives the caller a new password, whose hash was made before. All of their sessions end; the one that asked goes on
/// under the secret that is returned.
///
/// # Errors
/// 403 without a proof of the former one, 400 with the field for a password that does not do.
pub fn set_new_password<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    proof: &Proof,
    password: &Password,
    hash: &str,
    user_agent: &str,
) -> Result<SessionSecret> {
    let former = proof.check(tx, user)?;
    let mut found = Vec::new();
    check_password(tx, password, &mut found)?;
    if former.as_deref().is_some_and(|former| crate::password::verify(password.expose(), former)) {
        found.push(("password", "must differ from the current one".to_owned()));
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    query::users::set_password(tx.conn, user.id, hash, false, tx.now).map_err(fault)?;
    tx.audit(&Event {
        action: "user.update",
        target: ("user", Some(user.id), &user.username),
        project_id: None,
        details: json!({ "changed": ["password"] }),
    })?;
    open(tx, user.id, false, user_agent)
}
