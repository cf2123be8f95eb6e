//! The one judgement: may this caller do this operation to this subject?
//!
//! It comes in two steps, in GitLab's order: [`admit`] looks at the credential and its scopes before
//! any parameter or object is looked at, [`decide`] at the object and the caller's role in it.

use crate::ability::{Ability, Openness};
use crate::caller::{Caller, Via};
use crate::error::{Error, Result, Unauthenticated};
use crate::operation::{Refusal, Row, Surface, TokenKinds};
use crate::role::Role;
use crate::visibility::Visibility;

/// What the judgement needs to know of the object of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its number, for the fence.
    pub project_id: Option<i64>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it is archived.
    pub archived: bool,
    /// The caller's role in it, groups above included; of its own membership alone, never as an
    /// administrator.
    pub role: Option<Role>,
}

/// Judges the credential: is there one where one is needed, is it of a kind that this operation
/// takes, do its scopes open the door?
///
/// # Errors
/// 401, 403 `insufficient_scope`, 405, or 403.
pub fn admit(caller: &Caller, row: &Row) -> Result<()> {
    if row.surface == Surface::Ui {
        admit_to_page(caller, row)?;
    }
    if caller.is_anonymous() {
        return if row.anonymous { Ok(()) } else { Err(Error::Unauthenticated(Unauthenticated::Missing)) };
    }
    let bound = caller.scopes().filter(|_| row.surface != Surface::Ui);
    if let Some(scopes) = bound.filter(|scopes| !row.is_opened_by(*scopes)) {
        debug_assert!(!scopes.intersects(row.scopes));
        return Err(Error::InsufficientScope(row.scopes_named()));
    }
    if let Via::Token(token) = &caller.via {
        let in_anothers_name = row.kinds == TokenKinds::OwnOnly && caller.sudo_by.is_some();
        if !row.takes(token.kind) || in_anothers_name {
            return Err(match row.kinds {
                TokenKinds::ProjectOnly => Error::MethodNotAllowed,
                _ => refusal(row),
            });
        }
    } else if row.ability == Ability::BeToken {
        return Err(Error::MethodNotAllowed);
    }
    if row.ability == Ability::Administer && !caller.is_admin() {
        // What the administrators' pages are is nobody else's business.
        return Err(if row.surface == Surface::Ui { hidden(caller, row) } else { Error::Forbidden(None) });
    }
    Ok(())
}

/// A page is opened by nothing and by sessions, and by those only when nothing is to be done first (D24, L4).
fn admit_to_page(caller: &Caller, row: &Row) -> Result<()> {
    match &caller.via {
        Via::Anonymous => Ok(()),
        Via::Session(session) => match session.gate {
            Some(gate) if !row.gates.contains(&gate) => {
                Err(Error::Unauthenticated(Unauthenticated::Gate(gate)))
            }
            _ => Ok(()),
        },
        Via::Token(_) | Via::Password | Via::Operator => {
            Err(Error::Unauthenticated(Unauthenticated::Unknown))
        }
    }
}

/// Judges what the caller may do to an object.
///
/// # Errors
/// 404 where the caller may not know of the object, else the refusal that the row names.
pub fn decide(caller: &Caller, row: &Row, subject: &Subject) -> Result<()> {
    if !sees(caller, subject) {
        return Err(hidden(caller, row));
    }
    if row.ability == Ability::BeToken {
        let own = caller.token().is_some_and(|token| token.project_id == subject.project_id);
        return if own { Ok(()) } else { Err(Error::Unauthenticated(Unauthenticated::NotPermitted)) };
    }
    let Some(rule) = row.ability.rule() else { return Ok(()) };
    let inside = caller.fence().is_none_or(|fence| subject.project_id == Some(fence));
    let able = if !inside {
        // D6: outside its project a bot has what an anonymous caller has.
        row.ability.is_open(subject.visibility, false)
    } else if caller.is_bot() && !rule.bots {
        false
    } else {
        effective_role(caller, subject).is_some_and(|role| role >= rule.role)
            || row.ability.is_open(subject.visibility, !caller.is_anonymous())
    };
    if !able {
        return Err(if caller.is_anonymous() {
            Error::Unauthenticated(Unauthenticated::Missing)
        } else {
            refusal(row)
        });
    }
    if subject.archived && !rule.archived {
        return Err(archived(row));
    }
    Ok(())
}

/// Whether there can be an object on which the caller may do the operation; a bot has this role in its project.
/// It promises nothing: the object decides.
pub fn could(caller: &Caller, row: &Row, role: Option<Role>) -> bool {
    let able = match row.ability.rule() {
        Some(rule) if caller.fence().is_some() => {
            rule.open == Openness::Everyone || (rule.bots && role.is_some_and(|role| role >= rule.role))
        }
        _ => true,
    };
    able && admit(caller, row).is_ok()
}

/// Whether the caller may know that the object exists.
pub fn sees(caller: &Caller, subject: &Subject) -> bool {
    if let Some(fence) = caller.fence() {
        let member = subject.project_id == Some(fence) && subject.role.is_some();
        return member || subject.visibility == Visibility::Public;
    }
    caller.is_admin()
        || subject.role.is_some()
        || match subject.visibility {
            Visibility::Public => true,
            Visibility::Internal => caller.sees_internal(),
            Visibility::Private => false,
        }
}

/// The role that counts: administrators count as owners, bots as what their membership says.
pub fn effective_role(caller: &Caller, subject: &Subject) -> Option<Role> {
    if caller.fence().is_none() && caller.is_admin() { Some(Role::Owner) } else { subject.role }
}

/// The refusal that a row names.
pub fn refusal(row: &Row) -> Error {
    match row.refusal {
        Refusal::Forbidden => Error::Forbidden(None),
        Refusal::ForbiddenText(text) => Error::forbidden(text),
        Refusal::Unauthorized => Error::Unauthenticated(Unauthenticated::NotPermitted),
        Refusal::BadRequest(text) => Error::bad_request(text),
        Refusal::BadRequestNamed => Error::BadRequest(None),
        Refusal::NotFound => Error::missing(row.missing),
    }
}

/// The answer about an object that the caller may not know of: the same as for one that is not there.
pub fn hidden(caller: &Caller, row: &Row) -> Error {
    match row.surface {
        // Git asks again with credentials only after a 401 (semantics sheet 5.6).
        // A page leads to where one signs in, and from there to what was asked for.
        Surface::Git | Surface::Ui if caller.is_anonymous() => {
            Error::Unauthenticated(Unauthenticated::Missing)
        }
        _ => Error::missing(row.missing),
    }
}

fn archived(row: &Row) -> Error {
    match row.surface {
        Surface::Git => Error::forbidden("You can't push code to an archived project."),
        Surface::Rest => Error::Forbidden(None),
        Surface::Ui => Error::forbidden("This project is archived: it can be read but not changed."),
    }
}
