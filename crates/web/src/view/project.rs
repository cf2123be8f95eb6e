//! Projects and the namespaces that they stand in.

use serde::Serialize;
use serde_json::{Value, json};
use tessera_model::project::{Membership, Namespace, Project};
use tessera_model::role::Role;

use super::Links;

/// The namespace inside a project.
pub(crate) fn namespace_of(links: &Links, namespace: &Namespace) -> Value {
    let page = if namespace.is_group {
        format!("groups/{}", namespace.full_path)
    } else {
        namespace.full_path.clone()
    };
    json!({
        "id": namespace.id, "name": namespace.name, "path": namespace.path,
        "kind": if namespace.is_group { "group" } else { "user" },
        "full_path": namespace.full_path, "parent_id": namespace.parent_id, "avatar_url": null,
        "web_url": links.web(&page),
    })
}

/// A project as somebody sees it who is a member in some way, or not.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct ProjectView(Value);

/// The shape of `simple=true`: what a project is called and where it is.
pub(crate) fn simple(links: &Links, project: &Project) -> ProjectView {
    ProjectView(json!({
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": format!("{} / {}", project.namespace.full_name, project.name),
        "path": project.path,
        "path_with_namespace": project.full_path,
        "created_at": project.created_at,
        "default_branch": (!project.empty).then_some(&project.default_branch),
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": format!("git@{}:{}.git", links.host(), project.full_path),
        "http_url_to_repo": links.web(&format!("{}.git", project.full_path)),
        "web_url": links.web(&project.full_path),
        "readme_url": null,
        "forks_count": 0,
        "avatar_url": null,
        "star_count": 0,
        "last_activity_at": project.last_activity_at,
        "visibility": project.visibility.name(),
        "namespace": namespace_of(links, &project.namespace),
    }))
}

/// The person in whose own namespace a project lies.
fn owner(links: &Links, namespace: &Namespace) -> Value {
    json!({
        "id": namespace.owner_id, "username": namespace.path, "name": namespace.name,
        "avatar_url": null, "web_url": links.web(&namespace.path),
    })
}

/// The shape of `GET /projects/:id`. `permissions` is there for whoever is signed in: clients look at the
/// access levels below it.
pub(crate) fn full(links: &Links, project: &Project, membership: Option<Membership>) -> ProjectView {
    let own = links.api(&format!("projects/{}", project.id));
    let access = |enabled: bool| if enabled { "enabled" } else { "disabled" };
    let ProjectView(mut view) = simple(links, project);
    let rest = json!({
        "updated_at": project.updated_at,
        "_links": {
            "self": own.clone(),
            "issues": format!("{own}/issues"),
            "repo_branches": format!("{own}/repository/branches"),
            "members": format!("{own}/members"),
        },
        "empty_repo": project.empty,
        "archived": project.archived,
        "creator_id": project.creator_id,
        "issues_enabled": project.issues_enabled,
        "extended_prat_expiry_webhooks_execute": project.extended_expiry_hooks,
        "merge_requests_enabled": false,
        "wiki_enabled": false,
        "jobs_enabled": false,
        "snippets_enabled": false,
        "container_registry_enabled": false,
        "issues_access_level": access(project.issues_enabled),
        "repository_access_level": "enabled",
        "merge_requests_access_level": "disabled",
        "mirror": false,
        "merge_method": "merge",
        "squash_option": "default_off",
        "lfs_enabled": false,
        "shared_with_groups": [],
    });
    if let (Some(object), Value::Object(rest)) = (view.as_object_mut(), rest) {
        object.extend(rest);
        if !project.namespace.is_group {
            object.insert("owner".to_owned(), owner(links, &project.namespace));
        }
        if let Some(membership) = membership {
            object.insert("permissions".to_owned(), permissions(membership));
        }
    }
    ProjectView(view)
}

fn permissions(membership: Membership) -> Value {
    let level = |role: Option<Role>| match role {
        Some(role) => json!({ "access_level": role.level(), "notification_level": 3 }),
        None => Value::Null,
    };
    json!({ "project_access": level(membership.direct), "group_access": level(membership.inherited) })
}
