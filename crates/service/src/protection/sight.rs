//! The rules of a project as a page shows and changes them: people by their usernames, grants as a whole.

use std::collections::HashMap;

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::protection::{Action, Holder, ProtectedRef, RefKind};
use tessera_model::user::{User, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::protect::Named;
use super::record::actor;
use super::update::{Changes, GrantChange};
use super::{read, unprotect, update};
use crate::{Authorized, Tx, fault};

/// A rule, and whether the caller may change and lift it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The rule.
    pub rule: ProtectedRef,
    /// Whether the caller is one of those who may lift it.
    pub lift: bool,
}

/// The rules of a project, and the people and bots that they name, by their numbers.
///
/// # Errors
/// When the database does not answer.
pub fn all<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
) -> Result<(Vec<Seen>, HashMap<i64, User>)> {
    let rules = query::protection::of_project(tx.conn, project.id).map_err(fault)?;
    let people = named_in(tx, &rules)?;
    let who = actor(tx, project);
    let seen = |rule: ProtectedRef| Seen { lift: rule.may_be_lifted_by(who), rule };
    Ok((rules.into_iter().map(seen).collect(), people))
}

/// One rule, and the people and bots that it names, by their numbers.
///
/// # Errors
/// 404.
pub fn one<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
) -> Result<(Seen, HashMap<i64, User>)> {
    let rules = query::protection::of_project(tx.conn, project.id).map_err(fault)?;
    let rule = rules.into_iter().find(|rule| rule.id == id).ok_or_else(Error::missing_record)?;
    let people = named_in(tx, std::slice::from_ref(&rule))?;
    Ok((Seen { lift: rule.may_be_lifted_by(actor(tx, project)), rule }, people))
}

fn named_in(tx: &mut Tx<'_>, rules: &[ProtectedRef]) -> Result<HashMap<i64, User>> {
    let holders = rules.iter().flat_map(|rule| &rule.grants).filter_map(|grant| match grant.holder {
        Holder::User { id, .. } => Some(id),
        Holder::Level(_) => None,
    });
    query::people::shown(tx.conn, holders.collect()).map_err(fault)
}

/// The people and bots of these usernames, for the grants of an action.
///
/// # Errors
/// 400 at `field` for a name that nobody has.
pub fn named(
    tx: &mut Tx<'_>,
    action: Action,
    field: &'static str,
    usernames: &[String],
) -> Result<Vec<(Action, Named)>> {
    let mut found = Vec::new();
    for username in usernames {
        let user = query::users::by_username(tx.conn, username).map_err(fault)?;
        match user.filter(|user| user.state != UserState::Ghosted) {
            Some(user) => found.push((action, Named::User(user.id))),
            None => {
                return Err(Error::invalid(field, format!("cannot name {username}: nobody is called so")));
            }
        }
    }
    Ok(found)
}

/// Gives a rule these grants and no others, for the actions that are named; those of other actions stay.
///
/// # Errors
/// As [`update()`] has it.
pub fn set<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
    allow_force_push: Option<bool>,
    actions: &[Action],
    wanted: &[(Action, Named)],
) -> Result<ProtectedRef> {
    let (seen, _) = one(tx, project, id)?;
    let rule = seen.rule;
    let changes = Changes { allow_force_push, grants: difference(&rule, actions, wanted) };
    update::update(tx, project, rule.kind, &rule.name, &changes)
}

/// Lifts the rule of this number; says what it was.
///
/// # Errors
/// 404, 403.
pub fn lift<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
) -> Result<(RefKind, String)> {
    let rules = query::protection::of_project(tx.conn, project.id).map_err(fault)?;
    let rule = rules.into_iter().find(|rule| rule.id == id).ok_or_else(Error::missing_record)?;
    let rule = read::get(tx, project, rule.kind, &rule.name)?;
    unprotect::unprotect(tx, project, rule.kind, &rule.name)?;
    Ok((rule.kind, rule.name))
}

/// What makes of a rule's grants those that are wanted.
fn difference(
    rule: &ProtectedRef,
    actions: &[Action],
    wanted: &[(Action, Named)],
) -> Vec<(Action, GrantChange)> {
    let is = |holder: &Holder, named: &Named| match (holder, named) {
        (Holder::Level(one), Named::Level(other)) => one == other,
        (Holder::User { id, .. }, Named::User(other)) => id == other,
        _ => false,
    };
    let mut changes = Vec::new();
    for grant in rule.grants.iter().filter(|grant| actions.contains(&grant.action)) {
        if !wanted.iter().any(|(action, named)| *action == grant.action && is(&grant.holder, named)) {
            changes.push((grant.action, GrantChange::Remove(grant.id)));
        }
    }
    for (at, (action, named)) in wanted.iter().enumerate() {
        let there = rule.grants.iter().any(|grant| grant.action == *action && is(&grant.holder, named));
        if !there && !wanted[..at].contains(&(*action, *named)) {
            changes.push((*action, GrantChange::Add(*named)));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use tessera_model::protection::{Grant, Level};

    use super::*;

    #[test]
    fn only_what_differs_is_changed() {
        let grant = |id, action, holder| Grant { id, action, holder };
        let rule = ProtectedRef {
            id: 1,
            kind: RefKind::Branch,
            name: "main".to_owned(),
            allow_force_push: false,
            grants: vec![
                grant(1, Action::Push, Holder::Level(Level::Maintainers)),
                grant(2, Action::Push, Holder::User { id: 7, name: "robot".to_owned() }),
                grant(3, Action::Merge, Holder::Level(Level::Maintainers)),
                grant(4, Action::Unprotect, Holder::Level(Level::Admins)),
            ],
        };
        let (push, merge) = (Action::Push, Action::Merge);
        let (maintainers, developers) = (Named::Level(Level::Maintainers), Named::Level(Level::Developers));
        let same = [(push, maintainers), (push, Named::User(7)), (merge, maintainers)];
        assert_eq!(difference(&rule, &[push, merge], &same), []);
        let other =
            [(push, developers), (push, Named::User(8)), (push, Named::User(8)), (merge, maintainers)];
        assert_eq!(
            difference(&rule, &[push, merge], &other),
            [
                (push, GrantChange::Remove(1)),
                (push, GrantChange::Remove(2)),
                (push, GrantChange::Add(developers)),
                (push, GrantChange::Add(Named::User(8))),
            ]
        );
        assert_eq!(difference(&rule, &[], &[]), []);
    }
}
