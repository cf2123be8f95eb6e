//! Making a project.

use serde_json::json;
use tessera_model::name::{complaint_on_path, complaint_on_title, path_of_title};
use tessera_model::operation::Operation;
use tessera_model::policy;
use tessera_model::project::{Namespace, Project};
use tessera_model::role::Role;
use tessera_model::user::User;
use tessera_model::visibility::{self, Visibility};
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::members::Place;
use tessera_store::query::projects::NewProject;

use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// The branch that a project starts with where the setting names none.
pub const DEFAULT_BRANCH: &str = "main";

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Its display name; made of the path if absent.
    pub name: Option<String>,
    /// The last part of its path; made of the name if absent.
    pub path: Option<String>,
    /// The namespace; the caller's own if absent.
    pub namespace_id: Option<i64>,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it; the setting's default if absent.
    pub visibility: Option<Visibility>,
    /// Its default branch; the setting's if absent.
    pub default_branch: Option<String>,
    /// Whether issues are offered.
    pub issues_enabled: bool,
}

/// Makes a project where the caller may: in its own namespace, or in a group as a Developer or above.
///
/// # Errors
/// 400 with the fields, 403 and 404 for namespaces.
pub fn create<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
) -> Result<Project> {
    let owner = tx.caller.user.clone();
    let namespace = namespace_for(tx, owner.as_ref(), wanted.namespace_id)?;
    insert(tx, namespace, owner.as_ref(), wanted)
}

/// Makes a project in a user's own namespace, by an administrator.
///
/// # Errors
/// 400 with the fields.
pub fn create_for<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    wanted: &Wanted,
) -> Result<Project> {
    let home = query::namespaces::of_user(tx.conn, user.id).map_err(fault)?;
    let home = home.ok_or_else(|| Error::missing("Namespace"))?;
    insert(tx, home, Some(user), wanted)
}

fn namespace_for(tx: &mut Tx<'_>, owner: Option<&User>, id: Option<i64>) -> Result<Namespace> {
    let Some(id) = id else {
        let home = match owner {
            Some(user) => query::namespaces::of_user(tx.conn, user.id).map_err(fault)?,
            None => None,
        };
        return home.ok_or_else(|| Error::Forbidden(None));
    };
    let invalid = || Error::invalid("namespace", "is not valid");
    let namespace = query::namespaces::by_id(tx.conn, id).map_err(fault)?.ok_or_else(invalid)?;
    let role = tx.role_in_namespace(&namespace)?;
    let subject =
        policy::Subject { project_id: None, visibility: namespace.visibility, archived: false, role };
    if !policy::sees(&tx.caller, &subject) {
        return Err(invalid());
    }
    match policy::effective_role(&tx.caller, &subject) {
        Some(role) if role >= Role::Developer => Ok(namespace),
        _ => Err(invalid()),
    }
}

fn insert(tx: &mut Tx<'_>, namespace: Namespace, owner: Option<&User>, wanted: &Wanted) -> Result<Project> {
    let name = wanted.name.clone().or_else(|| wanted.path.clone()).unwrap_or_default();
    let path = wanted.path.clone().unwrap_or_else(|| path_of_title(&name));
    let full_path = format!("{}/{path}", namespace.full_path);
    let visibility = visibility(tx, &namespace, wanted.visibility)?;
    check(tx, owner, &namespace, [&name, &path, &full_path])?;
    let default_branch = match &wanted.default_branch {
        Some(branch) => branch.clone(),
        None => tx
            .setting("default_branch_name")?
            .as_str()
            .filter(|name| !name.is_empty())
            .unwrap_or(DEFAULT_BRANCH)
            .to_owned(),
    };
    if tessera_git::refname::check_branch(&default_branch).is_err() {
        return Err(Error::invalid("default_branch", "is not a valid branch name"));
    }
    let project = NewProject {
        namespace_id: namespace.id,
        path: &path,
        full_path: &full_path,
        name: &name,
        description: wanted.description.as_deref().unwrap_or_default(),
        visibility,
        default_branch: &default_branch,
        issues_enabled: wanted.issues_enabled,
        creator_id: owner.map(|user| user.id),
    };
    let id = query::projects::insert(tx.conn, &project, tx.now).map_err(fault)?;
    // As in GitLab, a person is a direct member of what lies in their own namespace.
    if let Some(owner) = owner.filter(|owner| namespace.owner_id == Some(owner.id)) {
        query::members::insert(
            tx.conn,
            Place::Project(id),
            owner.id,
            Role::Owner,
            None,
            Some(owner.id),
            tx.now,
        )
        .map_err(fault)?;
    }
    tx.audit(&Event {
        action: "project.create",
        target: ("project", Some(id), &full_path),
        project_id: Some(id),
        details: json!({ "visibility": visibility.name() }),
    })?;
    let made = query::projects::by_id(tx.conn, id).map_err(fault)?;
    made.ok_or_else(|| Error::internal("a project vanished while it was made"))
}

fn visibility(tx: &mut Tx<'_>, namespace: &Namespace, asked: Option<Visibility>) -> Result<Visibility> {
    let widest = if namespace.is_group { namespace.visibility } else { Visibility::Public };
    let visibility = if let Some(visibility) = asked {
        visibility
    } else {
        let usual = tx.setting("default_project_visibility")?;
        Visibility::parse(usual.as_str().unwrap_or_default()).unwrap_or(Visibility::Private).min(widest)
    };
    match complaint_on_visibility(namespace, visibility) {
        Some(text) => Err(Error::invalid("visibility_level", text)),
        None => Ok(visibility),
    }
}

/// What is wrong with a project's visibility where it lies, if anything.
pub(super) fn complaint_on_visibility(namespace: &Namespace, visibility: Visibility) -> Option<String> {
    let within = !namespace.is_group || visibility <= namespace.visibility;
    let text = || format!("{} is not allowed in a {} group.", visibility.name(), namespace.visibility.name());
    (!within).then(text)
}

/// The visibilities that a project may have where it lies, the narrowest first.
pub fn visibilities(namespace: &Namespace) -> Vec<Visibility> {
    let fits = |visibility: &Visibility| complaint_on_visibility(namespace, *visibility).is_none();
    visibility::ALL.iter().copied().filter(fits).collect()
}

fn check(
    tx: &mut Tx<'_>,
    owner: Option<&User>,
    namespace: &Namespace,
    [name, path, full_path]: [&str; 3],
) -> Result<()> {
    let mut complaints = Vec::new();
    complaints.extend(complaint_on_title(name).map(|text| ("name", text)));
    complaints.extend(complaint_on_path(path, false).map(|text| ("path", text)));
    if complaints.is_empty() && query::namespaces::path_taken(tx.conn, full_path, 0, 0).map_err(fault)? {
        complaints.push(("path", "has already been taken".to_owned()));
        complaints.push(("name", "has already been taken".to_owned()));
    }
    if let Some(owner) = owner.filter(|owner| namespace.owner_id == Some(owner.id)) {
        let owned = query::projects::owned(tx.conn, owner.id).map_err(fault)?;
        if owned >= owner.projects_limit {
            let text = format!(
                "Your project limit is {} projects! Please contact your administrator to increase it",
                owner.projects_limit
            );
            complaints.push(("limit_reached", text));
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(Error::Invalid(complaints)) }
}
