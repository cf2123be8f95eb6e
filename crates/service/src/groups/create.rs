//! Making a group or a subgroup.

use serde_json::json;
use tessera_model::ability::Ability;
use tessera_model::name::complaint_on_title;
use tessera_model::operation::Operation;
use tessera_model::operation::groups::CreateGroup;
use tessera_model::policy;
use tessera_model::project::Namespace;
use tessera_model::role::Role;
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::members::Place;

use super::rules::{Complaints, complaint_on_visibility, complaints_on_path};
use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Its display name.
    pub name: String,
    /// The last part of its path.
    pub path: String,
    /// The group in which it shall lie.
    pub parent_id: Option<i64>,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it; the setting's default if absent, but never wider than the parent.
    pub visibility: Option<Visibility>,
}

/// Makes a group at the top, where the caller may make groups at all, or in a group as its Maintainer.
/// Whoever makes it becomes its owner.
///
/// # Errors
/// 400 with the fields, 403, and 404 for a parent that the caller may not know of.
pub fn make<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
) -> Result<Namespace> {
    let parent = match wanted.parent_id {
        Some(id) => Some(parent(tx, id)?),
        None => None,
    };
    if tx.caller.is_bot() || (parent.is_none() && !may_at_top(tx)) {
        return Err(Error::Forbidden(None));
    }
    let maker = tx.caller.user.clone();
    let group = group(tx, parent.as_ref(), wanted)?;
    let id = query::namespaces::insert(tx.conn, &group, tx.now).map_err(fault)?;
    if let Some(maker) = maker {
        let place = Place::Group(id);
        query::members::insert(tx.conn, place, maker.id, Role::Owner, None, Some(maker.id), tx.now)
            .map_err(fault)?;
    }
    tx.audit(&Event {
        action: "group.create",
        target: ("group", Some(id), &group.full_path),
        project_id: None,
        details: json!({ "visibility": group.visibility.name() }),
    })?;
    Ok(Namespace { id, ..group })
}

/// Whether the caller may make groups that lie in no other.
pub fn may_at_top(tx: &Tx<'_>) -> bool {
    let user = tx.caller.user.as_ref();
    tx.caller.is_operator()
        || user.is_some_and(|user| user.admin || (user.can_create_group && !user.external))
}

/// [`make`], where every complaint stands in one sentence, as GitLab's API says them.
///
/// # Errors
/// As [`make`], the fields in one sentence.
pub fn create<'tx>(
    tx: &mut Tx<'tx>,
    right: &Authorized<'tx, CreateGroup, ()>,
    wanted: &Wanted,
) -> Result<Namespace> {
    make(tx, right, wanted).map_err(|error| match error {
        Error::Invalid(complaints) => Error::Refused(format!("Failed to save group {}", listed(&complaints))),
        other => other,
    })
}

/// The group in which another shall be made.
fn parent(tx: &mut Tx<'_>, id: i64) -> Result<Namespace> {
    let found = query::namespaces::by_id(tx.conn, id).map_err(fault)?.filter(|parent| parent.is_group);
    let parent = found.ok_or_else(|| Error::missing("Group"))?;
    let subject = tx.namespace_subject(&parent)?;
    if !policy::sees(&tx.caller, &subject) {
        return Err(Error::missing("Group"));
    }
    let role = policy::effective_role(&tx.caller, &subject);
    if tx.role_gives(Ability::CreateSubgroups, role) { Ok(parent) } else { Err(Error::Forbidden(None)) }
}

/// The new group, judged.
fn group(tx: &mut Tx<'_>, parent: Option<&Namespace>, wanted: &Wanted) -> Result<Namespace> {
    let below = |above: &str, own: &str, between: &str| {
        if above.is_empty() { own.to_owned() } else { format!("{above}{between}{own}") }
    };
    let full_path = below(parent.map_or("", |parent| &parent.full_path), &wanted.path, "/");
    let full_name = below(parent.map_or("", |parent| &parent.full_name), &wanted.name, " / ");
    let visibility = if let Some(visibility) = wanted.visibility {
        visibility
    } else {
        let usual = tx.setting("default_group_visibility")?;
        let usual = Visibility::parse(usual.as_str().unwrap_or_default()).unwrap_or(Visibility::Private);
        parent.map_or(usual, |parent| usual.min(parent.visibility))
    };
    let mut complaints = Complaints::new();
    complaints.extend(complaint_on_title(&wanted.name).map(|text| ("name", text)));
    complaints.extend(complaints_on_path(tx, &wanted.path, &full_path, 0)?);
    complaints.extend(complaint_on_visibility(parent, visibility).map(|text| ("visibility_level", text)));
    if !complaints.is_empty() {
        return Err(Error::Invalid(complaints));
    }
    Ok(Namespace {
        id: 0,
        is_group: true,
        parent_id: parent.map(|parent| parent.id),
        owner_id: None,
        path: wanted.path.clone(),
        full_path,
        name: wanted.name.clone(),
        full_name,
        description: wanted.description.clone().unwrap_or_default(),
        visibility,
        token_creation_allowed: true,
        created_at: tx.now,
    })
}

/// The complaints as GitLab writes them into the one sentence of this refusal.
fn listed(complaints: &Complaints) -> String {
    let mut fields: Vec<(&str, Vec<String>)> = Vec::new();
    for (field, text) in complaints {
        match fields.iter_mut().find(|(known, _)| known == field) {
            Some((_, texts)) => texts.push(format!("{text:?}")),
            None => fields.push((field, vec![format!("{text:?}")])),
        }
    }
    let fields: Vec<String> =
        fields.iter().map(|(field, texts)| format!(":{field}=>[{}]", texts.join(", "))).collect();
    format!("{{{}}}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_in_one_sentence() {
        let complaints = vec![
            ("path", "has already been taken".to_owned()),
            ("name", "can't be blank".to_owned()),
            ("path", "is \"odd\"".to_owned()),
        ];
        assert_eq!(
            listed(&complaints),
            r#"{:path=>["has already been taken", "is \"odd\""], :name=>["can't be blank"]}"#
        );
    }
}
