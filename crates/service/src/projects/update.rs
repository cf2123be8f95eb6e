//! Changing a project.

use serde_json::{Map, Value, json};
use tessera_git::{GitError, RepositoryId};
use tessera_model::ability::Ability;
use tessera_model::name::{complaint_on_path, complaint_on_title};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::create::complaint_on_visibility;
use crate::audit::{Event, differences};
use crate::{Authorized, Service, Tx, fault, jobs};

/// What shall be otherwise; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Its display name.
    pub name: Option<String>,
    /// The last part of its path.
    pub path: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it; for owners alone.
    pub visibility: Option<Visibility>,
    /// Its default branch.
    pub default_branch: Option<String>,
    /// Whether issues are offered.
    pub issues_enabled: Option<bool>,
    /// Whether web hooks hear of its tokens 60 and 30 days before their end too.
    pub extended_expiry_hooks: Option<bool>,
    /// Whether it takes no more writes; for owners alone.
    pub archived: Option<bool>,
}

/// A branch that must exist before a change is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededBranch {
    project_id: i64,
    branch: String,
}

/// Judges the changes as far as the database knows, and says which branch must exist for them.
///
/// # Errors
/// What [`update`] would answer.
pub fn prepare<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    changes: &Changes,
) -> Result<Option<NeededBranch>> {
    let changed = judged(tx, project, changes)?;
    let needed = changed.default_branch != project.default_branch && !project.empty;
    Ok(needed.then(|| NeededBranch { project_id: project.id, branch: changed.default_branch }))
}

/// Changes a project. Whether a new default branch exists has been looked at before: one that vanishes
/// meanwhile leaves the project with a default branch that can be pushed again.
///
/// # Errors
/// 400 with every complaint, 403 for what is the owner's.
pub fn update<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    changes: &Changes,
) -> Result<Project> {
    let changed = judged(tx, project, changes)?;
    let details = difference(project, &changed);
    if details.is_empty() {
        return Ok(changed);
    }
    query::projects::update(tx.conn, &changed, tx.now).map_err(fault)?;
    if changed.default_branch != project.default_branch {
        jobs::point_head::ask(tx, project.id)?;
    }
    tx.audit(&Event {
        action: "project.update",
        target: ("project", Some(project.id), &changed.full_path),
        project_id: Some(project.id),
        details: Value::Object(details),
    })?;
    Ok(Project { updated_at: tx.now, ..changed })
}

/// The project as it shall be.
fn judged<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    changes: &Changes,
) -> Result<Project> {
    let owners = changes.visibility.is_some_and(|new| new != project.visibility)
        || changes.archived.is_some_and(|new| new != project.archived);
    if owners && !tx.role_gives(Ability::OwnProject, project.role()) {
        return Err(Error::Forbidden(None));
    }
    let mut complaints = Vec::new();
    let mut new = Project::clone(project);
    if let Some(name) = &changes.name {
        complaints.extend(complaint_on_title(name).map(|text| ("name", text)));
        new.name.clone_from(name);
    }
    if let Some(path) = changes.path.as_ref().filter(|path| **path != project.path) {
        let above = &project.namespace.full_path;
        new.full_path = format!("{above}/{path}");
        new.path.clone_from(path);
        let wrong = complaint_on_path(path, false);
        let taken = wrong.is_none()
            && query::namespaces::path_taken(tx.conn, &new.full_path, 0, project.id).map_err(fault)?;
        complaints.extend(wrong.map(|text| ("path", text)));
        complaints.extend(taken.then(|| ("path", "has already been taken".to_owned())));
    }
    if let Some(visibility) = changes.visibility {
        let wrong = complaint_on_visibility(&project.namespace, visibility);
        complaints.extend(wrong.map(|text| ("visibility_level", text)));
        new.visibility = visibility;
    }
    if let Some(branch) = &changes.default_branch {
        if *branch != project.default_branch && tessera_git::refname::check_branch(branch).is_err() {
            complaints.push(("base", no_branch(branch)));
        }
        new.default_branch.clone_from(branch);
    }
    if !complaints.is_empty() {
        return Err(Error::Invalid(complaints));
    }
    new.description = changes.description.clone().unwrap_or(new.description);
    new.extended_expiry_hooks = changes.extended_expiry_hooks.unwrap_or(new.extended_expiry_hooks);
    new.issues_enabled = changes.issues_enabled.unwrap_or(new.issues_enabled);
    new.archived = changes.archived.unwrap_or(new.archived);
    Ok(new)
}

fn no_branch(branch: &str) -> String {
    format!("Could not change HEAD: branch '{branch}' does not exist")
}

/// What changed, for the audit log. Descriptions are long and left out.
fn difference(old: &Project, new: &Project) -> Map<String, Value> {
    let fields = [
        ("name", json!(old.name), json!(new.name)),
        ("path", json!(old.full_path), json!(new.full_path)),
        ("visibility", json!(old.visibility.name()), json!(new.visibility.name())),
        ("default_branch", json!(old.default_branch), json!(new.default_branch)),
        ("issues_enabled", json!(old.issues_enabled), json!(new.issues_enabled)),
        (
            "extended_prat_expiry_webhooks_execute",
            json!(old.extended_expiry_hooks),
            json!(new.extended_expiry_hooks),
        ),
        ("archived", json!(old.archived), json!(new.archived)),
    ];
    let mut details = differences(fields);
    if old.description != new.description {
        details.insert("description".to_owned(), json!("changed"));
    }
    details
}

impl Service {
    /// The names of the branches of a project, in their order. The caller may read its settings.
    ///
    /// # Errors
    /// 503 while too many others read.
    pub async fn branch_names(&self, project: &Project) -> Result<Vec<String>> {
        if project.empty {
            return Ok(Vec::new());
        }
        let id = RepositoryId(project.id.unsigned_abs());
        match self.git().repository(id).branches().await {
            Ok(branches) => Ok(branches.into_iter().map(|branch| branch.name).collect()),
            Err(GitError::Busy) => Err(Error::Unavailable("Too many git processes are running".to_owned())),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Looks for a branch that a change needs.
    ///
    /// # Errors
    /// 400 when it does not exist.
    pub async fn find_needed_branch(&self, needed: &NeededBranch) -> Result<()> {
        let id = RepositoryId(u64::try_from(needed.project_id).map_err(Error::internal)?);
        match self.git().repository(id).branch(&needed.branch).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Error::invalid("base", no_branch(&needed.branch))),
            Err(GitError::Busy) => Err(Error::Unavailable("Too many git processes are running".to_owned())),
            Err(error) => Err(Error::internal(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use tessera_model::project::Namespace;
    use tessera_model::time::Timestamp;

    use super::*;

    fn project() -> Project {
        let namespace = Namespace {
            id: 1,
            is_group: true,
            parent_id: None,
            owner_id: None,
            path: "g".to_owned(),
            full_path: "g".to_owned(),
            name: "G".to_owned(),
            full_name: "G".to_owned(),
            description: String::new(),
            visibility: Visibility::Internal,
            token_creation_allowed: true,
            created_at: Timestamp(0),
        };
        Project {
            id: 2,
            path: "p".to_owned(),
            full_path: "g/p".to_owned(),
            name: "P".to_owned(),
            description: String::new(),
            visibility: Visibility::Private,
            default_branch: "main".to_owned(),
            archived: false,
            namespace,
            creator_id: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            last_activity_at: Timestamp(0),
            empty: true,
            issues_enabled: true,
            extended_expiry_hooks: false,
        }
    }

    #[test]
    fn only_what_changed_is_written_down() {
        let old = project();
        assert!(difference(&old, &old).is_empty());
        let new = Project { name: "Q".to_owned(), description: "long".to_owned(), ..old.clone() };
        let told = Value::Object(difference(&old, &new));
        assert_eq!(told, json!({ "name": { "from": "P", "to": "Q" }, "description": "changed" }));
    }

    #[test]
    fn no_project_is_wider_than_its_group() {
        let group = project().namespace;
        assert_eq!(complaint_on_visibility(&group, Visibility::Internal), None);
        assert_eq!(
            complaint_on_visibility(&group, Visibility::Public).as_deref(),
            Some("public is not allowed in a internal group.")
        );
        let own = Namespace { is_group: false, visibility: Visibility::Private, ..group };
        assert_eq!(complaint_on_visibility(&own, Visibility::Public), None);
    }
}
