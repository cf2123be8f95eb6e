//! Who may do what to which membership, beyond what the operation's row says.

use tessera_model::role::Role;
use tessera_model::time::Date;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::members::{Member, Place};

use super::Peopled;
use crate::{Tx, fault};

/// A direct member whose membership has not ended.
pub(super) fn direct<S: Peopled>(tx: &mut Tx<'_>, place: &S, user_id: i64) -> Result<Member> {
    let found = query::members::find(tx.conn, place.place(), user_id).map_err(fault)?;
    let today = tx.today();
    found.filter(|member| !has_ended(member, today)).ok_or_else(Error::missing_record)
}

/// Whether a membership counts no more.
pub(super) fn has_ended(member: &Member, today: Date) -> bool {
    member.expires_on.is_some_and(|end| end <= today)
}

/// Whoever gives, changes or takes a role must hold one as high.
pub(super) fn reaches(own: Option<Role>, role: Role) -> Result<()> {
    if own.is_some_and(|own| own >= role) { Ok(()) } else { Err(Error::Forbidden(None)) }
}

/// The day on which a membership ends lies not in the past.
pub(super) fn not_past(tx: &Tx<'_>, expires_on: Option<Date>) -> Result<()> {
    match expires_on {
        Some(day) if day < tx.today() => Err(Error::invalid("expires_at", "cannot be a date in the past")),
        _ => Ok(()),
    }
}

/// Why nobody may change or end a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixed {
    /// It is a bot's, which comes and goes with its token (B5).
    Bot,
    /// It is that of a person in a project of their own namespace.
    OwnNamespace,
    /// It is a group's last owner's, and the group would stay without one.
    LastOwner,
}

/// Memberships that nobody may change or end.
pub(super) fn fixed<S: Peopled>(tx: &mut Tx<'_>, place: &S, member: &Member) -> Result<Option<Fixed>> {
    if member.user.is_bot() {
        return Ok(Some(Fixed::Bot));
    }
    if place.project_id().is_some() && place.namespace().owner_id == Some(member.user.id) {
        return Ok(Some(Fixed::OwnNamespace));
    }
    if let (Place::Group(id), Role::Owner) = (place.place(), member.role) {
        let today = tx.today();
        let others = query::members::other_owners(tx.conn, id, member.user.id, today).map_err(fault)?;
        return Ok((others == 0).then_some(Fixed::LastOwner));
    }
    Ok(None)
}

/// Refuses to change or end what nobody may.
pub(super) fn is_changeable<S: Peopled>(tx: &mut Tx<'_>, place: &S, member: &Member) -> Result<()> {
    match fixed(tx, place, member)? {
        Some(_) => Err(Error::Forbidden(None)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reaches_above_their_own_role() {
        assert!(reaches(Some(Role::Maintainer), Role::Maintainer).is_ok());
        assert!(reaches(Some(Role::Owner), Role::Guest).is_ok());
        assert!(matches!(reaches(Some(Role::Maintainer), Role::Owner), Err(Error::Forbidden(None))));
        assert!(matches!(reaches(None, Role::Guest), Err(Error::Forbidden(None))));
    }
}
