//! Groups: the shape of lists and the one of `GET /groups/:id`.

use serde::Serialize;
use serde_json::{Value, json};
use tessera_model::project::Namespace;
use tessera_service::groups::get::Seen;

use super::{Links, project};

/// A group.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct GroupView(Value);

/// The shape in lists and in the answer to a creation.
pub(crate) fn group(links: &Links, group: &Namespace) -> GroupView {
    let mut view = json!({
        "id": group.id,
        "web_url": links.web(&format!("groups/{}", group.full_path)),
        "name": group.name,
        "path": group.path,
        "description": group.description,
        "visibility": group.visibility.name(),
        "share_with_group_lock": false,
        "require_two_factor_authentication": false,
        "two_factor_grace_period": 48,
        "project_creation_level": "developer",
        "auto_devops_enabled": null,
        "subgroup_creation_level": "maintainer",
        "emails_disabled": false,
        "emails_enabled": true,
        "mentions_disabled": null,
        "lfs_enabled": false,
        "avatar_url": null,
        "request_access_enabled": false,
        "full_name": group.full_name,
        "full_path": group.full_path,
        "created_at": group.created_at,
        "parent_id": group.parent_id,
    });
    if let (None, Some(object)) = (group.parent_id, view.as_object_mut()) {
        let allowed = json!(group.token_creation_allowed);
        object.insert("resource_access_token_creation_allowed".to_owned(), allowed);
    }
    GroupView(view)
}

/// The shape of one group, with the projects directly in it if they were asked for.
pub(crate) fn detailed(links: &Links, seen: &Seen) -> GroupView {
    let GroupView(mut view) = group(links, &seen.group);
    if let Some(object) = view.as_object_mut() {
        object.insert("shared_with_groups".to_owned(), json!([]));
        if let Some(projects) = &seen.projects {
            let projects: Vec<_> = projects.iter().map(|found| project::full(links, found, None)).collect();
            object.insert("projects".to_owned(), json!(projects));
            object.insert("shared_projects".to_owned(), json!([]));
        }
    }
    GroupView(view)
}
