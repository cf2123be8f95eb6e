//! Notes on issues.

use serde_json::{Value, json};
use tessera_model::issue::Note;

use super::Links;
use super::user::basic;

/// A note. None here is of the system, resolvable or internal.
pub(crate) fn note(links: &Links, note: &Note) -> Value {
    json!({
        "id": note.id,
        "type": null,
        "body": note.body,
        "attachment": null,
        "author": basic(links, &note.author),
        "created_at": note.created_at,
        "updated_at": note.updated_at,
        "system": false,
        "noteable_id": note.issue_id,
        "noteable_type": "Issue",
        "project_id": note.project_id,
        "resolvable": false,
        "confidential": false,
        "internal": false,
        "imported": false,
        "imported_from": "none",
        "noteable_iid": note.issue_iid,
        "commands_changes": {},
    })
}
