//! Who may do what, as parameters say it: a level by itself, or a list of levels and users.

use tessera_model::protection::{Action, Level};
use tessera_service::protection::{GrantChange, Named};

use crate::params::Reader;

/// Who is named for an action of a new rule.
pub(super) fn given(p: &mut Reader<'_>, action: Action) -> Vec<(Action, Named)> {
    let level = p.integer(&format!("{}_access_level", action.name())).among(action.levels()).optional();
    let mut named: Vec<_> =
        level.into_iter().map(|number| (action, Named::Level(Level::from_number(number)))).collect();
    for change in listed(p, action) {
        if let GrantChange::Add(one) = change {
            named.push((action, one));
        }
    }
    named
}

/// What is to change of an action's grants.
pub(super) fn changed(p: &mut Reader<'_>, action: Action) -> Vec<(Action, GrantChange)> {
    listed(p, action).into_iter().map(|change| (action, change)).collect()
}

fn listed(p: &mut Reader<'_>, action: Action) -> Vec<GrantChange> {
    let name = format!("allowed_to_{}", action.name());
    p.nested(&name).each(|p| entry(p, action)).unwrap_or_default().into_iter().flatten().collect()
}

fn entry(p: &mut Reader<'_>, action: Action) -> Option<GrantChange> {
    let id = p.integer("id").optional();
    let user = p.integer("user_id").optional().map(Named::User);
    let level = p.integer("access_level").among(action.levels()).optional();
    let level = level.map(|number| Named::Level(Level::from_number(number)));
    for other in ["group_id", "deploy_key_id"] {
        if p.integer(other).optional().is_some() {
            p.refuse(other, "is not supported");
        }
    }
    if p.boolean("_destroy").or(false) {
        return id.map(GrantChange::Remove);
    }
    match (id, user.or(level)) {
        (Some(id), Some(named)) => Some(GrantChange::Give(id, named)),
        (None, Some(named)) => Some(GrantChange::Add(named)),
        // A grant that is named as it is stays as it is.
        (Some(_), None) => None,
        (None, None) => {
            p.at_least_one_of(&["access_level", "user_id"]);
            None
        }
    }
}
