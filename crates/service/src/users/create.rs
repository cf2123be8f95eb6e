//! Making a user.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::project::Namespace;
use tessera_model::user::{User, UserKind};
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::users::NewUser;

use super::rules::{self, Complaints, Draft, Password};
use super::seats;
use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Its unique name.
    pub username: String,
    /// Its display name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// Its password; without one nobody can sign in until one is set.
    pub password: Option<Password>,
    /// Whether an account without a password is meant: GitLab gives such accounts a random one that nobody
    /// is told, which comes to the same.
    pub without_password: bool,
    /// Whether it shall administer the instance.
    pub admin: bool,
    /// Whether internal projects are closed to it; the setting `user_default_external` if absent.
    pub external: Option<bool>,
    /// Whether it may create groups; the setting `can_create_group` if absent. External users may not.
    pub can_create_group: Option<bool>,
    /// How many personal projects it may own; the setting `default_projects_limit` if absent, none for
    /// external users.
    pub projects_limit: Option<i64>,
    /// Whether others see only its name.
    pub private_profile: bool,
    /// What it says of itself.
    pub bio: String,
    /// The address it shows to everyone.
    pub public_email: Option<String>,
    /// An administrator's remark.
    pub note: Option<String>,
}

/// Judges what is asked for, so that no password is hashed for an account that cannot be made.
///
/// # Errors
/// 403 where all seats are taken, 409 for a taken address or name, 400 with the fields.
pub fn check<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
) -> Result<()> {
    seats::must_be_free(tx)?;
    let user = account(tx, wanted, None)?;
    let draft = Draft {
        username: &user.username,
        name: &user.name,
        email: &user.email,
        projects_limit: user.projects_limit,
        bio: &user.bio,
        public_email: user.public_email.as_deref(),
        note: user.note.as_deref(),
    };
    rules::must_be_free(tx, Some(&user.email), Some(&user.username), 0)?;
    let mut found: Complaints = rules::complaints(&draft, &tx.core.bot_domain());
    match &wanted.password {
        Some(password) => rules::check_password(tx, password, &mut found)?,
        None if wanted.without_password => {}
        None => found.push(("password", "can't be blank".to_owned())),
    }
    if found.is_empty() { Ok(()) } else { Err(Error::Invalid(found)) }
}

/// Makes a user with a namespace of its own. `password_hash` is that of the password wanted.
///
/// # Errors
/// As [`check`].
pub fn create<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
    password_hash: Option<&str>,
) -> Result<User> {
    check(tx, right, wanted)?;
    let user = account(tx, wanted, password_hash)?;
    let id = insert_person(tx, &user)?;
    tx.audit(&Event {
        action: "user.create",
        target: ("user", Some(id), &user.username),
        project_id: None,
        details: json!({ "admin": user.admin, "external": user.external }),
    })?;
    let made = query::users::by_id(tx.conn, id).map_err(fault)?;
    made.ok_or_else(|| Error::internal("a user vanished while it was made"))
}

fn account(tx: &mut Tx<'_>, wanted: &Wanted, password_hash: Option<&str>) -> Result<NewUser> {
    let external = match wanted.external {
        Some(external) => external,
        None => tx.is_on("user_default_external")?,
    };
    let usual = rules::usual(tx, external)?;
    // An external user makes no groups, whatever is asked for.
    let can_create_group = !external && wanted.can_create_group.unwrap_or(usual.can_create_group);
    let projects_limit = wanted.projects_limit.unwrap_or(usual.projects_limit);
    Ok(NewUser {
        username: wanted.username.clone(),
        name: wanted.name.clone(),
        email: wanted.email.clone(),
        kind: UserKind::Human,
        admin: wanted.admin,
        external,
        can_create_group,
        private_profile: wanted.private_profile,
        projects_limit,
        password_hash: password_hash.map(str::to_owned),
        password_expired: false,
        bio: wanted.bio.clone(),
        public_email: wanted.public_email.clone().filter(|shown| !shown.is_empty()),
        note: wanted.note.clone(),
        bot_project_id: None,
        created_by_id: tx.caller.user_id(),
    })
}

/// Stores a person with a namespace of their own. Names were checked before.
pub(crate) fn insert_person(tx: &mut Tx<'_>, user: &NewUser) -> Result<i64> {
    if query::users::username_taken(tx.conn, &user.username, 0).map_err(fault)? {
        return Err(Error::Conflict("Username has already been taken".to_owned()));
    }
    let id = query::users::insert(tx.conn, user, tx.now).map_err(fault)?;
    let home = Namespace {
        id: 0,
        is_group: false,
        parent_id: None,
        owner_id: Some(id),
        path: user.username.clone(),
        full_path: user.username.clone(),
        name: user.name.clone(),
        full_name: user.name.clone(),
        description: String::new(),
        visibility: Visibility::Public,
        token_creation_allowed: true,
        created_at: tx.now,
    };
    query::namespaces::insert(tx.conn, &home, tx.now).map_err(fault)?;
    Ok(id)
}
