//! Making a project access token: the bot, its membership and its secret, all or nothing (B1 to B3).

use serde_json::json;
use tessera_model::name::bot_username;
use tessera_model::operation::project_tokens::CreateProjectToken;
use tessera_model::project::Project;
use tessera_model::role::Role;
use tessera_model::scope::{OF_PROJECT_TOKENS, ScopeSet};
use tessera_model::time::Date;
use tessera_model::token::TokenKind;
use tessera_model::user::UserKind;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::members::Place;
use tessera_store::query::users::NewUser;

use super::Minted;
use super::rules::{self, Draft, Lifetime};
use crate::audit::Event;
use crate::mail::token_changed::{Change, tell};
use crate::{Authorized, Tx, fault, feature};

const NOT_PERMITTED: &str = "User does not have permission to create project access token";

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The token's name, which becomes its bot's (B2).
    pub name: String,
    /// A remark.
    pub description: Option<String>,
    /// What it shall open.
    pub scopes: ScopeSet,
    /// The bot's role.
    pub role: Role,
    /// Its end.
    pub expires_on: Option<Date>,
}

/// Makes a token with its bot.
///
/// # Errors
/// 400 with GitLab's sentence for what is not permitted or not valid.
pub fn create<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, CreateProjectToken, Project>,
    wanted: &Wanted,
) -> Result<Minted> {
    may_create(tx, project)?;
    if project.role().is_none_or(|own| wanted.role > own) {
        tx.refused_by("role_beyond_own");
        return Err(Error::bad_request(
            "Access level of the token contains permissions not held by the creating user",
        ));
    }
    let expires_on = check(tx, wanted)?;
    let (bot_id, username) = make_bot(tx, project, wanted)?;
    let draft = Draft {
        kind: TokenKind::Project,
        user: (bot_id, &username),
        project_id: Some(project.id),
        name: &wanted.name,
        description: wanted.description.as_deref(),
        scopes: wanted.scopes,
        role: Some(wanted.role),
        expires_on,
        previous: None,
    };
    let minted = rules::store(tx, &draft, None)?;
    tx.audit(&Event {
        action: "project_token.create",
        target: ("token", Some(minted.token.id), &wanted.name),
        project_id: Some(project.id),
        details: json!({
            "bot": username, "bot_id": bot_id, "scopes": wanted.scopes.names(), "role": wanted.role.name(),
            "expires_at": expires_on,
        }),
    })?;
    tell(tx, Change::Created, &minted.token)?;
    Ok(minted)
}

/// The feature flag (D13) and the switch of the top-level group.
fn may_create(tx: &mut Tx<'_>, project: &Project) -> Result<()> {
    let on = feature::is_on_for_project(tx, feature::RESOURCE_ACCESS_TOKEN, project.id)?;
    let allowed = query::namespaces::token_creation_allowed(tx.conn, project.namespace.id).map_err(fault)?;
    if on && allowed {
        return Ok(());
    }
    tx.refused_by(if on { "token_creation_off_in_group" } else { "feature_off" });
    Err(Error::bad_request(NOT_PERMITTED))
}

fn check(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Option<Date>> {
    let policy = Lifetime::read(tx)?;
    let today = tx.today();
    let expires_on = wanted.expires_on.or_else(|| policy.default_end(today));
    let mut complaints = rules::complaints(&wanted.name, wanted.description.as_deref(), wanted.scopes);
    if let Some(complaint) = rules::complaint_on_end(tx, policy, expires_on) {
        complaints.push(("expires_at", complaint));
    }
    if !complaints.is_empty() {
        return Err(Error::bad_request(rules::sentence(&complaints)));
    }
    let carried = ScopeSet::of(OF_PROJECT_TOKENS);
    if !wanted.scopes.is_subset_of(carried) || !rules::may_give(&tx.caller, wanted.scopes) {
        tx.refused_by("scopes_beyond_own");
        return Err(Error::bad_request("Scopes can only contain available scopes"));
    }
    Ok(expires_on)
}

/// The bot: its username from the project's series, external if its maker is (L10), a direct member.
fn make_bot(tx: &mut Tx<'_>, project: &Project, wanted: &Wanted) -> Result<(i64, String)> {
    let count = query::projects::next_bot(tx.conn, project.id).map_err(fault)?;
    let username = bot_username(project.id, count);
    let bot = NewUser {
        email: format!("{username}@{}", tx.core.bot_domain()),
        username: username.clone(),
        name: wanted.name.clone(),
        kind: UserKind::ProjectBot,
        admin: false,
        external: tx.caller.user.as_ref().is_some_and(|maker| maker.external),
        can_create_group: false,
        private_profile: false,
        projects_limit: 0,
        password_hash: None,
        password_expired: false,
        bio: String::new(),
        public_email: None,
        note: None,
        bot_project_id: Some(project.id),
        created_by_id: tx.caller.user_id(),
    };
    let id = query::users::insert(tx.conn, &bot, tx.now).map_err(fault)?;
    let maker = tx.caller.user_id();
    query::members::insert(tx.conn, Place::Project(project.id), id, wanted.role, None, maker, tx.now)
        .map_err(fault)?;
    Ok((id, username))
}
