//! Protecting a branch, a tag, or a wildcard of either.

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::protection::{Action, Holder, Level, ProtectedRef, RefKind};
use tessera_model::user::UserState;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{USUAL, actions, note, read};
use crate::{Authorized, Tx, fault};

/// Longest name of a rule, in characters.
const LONGEST: usize = 255;

/// Somebody to whom something is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Everybody of a level.
    Level(Level),
    /// The user of this number.
    User(i64),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Branch or tag.
    pub kind: RefKind,
    /// Its name; `*` stands for any text.
    pub name: String,
    /// Whether those who may push may force.
    pub allow_force_push: bool,
    /// Who may do what; an action for which nobody is named is the Maintainers'.
    pub grants: Vec<(Action, Named)>,
}

/// Makes a rule.
///
/// # Errors
/// 409 when there is one of this name, 422 for a name that cannot be or users without access.
pub fn protect<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    wanted: &Wanted,
) -> Result<ProtectedRef> {
    if wanted.name.trim().is_empty() {
        return Err(Error::Unprocessable("Name can't be blank".to_owned()));
    }
    if wanted.name.chars().count() > LONGEST || wanted.name.chars().any(char::is_control) {
        return Err(Error::Unprocessable("Name is invalid".to_owned()));
    }
    let made = query::protection::insert(
        tx.conn,
        project.id,
        wanted.kind,
        &wanted.name,
        wanted.allow_force_push,
        tx.now,
    );
    let Some(id) = made.map_err(fault)? else {
        let kind = wanted.kind.name();
        return Err(Error::Conflict(format!("Protected {kind} '{}' already exists", wanted.name)));
    };
    for action in actions(wanted.kind) {
        let mut named: Vec<Named> = Vec::new();
        for (_, one) in wanted.grants.iter().filter(|(of, _)| of == action) {
            if !named.contains(one) {
                named.push(*one);
            }
        }
        if named.is_empty() {
            named.push(Named::Level(USUAL));
        }
        for one in named {
            let holder = holder(tx, project, *action, one)?;
            query::protection::add_grant(tx.conn, id, *action, &holder).map_err(fault)?;
        }
    }
    let rule = read::get(tx, project, wanted.kind, &wanted.name)?;
    note(tx, project, None, Some(&rule))?;
    Ok(rule)
}

/// Whoever is named, if they may be: users must have access to the project.
pub(super) fn holder(tx: &mut Tx<'_>, project: &Project, action: Action, named: Named) -> Result<Holder> {
    let id = match named {
        Named::Level(level) => return Ok(Holder::Level(level)),
        Named::User(id) => id,
    };
    let user = query::users::by_id(tx.conn, id).map_err(fault)?;
    let user = user.filter(|user| user.state != UserState::Ghosted);
    let membership = query::projects::membership(tx.conn, project, id, tx.now.date()).map_err(fault)?;
    match user {
        Some(user) if membership.role().is_some() => Ok(Holder::User { id, name: user.name }),
        _ => {
            let mut action = action.name().to_owned();
            action[..1].make_ascii_uppercase();
            Err(Error::Unprocessable(format!("{action} access levels user is not a member of the project")))
        }
    }
}
