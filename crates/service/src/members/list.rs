//! The members of a place, bots included (B5).

use tessera_model::operation::Operation;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::members::{BY_USER, MemberFilter};

use super::{Peopled, Shown, rules, shown};
use crate::{Authorized, Listed, Slice, Tx, fault};

/// What a list of members is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Part of the name or username.
    pub query: Option<String>,
    /// Only these users.
    pub user_ids: Option<Vec<i64>>,
}

/// The members of a place, or with `inherited` also those of the groups above, each with its highest role.
///
/// # Errors
/// When the database does not answer.
pub fn list<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    inherited: bool,
    wanted: &Wanted,
    slice: Slice,
) -> Result<Listed<Shown>> {
    let user_ids = wanted.user_ids.clone().unwrap_or_default();
    let filter = MemberFilter { query: wanted.query.clone(), user_ids, inherited, people: None };
    let (today, whose) = (tx.today(), (place.place(), place.namespace().id));
    let found = query::members::list(tx.conn, whose, &filter, today, BY_USER, slice).map_err(fault)?;
    Ok(Listed { items: shown(tx, found.items)?, total: found.total })
}

/// One member, direct or with `inherited` of any of the groups above.
///
/// # Errors
/// 404 for whoever is none.
pub fn one<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    inherited: bool,
    user_id: i64,
) -> Result<Shown> {
    if inherited {
        let wanted = Wanted { user_ids: Some(vec![user_id]), ..Wanted::default() };
        let found = list(tx, place, true, &wanted, Slice { limit: 1, offset: 0 })?;
        return found.items.into_iter().next().ok_or_else(Error::missing_record);
    }
    let member = rules::direct::<S>(tx, place, user_id)?;
    shown(tx, vec![member])?.pop().ok_or_else(Error::missing_record)
}
