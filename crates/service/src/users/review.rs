//! Users as administrators go through them: all of them, and one with what hangs on it.

use tessera_model::operation::Operation;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;
pub use tessera_store::query::accounts::{Belonging, Remains};
use tessera_store::query::filter;
use tessera_store::query::tokens::TokenFilter;
pub use tessera_store::query::users::UserFilter;

use crate::{Authorized, Listed, Slice, Tx, fault};

/// A user with what hangs on it.
#[derive(Clone, Debug)]
pub struct Review {
    /// The first of what it is a member of.
    pub memberships: Listed<Belonging>,
    /// How many of its tokens work.
    pub active_tokens: i64,
    /// Who made the account, while that account is there.
    pub created_by: Option<User>,
}

/// Users of every kind by their names; found by name, username and address.
///
/// # Errors
/// 403 for whoever is no administrator.
pub fn list<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &UserFilter,
    (order_by, descending): (&str, bool),
    slice: Slice,
) -> Result<Listed<User>> {
    must_administer(tx)?;
    let wanted = UserFilter { search_email: true, ..wanted.clone() };
    let order = filter::order(query::users::ORDERS, order_by, descending);
    query::users::list(tx.conn, &wanted, order, slice).map_err(fault)
}

/// What hangs on a user; at most `limit` memberships are named.
///
/// # Errors
/// 403 for whoever is no administrator.
pub fn get<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    limit: i64,
) -> Result<Review> {
    must_administer(tx)?;
    let (today, slice) = (tx.today(), Slice { limit, offset: 0 });
    let enforced = tx.is_on("enforce_pat_expiration")?;
    let tokens = TokenFilter {
        user_id: Some(user.id),
        active: Some(true),
        enforce_pat_expiration: enforced,
        ..TokenFilter::default()
    };
    let created_by = match user.created_by_id {
        Some(id) => query::users::by_id(tx.conn, id).map_err(fault)?,
        None => None,
    };
    Ok(Review {
        memberships: query::accounts::memberships(tx.conn, user.id, None, today, slice).map_err(fault)?,
        active_tokens: query::tokens::filter(&tokens, today).total(tx.conn).map_err(fault)?,
        created_by,
    })
}

/// What would be left behind, and what would go, were the user deleted.
///
/// # Errors
/// 403 for whoever is no administrator.
pub fn remains<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>) -> Result<Remains> {
    must_administer(tx)?;
    query::accounts::remains(tx.conn, user.id).map_err(fault)
}

fn must_administer(tx: &Tx<'_>) -> Result<()> {
    if tx.caller.is_admin() && !tx.caller.is_bot() { Ok(()) } else { Err(Error::Forbidden(None)) }
}
