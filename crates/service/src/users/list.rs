//! Listing users.

use tessera_model::error::Unauthenticated;
use tessera_model::operation::Operation;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::filter;
pub use tessera_store::query::users::UserFilter;

use super::sight::{self, Seen};
use crate::{Authorized, Listed, Slice, Tx, fault};

const NOT_AUTHORIZED: &str = "Not authorized to access /api/v4/users";

/// What is asked of the list.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What it is narrowed to.
    pub filter: UserFilter,
    /// By what it is ordered: a name of [`query::users::ORDERS`]; by number if empty.
    pub order_by: String,
    /// Whether the order goes up; newest first otherwise.
    pub ascending: bool,
    /// Users that another system vouches for.
    pub from_elsewhere: bool,
    /// Without external ones.
    pub exclude_external: bool,
    /// Without humans.
    pub exclude_humans: bool,
}

/// Users, newest first. Administrators see all of them and may ask for anything; others see those who can
/// act, and what is the administrators' to ask is passed over. Whoever is not signed in, and bots (D6),
/// must name the user.
///
/// # Errors
/// 403 without a name where one is needed, and for non-administrators who ask for users from elsewhere.
pub fn list<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Seen>> {
    let admin = tx.caller.is_admin() && !tx.caller.is_bot();
    if wanted.from_elsewhere && !admin {
        return Err(if tx.caller.is_anonymous() {
            Error::Unauthenticated(Unauthenticated::Missing)
        } else {
            Error::Forbidden(None)
        });
    }
    let unnamed = wanted.filter.username.as_ref().is_none_or(|name| name.trim().is_empty());
    if unnamed && (tx.caller.is_anonymous() || tx.caller.is_bot()) {
        return Err(Error::forbidden(NOT_AUTHORIZED));
    }
    let Some(filter) = narrowed(wanted, admin) else {
        return Ok(Listed { items: Vec::new(), total: Some(0) });
    };
    let (order_by, descending) =
        if admin { (wanted.order_by.as_str(), !wanted.ascending) } else { ("", true) };
    let order = filter::order(query::users::ORDERS, order_by, descending);
    let found = query::users::list(tx.conn, &filter, order, slice).map_err(fault)?;
    Ok(Listed { items: sight::several(tx, found.items)?, total: found.total })
}

/// The filter that the caller may use; `None` when nobody can be found by it.
fn narrowed(wanted: &Wanted, admin: bool) -> Option<UserFilter> {
    let mut filter = wanted.filter.clone();
    filter.username = filter.username.filter(|name| !name.trim().is_empty());
    filter.search_email = admin;
    // No other system vouches for an account here.
    if admin && wanted.from_elsewhere {
        return None;
    }
    if wanted.exclude_external {
        if filter.external == Some(true) {
            return None;
        }
        filter.external = Some(false);
    }
    if wanted.exclude_humans {
        if filter.humans == Some(true) {
            return None;
        }
        filter.humans = Some(false);
    }
    if !admin {
        filter.states.push("active");
        filter.admins = false;
        filter.without_projects = false;
        filter.two_factor = None;
        (filter.created_after, filter.created_before) = (None, None);
    }
    Some(filter)
}

#[cfg(test)]
mod tests {
    use tessera_model::time::Timestamp;

    use super::*;

    #[test]
    fn what_is_the_administrators_to_ask_is_passed_over_for_others() {
        let others = UserFilter {
            admins: true,
            without_projects: true,
            two_factor: Some(true),
            created_after: Some(Timestamp(1)),
            states: vec!["blocked"],
            ..UserFilter::default()
        };
        let wanted = Wanted { filter: others, ..Wanted::default() };
        let others = narrowed(&wanted, false).unwrap();
        assert!(!others.admins && !others.without_projects && !others.search_email);
        assert_eq!(others.created_after, None);
        assert_eq!(others.states, ["blocked", "active"], "nobody is both: blocked users are never listed");
        assert_eq!(others.two_factor, None);
        assert_eq!(narrowed(&wanted, true).unwrap().two_factor, Some(true));
        let elsewhere = Wanted { from_elsewhere: true, ..Wanted::default() };
        assert!(narrowed(&elsewhere, true).is_none(), "no other system vouches for anybody");
    }

    #[test]
    fn contradictions_find_nobody() {
        let external = UserFilter { external: Some(true), ..UserFilter::default() };
        let wanted = Wanted { filter: external, exclude_external: true, ..Wanted::default() };
        assert!(narrowed(&wanted, true).is_none());
        let wanted = Wanted { exclude_humans: true, ..Wanted::default() };
        assert_eq!(narrowed(&wanted, true).unwrap().humans, Some(false));
    }
}
