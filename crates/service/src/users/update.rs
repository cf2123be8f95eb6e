//! Changing a user.

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::user::{User, UserKind};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::rules::{self, Draft, Password};
use crate::audit::Event;
use crate::{Authorized, Tx, fault};

/// What shall change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The unique name; the namespace and the projects in it move along.
    pub username: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The password. One that somebody else sets must be changed before anything else works.
    pub password: Option<Password>,
    /// Whether it administers the instance.
    pub admin: Option<bool>,
    /// Whether internal projects are closed to it.
    pub external: Option<bool>,
    /// Whether it may create groups.
    pub can_create_group: Option<bool>,
    /// How many personal projects it may own.
    pub projects_limit: Option<i64>,
    /// Whether others see only its name.
    pub private_profile: Option<bool>,
    /// What it says of itself.
    pub bio: Option<String>,
    /// The address it shows; empty: none.
    pub public_email: Option<String>,
    /// An administrator's remark; empty: none.
    pub note: Option<String>,
}

/// Judges the changes, so that no password is hashed for changes that cannot be made.
///
/// # Errors
/// 409 for a taken address or name, 400 with the fields.
pub fn check<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    changes: &Changes,
) -> Result<()> {
    plan(tx, user, changes).map(drop)
}

/// Changes a user. `password_hash` is that of the new password.
///
/// # Errors
/// As [`check`].
pub fn update<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    changes: &Changes,
    password_hash: Option<&str>,
) -> Result<User> {
    let after = plan(tx, user, changes)?;
    let mut changed = differences(user, &after);
    if !changed.is_empty() {
        query::users::update(tx.conn, &after, tx.now).map_err(fault)?;
        move_home(tx, user, &after)?;
    }
    if let Some(hash) = password_hash {
        let expired = tx.caller.user_id() != Some(user.id);
        query::users::set_password(tx.conn, user.id, hash, expired, tx.now).map_err(fault)?;
        changed.push("password");
    }
    if !changed.is_empty() {
        tx.audit(&Event {
            action: "user.update",
            target: ("user", Some(user.id), &after.username),
            project_id: None,
            details: details(user, &after, &changed),
        })?;
    }
    let user = query::users::by_id(tx.conn, user.id).map_err(fault)?;
    user.ok_or_else(|| Error::internal("a user vanished while it was changed"))
}

/// The account after the changes, if they may be made.
fn plan(tx: &mut Tx<'_>, user: &User, changes: &Changes) -> Result<User> {
    let mut after = applied(user, changes);
    if user.kind == UserKind::Human && after.external != user.external {
        let usual = rules::usual(tx, after.external)?;
        after.can_create_group =
            !after.external && changes.can_create_group.unwrap_or(usual.can_create_group);
        after.projects_limit = changes.projects_limit.unwrap_or(usual.projects_limit);
    }
    rules::must_be_free(tx, changes.email.as_deref(), changes.username.as_deref(), user.id)?;
    let draft = Draft {
        username: &after.username,
        name: &after.name,
        email: &after.email,
        projects_limit: after.projects_limit,
        bio: &after.bio,
        public_email: after.public_email.as_deref(),
        note: after.note.as_deref(),
    };
    let mut found = if user.kind == UserKind::Human {
        rules::complaints(&draft, &tx.core.bot_domain())
    } else {
        let mut found = fixed(user, &after, changes);
        found.extend(tessera_model::name::complaint_on_title(&after.name).map(|text| ("name", text)));
        found.extend(rules::complaint_on_rest(&draft));
        found
    };
    if let Some(password) = &changes.password {
        rules::check_password(tx, password, &mut found)?;
    }
    if user.admin && !after.admin && rules::is_last_administrator(tx, user)? {
        found.push(("admin", "can't be taken from the last administrator".to_owned()));
    }
    if found.is_empty() { Ok(after) } else { Err(Error::Invalid(found)) }
}

fn applied(user: &User, changes: &Changes) -> User {
    let text = |change: &Option<String>, before: &String| change.clone().unwrap_or_else(|| before.clone());
    let clearable = |change: &Option<String>, before: &Option<String>| match change {
        Some(new) => Some(new.clone()).filter(|new| !new.is_empty()),
        None => before.clone(),
    };
    let mut after = user.clone();
    after.username = text(&changes.username, &user.username);
    after.name = text(&changes.name, &user.name);
    after.email = text(&changes.email, &user.email);
    after.admin = changes.admin.unwrap_or(user.admin);
    after.external = changes.external.unwrap_or(user.external);
    after.can_create_group = changes.can_create_group.unwrap_or(user.can_create_group);
    after.projects_limit = changes.projects_limit.unwrap_or(user.projects_limit);
    after.private_profile = changes.private_profile.unwrap_or(user.private_profile);
    after.bio = text(&changes.bio, &user.bio);
    after.public_email = clearable(&changes.public_email, &user.public_email);
    // The address shown is one of the user's own: it does not outlive a change of that.
    let shown = changes.public_email.is_none() && after.email != user.email;
    if shown && user.public_email.as_ref().is_some_and(|shown| shown.eq_ignore_ascii_case(&user.email)) {
        after.public_email = None;
    }
    after.note = clearable(&changes.note, &user.note);
    after
}

/// What can't be changed in a bot or in the Ghost User: their names and addresses are the server's (D2,
/// D3, D9), they do not sign in, own nothing and administer nothing (D6).
fn fixed(user: &User, after: &User, changes: &Changes) -> rules::Complaints {
    let all = [
        ("username", user.username != after.username),
        ("email", user.email != after.email),
        ("password", changes.password.is_some()),
        ("admin", user.admin != after.admin),
        ("can_create_group", user.can_create_group != after.can_create_group),
        ("projects_limit", user.projects_limit != after.projects_limit),
    ];
    let text = || "can't be changed for a bot or internal user".to_owned();
    all.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| (field, text())).collect()
}

fn differences(before: &User, after: &User) -> Vec<&'static str> {
    let all = [
        ("username", before.username != after.username),
        ("name", before.name != after.name),
        ("email", before.email != after.email),
        ("admin", before.admin != after.admin),
        ("external", before.external != after.external),
        ("can_create_group", before.can_create_group != after.can_create_group),
        ("projects_limit", before.projects_limit != after.projects_limit),
        ("private_profile", before.private_profile != after.private_profile),
        ("bio", before.bio != after.bio),
        ("public_email", before.public_email != after.public_email),
        ("note", before.note != after.note),
    ];
    all.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
}

/// The names of the changed fields, and the values of those that decide on rights.
fn details(before: &User, after: &User, changed: &[&'static str]) -> serde_json::Value {
    let mut details = json!({ "changed": changed });
    if let Some(object) = details.as_object_mut() {
        if before.username != after.username {
            object.insert("former_username".to_owned(), json!(before.username));
        }
        if before.admin != after.admin {
            object.insert("admin".to_owned(), json!(after.admin));
        }
        if before.external != after.external {
            object.insert("external".to_owned(), json!(after.external));
        }
    }
    details
}

/// A person's namespace goes by their username and name, and the projects in it by its path.
fn move_home(tx: &mut Tx<'_>, before: &User, after: &User) -> Result<()> {
    if before.username != after.username {
        query::accounts::rename_bearer(tx.conn, after.id, &after.username).map_err(fault)?;
    }
    if before.username == after.username && before.name == after.name {
        return Ok(());
    }
    let Some(home) = query::namespaces::of_user(tx.conn, after.id).map_err(fault)? else { return Ok(()) };
    let mut moved = home.clone();
    moved.path.clone_from(&after.username);
    moved.full_path.clone_from(&after.username);
    moved.name.clone_from(&after.name);
    moved.full_name.clone_from(&after.name);
    query::namespaces::update(tx.conn, &moved, tx.now).map_err(fault)?;
    query::paths::follow(tx.conn, &home, &moved, tx.now).map_err(fault)
}
