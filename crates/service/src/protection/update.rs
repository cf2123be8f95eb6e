//! Changing a protected branch.

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::protection::{Action, Holder, ProtectedRef, RefKind};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::protect::{Named, holder};
use super::record::actor;
use super::{note, read};
use crate::{Authorized, Tx, fault};

/// What is to become of one grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantChange {
    /// It is new.
    Add(Named),
    /// The grant of this number goes to somebody else.
    Give(i64, Named),
    /// The grant of this number goes.
    Remove(i64),
}

/// What is to change of a rule.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Whether those who may push may force, if that changes.
    pub allow_force_push: Option<bool>,
    /// Its grants.
    pub grants: Vec<(Action, GrantChange)>,
}

/// Changes a rule, if the caller is one of those who may lift it.
///
/// # Errors
/// 404, 403, 422.
pub fn update<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    kind: RefKind,
    name: &str,
    changes: &Changes,
) -> Result<ProtectedRef> {
    let rule = read::get(tx, project, kind, name)?;
    if !rule.may_be_lifted_by(actor(tx, project)) {
        return Err(Error::Forbidden(None));
    }
    if let Some(allow) = changes.allow_force_push {
        query::protection::set_force(tx.conn, rule.id, allow).map_err(fault)?;
    }
    // Grants go before others come, so that one can take the place of another.
    for (action, change) in &changes.grants {
        if let GrantChange::Remove(id) = change {
            own_grant(&rule, *action, *id)?;
            query::protection::delete_grant(tx.conn, *id).map_err(fault)?;
        }
    }
    for (action, change) in &changes.grants {
        match change {
            GrantChange::Remove(_) => {}
            GrantChange::Add(named) => {
                let holder = holder(tx, project, *action, *named)?;
                query::protection::add_grant(tx.conn, rule.id, *action, &holder).map_err(fault)?;
            }
            GrantChange::Give(id, named) => {
                own_grant(&rule, *action, *id)?;
                let holder = holder(tx, project, *action, *named)?;
                query::protection::change_grant(tx.conn, *id, &holder).map_err(fault)?;
            }
        }
    }
    let after = read::get(tx, project, kind, name)?;
    refuse_twins(&after)?;
    note(tx, project, Some(&rule), Some(&after))?;
    Ok(after)
}

/// A grant of another rule is as if it were not there.
fn own_grant(rule: &ProtectedRef, action: Action, id: i64) -> Result<()> {
    let own = rule.grants.iter().any(|grant| grant.id == id && grant.action == action);
    if own { Ok(()) } else { Err(Error::missing_record()) }
}

fn refuse_twins(rule: &ProtectedRef) -> Result<()> {
    for (at, grant) in rule.grants.iter().enumerate() {
        let twin = |other: &&tessera_model::protection::Grant| {
            other.action == grant.action && other.holder == grant.holder
        };
        if rule.grants[at + 1..].iter().any(|other| twin(&other)) {
            let what = if matches!(grant.holder, Holder::Level(_)) { "access level" } else { "user" };
            return Err(Error::Unprocessable(format!("{what} has already been taken")));
        }
    }
    Ok(())
}
