//! Tokens: one shape that holds every era's keys (semantics sheet 1.4 and 4.2).

use serde::Serialize;
use serde_json::{Value, json};
use tessera_model::operation::{Row, Surface};
use tessera_model::project::{Membership, Namespace, Project};
use tessera_model::role::Role;
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::{Token, TokenKind};
use tessera_service::tokens::associations::Associations;
use tessera_service::tokens::uses::Entry;
use tessera_service::tokens::{Minted, Shown};

use super::{Links, project};

/// A token's row, and in the answer that makes it, its secret.
#[derive(Serialize)]
pub(crate) struct TokenView<'a> {
    id: i64,
    name: &'a str,
    revoked: bool,
    created_at: Timestamp,
    description: Option<&'a str>,
    scopes: Vec<&'static str>,
    user_id: i64,
    last_used_at: Option<Timestamp>,
    last_used_ips: &'a [String],
    active: bool,
    expires_at: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impersonation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_level: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

fn view<'a>(token: &'a Token, active: bool, secret: Option<&'a str>) -> TokenView<'a> {
    let of_project = token.kind == TokenKind::Project;
    TokenView {
        id: token.id,
        name: &token.name,
        revoked: token.revoked,
        created_at: token.created_at,
        description: token.description.as_deref(),
        scopes: token.scopes.names(),
        user_id: token.bearer_id,
        last_used_at: token.last_used_at,
        last_used_ips: &token.last_used_ips,
        active,
        expires_at: token.expires_on,
        impersonation: (token.kind == TokenKind::Impersonation).then_some(true),
        access_level: token.role.filter(|_| of_project).map(Role::level),
        resource_type: of_project.then_some("project"),
        resource_id: token.project_id.filter(|_| of_project),
        token: secret,
    }
}

/// A token without its secret.
pub(crate) fn shown(shown: &Shown) -> TokenView<'_> {
    view(&shown.token, shown.active, None)
}

/// A new token with its secret: the one answer that ever holds it.
pub(crate) fn minted(minted: &Minted) -> TokenView<'_> {
    view(&minted.token, minted.active, Some(minted.secret.expose()))
}

/// A token's row, and what its scopes and role let it do at most.
pub(crate) fn able(shown: &Shown, operations: &[&Row]) -> Value {
    let mut object = json!(view(&shown.token, shown.active, None));
    let doors: Vec<Value> = operations
        .iter()
        .map(|row| {
            let below = if row.surface == Surface::Rest { "/api/v4" } else { "" };
            json!({ "operation": row.name, "method": row.method.name(), "path": format!("{below}{}", row.path) })
        })
        .collect();
    object["operations"] = json!(doors);
    object
}

/// A line of a token's ledger.
pub(crate) fn used(entry: &Entry) -> Value {
    json!({
        "used_at": Timestamp::from_seconds(entry.minute * 60),
        "address": entry.address,
        "operation": entry.operation,
        "project_id": entry.project_id,
        "status": format!("{}xx", entry.class),
        "count": entry.uses,
    })
}

/// The groups and projects that a token reaches.
pub(crate) fn associations(links: &Links, found: &Associations) -> Value {
    let groups: Vec<Value> =
        found.groups.iter().map(|(group, role)| reached_group(links, group, *role)).collect();
    let projects: Vec<Value> = found
        .projects
        .iter()
        .map(|(project, membership)| reached_project(links, project, *membership))
        .collect();
    json!({ "groups": groups, "projects": projects })
}

fn reached_group(links: &Links, group: &Namespace, role: Option<Role>) -> Value {
    json!({
        "id": group.id,
        "web_url": links.web(&format!("groups/{}", group.full_path)),
        "name": group.name,
        "parent_id": group.parent_id,
        "organization_id": 1,
        "access_levels": role.map(Role::level),
        "visibility": group.visibility.name(),
    })
}

fn reached_project(links: &Links, project: &Project, membership: Membership) -> Value {
    json!({
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": format!("{} / {}", project.namespace.full_name, project.name),
        "path": project.path,
        "path_with_namespace": project.full_path,
        "created_at": project.created_at,
        "access_levels": {
            "project_access_level": membership.direct.map(Role::level),
            "group_access_level": membership.inherited.map(Role::level),
        },
        "visibility": project.visibility.name(),
        "web_url": links.web(&project.full_path),
        "namespace": project::namespace_of(links, &project.namespace),
    })
}
