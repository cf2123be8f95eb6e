//! A user as the caller may see it.

use std::collections::{BTreeSet, HashMap};

use tessera_model::Result;
use tessera_model::caller::Caller;
use tessera_model::user::User;
use tessera_store::query;

use crate::{Tx, fault};

/// What stands in place of the name of a bot whose project the caller cannot read.
pub const HIDDEN_NAME: &str = "****";

/// A user with what the caller may know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The user; a bot's name is covered where the caller may not know its project.
    pub user: User,
    /// Whether more than the name may be shown.
    pub profile: bool,
    /// What only administrators see; `None` for everybody else.
    pub admin: Option<ForAdmin>,
}

/// What only administrators see of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForAdmin {
    /// The number of its own namespace.
    pub namespace_id: Option<i64>,
    /// Who made it.
    pub created_by: Option<User>,
}

/// One user as the caller sees it.
///
/// # Errors
/// When the database does not answer.
pub fn one(tx: &mut Tx<'_>, user: User) -> Result<Seen> {
    let mut seen = several(tx, vec![user])?;
    seen.pop().ok_or_else(|| tessera_model::Error::internal("a user went out of sight"))
}

/// Users as the caller sees them; a few queries for all of them together.
///
/// # Errors
/// When the database does not answer.
pub fn several(tx: &mut Tx<'_>, users: Vec<User>) -> Result<Vec<Seen>> {
    let projects: BTreeSet<i64> = users.iter().filter_map(|user| user.bot_project_id).collect();
    let projects: Vec<i64> = projects.into_iter().collect();
    let viewer = tx.viewer();
    let readable = query::accounts::projects_seen(tx.conn, &viewer, &projects).map_err(fault)?;
    let mut extras = for_admin(tx, &users)?;
    let see = |mut user: User| {
        let extra = extras.as_mut().map(|known| {
            let created_by = user.created_by_id.and_then(|id| known.makers.get(&id).cloned());
            ForAdmin { namespace_id: known.homes.remove(&user.id), created_by }
        });
        let profile = sees_profile(&tx.caller, &user);
        cover(&tx.caller, &mut user, &readable);
        Seen { user, profile, admin: extra }
    };
    Ok(users.into_iter().map(see).collect())
}

/// A bot of a project that the caller cannot read has no name for it: the name is the token's, and token
/// names of foreign projects are nobody's business (D24).
fn cover(caller: &Caller, user: &mut User, readable: &[i64]) {
    let own = caller.user_id() == Some(user.id);
    if user.is_bot() && !own && !user.bot_project_id.is_some_and(|project| readable.contains(&project)) {
        HIDDEN_NAME.clone_into(&mut user.name);
    }
}

/// Bots get the basic fields of others and no more (D6); a private profile is its owner's.
fn sees_profile(caller: &Caller, user: &User) -> bool {
    caller.user_id() == Some(user.id)
        || (caller.is_admin() && !caller.is_bot())
        || !(user.private_profile || caller.is_bot() || caller.is_anonymous())
}

struct Extras {
    homes: HashMap<i64, i64>,
    makers: HashMap<i64, User>,
}

fn for_admin(tx: &mut Tx<'_>, users: &[User]) -> Result<Option<Extras>> {
    if !tx.caller.is_admin() || tx.caller.is_bot() {
        return Ok(None);
    }
    let ids: Vec<i64> = users.iter().map(|user| user.id).collect();
    let makers: BTreeSet<i64> = users.iter().filter_map(|user| user.created_by_id).collect();
    let makers: Vec<i64> = makers.into_iter().collect();
    let homes = query::accounts::homes(tx.conn, &ids).map_err(fault)?;
    let makers = query::accounts::by_ids(tx.conn, &makers).map_err(fault)?;
    Ok(Some(Extras {
        homes: homes.into_iter().collect(),
        makers: makers.into_iter().map(|user| (user.id, user)).collect(),
    }))
}
