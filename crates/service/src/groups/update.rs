//! Changing a group.

use serde_json::{Map, Value, json};
use tessera_model::name::complaint_on_title;
use tessera_model::operation::Operation;
use tessera_model::project::Namespace;
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::rules::{Complaints, complaint_on_narrowing, complaint_on_visibility, complaints_on_path};
use crate::audit::{Event, differences};
use crate::{Authorized, Tx, fault};

/// What shall be otherwise; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Its display name.
    pub name: Option<String>,
    /// The last part of its path.
    pub path: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// Whether project access tokens may be made below it; top-level groups alone decide.
    pub token_creation_allowed: Option<bool>,
}

/// Changes a group. A new path or name moves everything below it along.
///
/// # Errors
/// 400 with every complaint.
pub fn update<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    group: &Authorized<'tx, Op, Namespace>,
    changes: &Changes,
) -> Result<Namespace> {
    let new = judged(tx, group, changes)?;
    let details = difference(group, &new);
    if details.is_empty() {
        return Ok(new);
    }
    query::namespaces::update(tx.conn, &new, tx.now).map_err(fault)?;
    query::paths::follow(tx.conn, group, &new, tx.now).map_err(fault)?;
    tx.audit(&Event {
        action: "group.update",
        target: ("group", Some(group.id), &new.full_path),
        project_id: None,
        details: Value::Object(details),
    })?;
    Ok(new)
}

/// The group as it shall be.
fn judged(tx: &mut Tx<'_>, group: &Namespace, changes: &Changes) -> Result<Namespace> {
    let mut complaints = Complaints::new();
    let mut new = group.clone();
    if let Some(name) = &changes.name {
        complaints.extend(complaint_on_title(name).map(|text| ("name", text)));
        new.full_name = with_last(&group.full_name, &group.name, name);
        new.name.clone_from(name);
    }
    if let Some(path) = changes.path.as_ref().filter(|path| **path != group.path) {
        new.full_path = with_last(&group.full_path, &group.path, path);
        new.path.clone_from(path);
        complaints.extend(complaints_on_path(tx, path, &new.full_path, group.id)?);
    }
    if let Some(visibility) = changes.visibility.filter(|visibility| *visibility != group.visibility) {
        let parent = match group.parent_id {
            Some(id) => query::namespaces::by_id(tx.conn, id).map_err(fault)?,
            None => None,
        };
        let below = query::namespaces::widest_below(tx.conn, group.id).map_err(fault)?;
        let wrong = complaint_on_visibility(parent.as_ref(), visibility)
            .or_else(|| complaint_on_narrowing(visibility, below));
        complaints.extend(wrong.map(|text| ("visibility_level", text)));
        new.visibility = visibility;
    }
    if let Some(allowed) = changes.token_creation_allowed {
        if group.parent_id.is_some() {
            let text = "can be set for a top-level group only".to_owned();
            complaints.push(("resource_access_token_creation_allowed", text));
        }
        new.token_creation_allowed = allowed;
    }
    if !complaints.is_empty() {
        return Err(Error::Invalid(complaints));
    }
    new.description = changes.description.clone().unwrap_or(new.description);
    Ok(new)
}

/// A whole path or name with another last part.
fn with_last(whole: &str, old: &str, new: &str) -> String {
    let above = whole.strip_suffix(old).unwrap_or_default();
    format!("{above}{new}")
}

/// What changed, for the audit log. Descriptions are long and left out.
fn difference(old: &Namespace, new: &Namespace) -> Map<String, Value> {
    let fields = [
        ("name", json!(old.name), json!(new.name)),
        ("path", json!(old.full_path), json!(new.full_path)),
        ("visibility", json!(old.visibility.name()), json!(new.visibility.name())),
        (
            "resource_access_token_creation_allowed",
            json!(old.token_creation_allowed),
            json!(new.token_creation_allowed),
        ),
    ];
    let mut details = differences(fields);
    if old.description != new.description {
        details.insert("description".to_owned(), json!("changed"));
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_changes_alone() {
        assert_eq!(with_last("a/a/a", "a", "b"), "a/a/b");
        assert_eq!(with_last("a", "a", "b"), "b");
        assert_eq!(with_last("Top / My / Sub", "My / Sub", "Sub"), "Top / Sub");
    }
}
