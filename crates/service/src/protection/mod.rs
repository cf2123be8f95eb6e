//! Protected branches and tags: the rules themselves, and the one place where references are decided
//! and written down before they move.

mod protect;
mod read;
mod record;
pub mod sight;
mod unprotect;
mod update;

pub use protect::{Named, Wanted, protect};
pub use read::{get, list};
pub use record::{Granted, RefMove, check_and_record};
pub use unprotect::unprotect;
pub use update::{Changes, GrantChange, update};

use serde_json::{Value, json};
use tessera_model::Result;
use tessera_model::project::Project;
use tessera_model::protection::{Action, Grant, Holder, Level, ProtectedRef, RefKind};

use crate::Tx;
use crate::audit::Event;

/// What a kind of rule says who may do.
pub(crate) const fn actions(kind: RefKind) -> &'static [Action] {
    match kind {
        RefKind::Branch => &[Action::Push, Action::Merge, Action::Unprotect],
        RefKind::Tag => &[Action::Create],
    }
}

/// Writes into the audit log what became of a rule: what it was before, unless it is new, and what it is now, unless it
/// is gone.
fn note(
    tx: &mut Tx<'_>,
    project: &Project,
    before: Option<&ProtectedRef>,
    after: Option<&ProtectedRef>,
) -> Result<()> {
    let (verb, rule) = match (before, after) {
        (None, Some(rule)) => ("create", rule),
        (Some(_), Some(rule)) => ("update", rule),
        (Some(rule), None) => ("remove", rule),
        (None, None) => return Ok(()),
    };
    let force = |rule: Option<&ProtectedRef>| rule.map(|rule| rule.allow_force_push);
    let grants = |rule: Option<&ProtectedRef>| rule.map(grants);
    tx.audit(&Event {
        action: &format!("protected_{}.{verb}", rule.kind.name()),
        target: ("protected_ref", Some(rule.id), &rule.name),
        project_id: Some(project.id),
        details: json!({
            "allow_force_push": { "from": force(before), "to": force(after) },
            "grants": { "from": grants(before), "to": grants(after) },
        }),
    })
}

fn grants(rule: &ProtectedRef) -> Vec<Value> {
    let grant = |grant: &Grant| match &grant.holder {
        Holder::Level(level) => json!({ "action": grant.action.name(), "access_level": level.number() }),
        Holder::User { id, .. } => json!({ "action": grant.action.name(), "user_id": id }),
    };
    rule.grants.iter().map(grant).collect()
}

/// The level that a rule starts with where none is given.
const USUAL: Level = Level::Maintainers;
