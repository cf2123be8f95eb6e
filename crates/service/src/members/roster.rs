//! The members of a place as a person reads them: people first, then bots, each with where the role comes from.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::role::Role;
use tessera_model::user::UserState;
use tessera_store::query;
use tessera_store::query::members::{BY_ROLE, Member, MemberFilter, NEWEST_FIRST};

use super::Peopled;
use super::rules::{self, Fixed};
use crate::{Authorized, Listed, Slice, Tx, fault};

/// A member with what the caller may do about it.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The member.
    pub member: Member,
    /// The group above that it is inherited from.
    pub from: Option<Above>,
    /// Whether the caller is it.
    pub own: bool,
    /// Whether the caller may change its role and end.
    pub change: bool,
    /// Whether the caller may remove it, or leave.
    pub remove: bool,
    /// Why nobody may do either.
    pub fixed: Option<Fixed>,
}

/// A group above a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Above {
    /// Its path in full.
    pub full_path: String,
    /// Its name in full.
    pub full_name: String,
}

/// One page of the members, inherited ones included: people by role and name, then bots, the newest first. Of a place
/// with thousands of bots no more is read than is shown.
///
/// # Errors
/// When the database does not answer.
pub fn list<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    search: Option<&str>,
    slice: Slice,
) -> Result<Listed<Seat>> {
    let (today, whose) = (tx.today(), (place.place(), place.namespace().id));
    let filter = |people| MemberFilter {
        query: search.map(str::to_owned),
        inherited: people,
        people: Some(people),
        ..MemberFilter::default()
    };
    let people = query::members::list(tx.conn, whose, &filter(true), today, BY_ROLE, slice).map_err(fault)?;
    let mut members = people.items;
    let mut total = people.total;
    if let (Some(count), Some(_)) = (people.total, place.project_id()) {
        // Bots are members of their own project alone (D6).
        let shown = i64::try_from(members.len()).unwrap_or(slice.limit);
        let rest = Slice { limit: slice.limit - shown, offset: (slice.offset - count).max(0) };
        let bots = query::members::list(tx.conn, whose, &filter(false), today, NEWEST_FIRST, rest);
        let bots = bots.map_err(fault)?;
        members.extend(bots.items);
        total = bots.total.map(|bots| bots + count);
    }
    let here = if place.project_id().is_some() { None } else { Some(place.namespace().id) };
    let inherited = members.iter().any(|member| member.group_id != here);
    let chain = if inherited {
        query::namespaces::chain(tx.conn, place.namespace().id).map_err(fault)?
    } else {
        Vec::new()
    };
    let owners: Vec<i64> =
        members.iter().filter(|member| may_own(member)).map(|member| member.user.id).collect();
    let items = members.into_iter().map(|member| {
        let from = chain.iter().find(|(id, ..)| member.group_id != here && member.group_id == Some(*id));
        let from = from.map(|(_, full_path, full_name)| Above {
            full_path: full_path.clone(),
            full_name: full_name.clone(),
        });
        // With another owner in sight nobody is the last one, and there is no need to ask.
        let last = !owners.iter().any(|owner| *owner != member.user.id);
        seat(tx, place, member, from, last)
    });
    Ok(Listed { items: items.collect::<Result<_>>()?, total })
}

/// One direct member.
///
/// # Errors
/// 404 for whoever is none.
pub fn one<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    user_id: i64,
) -> Result<Seat> {
    let member = rules::direct::<S>(tx, place, user_id)?;
    seat(tx, place, member, None, true)
}

/// Whether somebody is an owner who may act.
fn may_own(member: &Member) -> bool {
    member.role == Role::Owner && member.user.state == UserState::Active
}

fn seat<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    member: Member,
    from: Option<Above>,
    may_be_last: bool,
) -> Result<Seat> {
    let manages = tx.role_gives(S::MANAGE, place.role()) && rules::reaches(place.role(), member.role).is_ok();
    let own = tx.caller.user_id() == Some(member.user.id);
    let direct = from.is_none();
    let is_free = member.role == Role::Owner && !may_be_last && place.project_id().is_none();
    let fixed = if direct && !is_free { rules::fixed::<S>(tx, place, &member)? } else { None };
    let free = direct && fixed.is_none();
    Ok(Seat { change: free && manages, remove: free && (manages || own), own, fixed, from, member })
}
