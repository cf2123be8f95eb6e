//! A small world: a group, a project in it, people and a bot with a token.

use tessera_model::project::Namespace;
use tessera_model::role::Role;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::secret::Digest;
use tessera_model::time::Date;
use tessera_model::token::TokenKind;
use tessera_model::user::UserKind;
use tessera_model::visibility::Visibility;
use tessera_store::query::members::{self, Place};
use tessera_store::query::namespaces;
use tessera_store::query::projects::{self, NewProject};
use tessera_store::query::tokens::{self, NewToken};
use tessera_store::query::users::{self, NewUser};
use tessera_store::{Conn, DbError, Store};

use crate::harness::{NOW, write};

/// Numbers of what was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) owner: i64,
    pub(crate) ghost: i64,
    pub(crate) bot: i64,
    pub(crate) group: i64,
    pub(crate) subgroup: i64,
    pub(crate) project: i64,
    pub(crate) token: i64,
    pub(crate) digest: Digest,
}

pub(crate) fn new_user(name: &str, kind: UserKind) -> NewUser {
    NewUser {
        username: name.to_owned(),
        name: format!("{name} Name"),
        email: format!("{name}@example.org"),
        kind,
        admin: false,
        external: false,
        can_create_group: true,
        private_profile: false,
        projects_limit: 10,
        password_hash: None,
        password_expired: false,
        bio: String::new(),
        public_email: None,
        note: Some("a remark".to_owned()),
        bot_project_id: None,
        created_by_id: None,
    }
}

pub(crate) fn new_group(parent: Option<i64>, path: &str, full_path: &str) -> Namespace {
    Namespace {
        id: 0,
        is_group: true,
        parent_id: parent,
        owner_id: None,
        path: path.to_owned(),
        full_path: full_path.to_owned(),
        name: path.to_uppercase(),
        full_name: full_path.to_uppercase().replace('/', " / "),
        description: String::new(),
        visibility: Visibility::Private,
        token_creation_allowed: true,
        created_at: NOW,
    }
}

pub(crate) fn today() -> Date {
    NOW.date()
}

impl World {
    pub(crate) async fn make(store: &Store) -> Self {
        write(store, Self::write).await.unwrap()
    }

    fn write(conn: &mut dyn Conn) -> Result<Self, DbError> {
        let owner = users::insert(conn, &new_user("Owner", UserKind::Human), NOW)?;
        let ghost = users::insert(conn, &new_user("ghost", UserKind::Ghost), NOW)?;
        let group = namespaces::insert(conn, &new_group(None, "Top", "Top"), NOW)?;
        let subgroup = namespaces::insert(conn, &new_group(Some(group), "sub", "Top/sub"), NOW)?;
        let project = NewProject {
            namespace_id: subgroup,
            path: "tool",
            full_path: "Top/sub/tool",
            name: "Tool",
            description: "",
            visibility: Visibility::Private,
            default_branch: "main",
            issues_enabled: true,
            creator_id: Some(owner),
        };
        let project = projects::insert(conn, &project, NOW)?;
        let bot = NewUser {
            bot_project_id: Some(project),
            created_by_id: Some(owner),
            ..new_user("project_1_bot", UserKind::ProjectBot)
        };
        let bot = users::insert(conn, &bot, NOW)?;
        members::insert(conn, Place::Group(group), owner, Role::Owner, None, None, NOW)?;
        let ends = Some(today().plus_days(30));
        members::insert(conn, Place::Project(project), bot, Role::Maintainer, ends, Some(owner), NOW)?;
        let digest = Digest([7; 32]);
        let token = NewToken {
            kind: TokenKind::Project,
            user: (bot, "project_1_bot"),
            project_id: Some(project),
            name: "deploy",
            description: Some("for the deployment"),
            scopes: [Scope::Api, Scope::ReadRepository].into_iter().collect::<ScopeSet>(),
            role: Some(Role::Maintainer),
            digest: (digest, 1),
            expires_on: ends,
            created_by: (Some(owner), "Owner"),
            previous: None,
        };
        let token = tokens::insert(conn, &token, NOW)?;
        Ok(Self { owner, ghost, bot, group, subgroup, project, token, digest })
    }
}
