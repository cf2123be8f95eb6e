//! What belongs to a user: memberships and figures.

use tessera_model::operation::Operation;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;
pub use tessera_store::query::accounts::{Associations, Belonging};

use super::get;
use crate::{Authorized, Listed, Slice, Tx, fault};

/// How many open issues wait for the caller.
///
/// # Errors
/// When the database does not answer.
pub fn waiting(tx: &mut Tx<'_>) -> Result<i64> {
    let user = get::current(tx)?;
    query::accounts::assigned_issues(tx.conn, user.id).map_err(fault)
}

/// How much a user has; the user itself and administrators may know.
///
/// # Errors
/// 403 for others.
pub fn count<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>) -> Result<Associations> {
    let admin = tx.caller.is_admin() && !tx.caller.is_bot();
    if !admin && tx.caller.user_id() != Some(user.id) {
        return Err(Error::Forbidden(None));
    }
    let today = tx.today();
    query::accounts::associations(tx.conn, user.id, today).map_err(fault)
}

/// What a user is a member of; `projects`: only projects, or only groups.
///
/// # Errors
/// When the database does not answer.
pub fn memberships<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    projects: Option<bool>,
    slice: Slice,
) -> Result<Listed<Belonging>> {
    let today = tx.today();
    query::accounts::memberships(tx.conn, user.id, projects, today, slice).map_err(fault)
}
