//! Audit events.

use serde_json::{Map, Value, json};
use tessera_model::audit::entity;
use tessera_service::audit::list::Entry;

/// GitLab's number for whoever is no user.
const NOBODY: i64 = -1;
/// The one instance that there is.
const INSTANCE: i64 = 1;

/// GitLab's names of the kinds of objects that events belong to, with ours.
pub(crate) const ENTITY_TYPES: &[(&str, &str)] = &[
    ("Project", entity::PROJECT),
    ("Group", entity::GROUP),
    ("User", entity::USER),
    ("Gitlab::Audit::InstanceScope", entity::INSTANCE),
];

/// GitLab's name of a kind of target: `protected_ref` is `ProtectedRef`.
fn class(kind: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    kind.split('_').map(word).collect()
}

/// `project_token.create` as a person says it: "Project token: create".
pub(crate) fn message(action: &str) -> String {
    let text = action.replace('_', " ").replace('.', ": ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// One event. Its details hold what GitLab's do, and beside it what only this server tells: the token, the
/// request, the door, and what there is to know of the change itself.
pub(crate) fn of(entry: &Entry) -> Value {
    let record = &entry.event.record;
    let entity_type =
        ENTITY_TYPES.iter().find(|(_, kind)| *kind == record.entity_kind).map_or("", |(name, _)| *name);
    let author = entry.author.as_ref();
    let mut details = Map::new();
    let mut add = |name: &str, value: Value| details.insert(name.to_owned(), value);
    add("event_name", json!(record.action.replace('.', "_")));
    add("custom_message", json!(message(&record.action)));
    add("author_name", json!(author.map_or(record.actor_username.as_str(), |(name, _)| name)));
    add("author_email", json!(author.map(|(_, email)| email)));
    add("author_class", json!("User"));
    add("author_username", json!(record.actor_username));
    add("target_id", json!(record.target_id));
    add("target_type", json!(class(&record.target_kind)));
    add("target_details", json!(record.target_name));
    add("ip_address", json!(record.address));
    add("entity_path", json!(entry.entity_path));
    add("token_id", json!(record.token_id));
    add("correlation_id", json!(record.request_id));
    add("surface", json!(record.surface));
    if let Ok(Value::Object(more)) = serde_json::from_str(&record.details) {
        for (name, value) in more {
            details.entry(name).or_insert(value);
        }
    }
    json!({
        "id": entry.event.id,
        "author_id": record.actor_id.unwrap_or(NOBODY),
        "entity_id": record.entity_id.unwrap_or(INSTANCE),
        "entity_type": entity_type,
        "event_name": record.action.replace('.', "_"),
        "details": details,
        "created_at": record.created_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_gitlab_writes_them() {
        assert_eq!(class("protected_ref"), "ProtectedRef");
        assert_eq!(class("user"), "User");
        assert_eq!(message("project_token.create"), "Project token: create");
        assert_eq!((class(""), message("")), (String::new(), String::new()));
    }
}
