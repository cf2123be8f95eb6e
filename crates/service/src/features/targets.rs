//! For whom a flag is set: names in a request become the actors that gates hold.

use tessera_model::project::Project;
use tessera_model::user::UserState;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::feature::project_actor;
use crate::{Tx, fault};

/// The names of a request, each kind a list with commas.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// A registered group of actors.
    pub feature_group: Option<String>,
    /// Usernames.
    pub user: Option<String>,
    /// Full paths of projects.
    pub project: Option<String>,
    /// Full paths of groups.
    pub group: Option<String>,
    /// Full paths of groups and of people's own namespaces.
    pub namespace: Option<String>,
    /// Full paths of repositories.
    pub repository: Option<String>,
}

/// One for whom a flag is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A registered group of actors.
    Group(String),
    /// An actor: its name in the gates, and the name under which people know it.
    Actor { actor: String, reference: String, project_id: Option<i64> },
}

impl Target {
    pub(super) fn of_project(project: &Project) -> Self {
        Self::Actor {
            actor: project_actor(project.id),
            reference: project.full_path.clone(),
            project_id: Some(project.id),
        }
    }

    /// The name under which people know it.
    pub(super) fn reference(&self) -> &str {
        match self {
            Self::Group(name) => name,
            Self::Actor { reference, .. } => reference,
        }
    }
}

impl Names {
    /// Whether any kind was named, with a name or without.
    pub(super) fn any(&self) -> bool {
        [&self.feature_group, &self.user, &self.project, &self.group, &self.namespace, &self.repository]
            .iter()
            .any(|names| names.is_some())
    }

    /// Everybody who was named.
    pub(super) fn find(&self, tx: &mut Tx<'_>) -> Result<Vec<Target>> {
        let mut targets = Vec::new();
        targets.extend(self.feature_group.clone().filter(|name| !name.is_empty()).map(Target::Group));
        let kinds: [(&Option<String>, Look); 5] = [
            (&self.user, user),
            (&self.project, project),
            (&self.group, group),
            (&self.namespace, namespace),
            (&self.repository, repository),
        ];
        for (names, look) in kinds {
            for name in names.iter().flat_map(|names| names.split(',')).filter(|name| !name.is_empty()) {
                let unknown = || Error::bad_request(format!("{name} is not found!"));
                targets.push(look(tx, name)?.ok_or_else(unknown)?);
            }
        }
        Ok(targets)
    }
}

type Look = fn(&mut Tx<'_>, &str) -> Result<Option<Target>>;

fn user(tx: &mut Tx<'_>, name: &str) -> Result<Option<Target>> {
    let found = query::users::by_username(tx.conn, name).map_err(fault)?;
    Ok(found.filter(|user| user.state != UserState::Ghosted).map(|user| Target::Actor {
        actor: format!("User:{}", user.id),
        reference: format!("@{}", user.username),
        project_id: None,
    }))
}

fn project(tx: &mut Tx<'_>, path: &str) -> Result<Option<Target>> {
    let found = query::projects::by_path(tx.conn, path).map_err(fault)?;
    Ok(found.as_ref().map(Target::of_project))
}

fn group(tx: &mut Tx<'_>, path: &str) -> Result<Option<Target>> {
    let found = query::namespaces::by_path(tx.conn, path).map_err(fault)?;
    if found.is_some_and(|namespace| namespace.is_group) { namespace(tx, path) } else { Ok(None) }
}

fn namespace(tx: &mut Tx<'_>, path: &str) -> Result<Option<Target>> {
    let found = query::namespaces::by_path(tx.conn, path).map_err(fault)?;
    Ok(found.map(|namespace| {
        let kind = if namespace.is_group { "Group" } else { "Namespaces::UserNamespace" };
        Target::Actor {
            actor: format!("{kind}:{}", namespace.id),
            reference: format!("@{}", namespace.full_path),
            project_id: None,
        }
    }))
}

fn repository(tx: &mut Tx<'_>, path: &str) -> Result<Option<Target>> {
    let path = path.strip_suffix(".git").unwrap_or(path);
    let found = query::projects::by_path(tx.conn, path).map_err(fault)?;
    Ok(found.map(|project| Target::Actor {
        actor: format!("Repository:{}", project.id),
        reference: project.full_path,
        project_id: None,
    }))
}
