//! What would come of revoking a token or of giving it a new secret, for whoever is asked to confirm it. Nothing is
//! changed; the same rules that do it say what it does.

use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::token::Token;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::fate::{self, FATES, Fate};
use tessera_store::query;

use super::rotate::{self, NewEnd};
use super::sheet::making::Right;
use super::sheet::{self, Count, DAYS, LastUse, Obstacle};
use super::{get, revoke, rules};
use crate::{Authorized, Tx, fault, feature};

/// How much a token is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it was last used for, as far as the ledger goes back; when and from where stands in the token.
    pub last: Option<LastUse>,
    /// How often on each of the last days; today stands at the end.
    pub days: [Count; DAYS],
    /// How often in these days.
    pub total: Count,
}

/// What revoking a token does: it opens nothing from that moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The token.
    pub token: Token,
    /// How much it is in use.
    pub used: Use,
    /// The bot that ends with it. Without one the secret alone dies.
    pub bot: Option<BotEnd>,
}

/// The end of a bot (B7, D8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotEnd {
    /// Its username.
    pub username: String,
    /// Its display name.
    pub name: String,
    /// Memberships that are removed.
    pub memberships: i64,
    /// What moves to the Ghost User.
    pub moved: Vec<Records>,
    /// What stays and names nobody any more.
    pub unnamed: Vec<Records>,
    /// What is removed beside the memberships.
    pub removed: Vec<Records>,
}

/// Records of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Records {
    /// How many; never none.
    pub count: i64,
    /// What one of them is called.
    pub one: &'static str,
    /// What several of them are called.
    pub many: &'static str,
}

impl Records {
    /// What so many are called.
    pub fn noun(&self) -> &'static str {
        if self.count == 1 { self.one } else { self.many }
    }
}

/// What giving a token a new secret does: the old one opens nothing from that moment on; bot, name, scopes and role stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The token.
    pub token: Token,
    /// How much the secret that dies is in use.
    pub used: Use,
    /// What stands in the way.
    pub obstacle: Option<Obstacle>,
    /// The ends that the new one can have.
    pub ends: NewEnd,
}

/// What revoking a project's token does.
///
/// # Errors
/// 404 when the project has none of this number, or when it was revoked and no bot is left to end.
pub fn of_revoking_in_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
) -> Result<Revocation> {
    let token = get::in_project(tx, project, id)?;
    let bot = revoke::bot_in_project(tx, &token)?;
    revocation(tx, token, bot.as_ref())
}

/// What giving a project's token a new secret does.
///
/// # Errors
/// 404 when the project has none of this number.
pub fn of_rotating_in_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    id: i64,
) -> Result<Rotation> {
    let token = get::in_project(tx, project, id)?;
    let on = feature::is_on_for_project(tx, feature::RESOURCE_ACCESS_TOKEN, project.id)?;
    let right = Right::on_project(tx, project.role(), on, true);
    rotation(tx, token, &right)
}

/// What revoking a person's own token does.
///
/// # Errors
/// 404 when the person has none of this number, or when it was revoked; 403 as [`sheet::of_person`].
pub fn of_revoking_own<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    id: i64,
) -> Result<Revocation> {
    sheet::must_be_theirs(tx, user)?;
    let token = get::personal_of(tx, user, id)?;
    if token.revoked {
        return Err(Error::missing("Personal Access Token"));
    }
    revocation(tx, token, None)
}

/// What giving a person's own token a new secret does.
///
/// # Errors
/// 404 when the person has none of this number; 403 as [`sheet::of_person`].
pub fn of_rotating_own<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    id: i64,
) -> Result<Rotation> {
    sheet::must_be_theirs(tx, user)?;
    let token = get::personal_of(tx, user, id)?;
    let right = Right::on_person(tx, user);
    rotation(tx, token, &right)
}

/// What it does when an administrator revokes a token, of whichever kind.
///
/// # Errors
/// 404 when there is none of this number.
pub fn of_revoking_any<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    id: i64,
) -> Result<Revocation> {
    if !tx.caller.is_admin() || tx.caller.is_bot() {
        return Err(Error::Forbidden(None));
    }
    let token = query::tokens::by_id(tx.conn, id).map_err(fault)?.ok_or_else(Error::missing_record)?;
    let bot = revoke::bot_anywhere(tx, &token)?;
    revocation(tx, token, bot.as_ref())
}

fn revocation(tx: &mut Tx<'_>, token: Token, bot: Option<&User>) -> Result<Revocation> {
    let bot = bot.map(|bot| end_of(tx, bot)).transpose()?;
    Ok(Revocation { used: used(tx, &token)?, token, bot })
}

fn rotation(tx: &mut Tx<'_>, token: Token, right: &Right) -> Result<Rotation> {
    let left = rules::bearer(tx, &token)?.is_some() && (!token.revoked || rotate::may_reissue(tx, &token)?);
    let obstacle = if left { right.rotation_of(&token) } else { Some(Obstacle::NobodyLeft) };
    let ends = rotate::new_end(tx, &token)?;
    Ok(Rotation { used: used(tx, &token)?, token, obstacle, ends })
}

fn used(tx: &mut Tx<'_>, token: &Token) -> Result<Use> {
    let today = tx.today();
    let used = query::sheet::used(tx.conn, token.id, today).map_err(fault)?;
    let days = sheet::month(&used, today);
    let sum = |sum: Count, day: &Count| Count { uses: sum.uses + day.uses, failed: sum.failed + day.failed };
    let total = days.iter().fold(Count::default(), sum);
    Ok(Use { last: used.operation.map(LastUse::of), days, total })
}

fn end_of(tx: &mut Tx<'_>, bot: &User) -> Result<BotEnd> {
    let counts = fate::count(tx.conn, bot.id).map_err(fault)?;
    let (username, name) = (bot.username.clone(), bot.name.clone());
    let mut end = BotEnd { username, name, memberships: 0, moved: vec![], unnamed: vec![], removed: vec![] };
    for ((table, column, fate), count) in FATES.iter().zip(counts).filter(|(_, count)| *count > 0) {
        if (*table, *column) == ("members", "user_id") {
            end.memberships = count;
            continue;
        }
        let Some((one, many)) = words(table, column) else { continue };
        let records = Records { count, one, many };
        match fate {
            Fate::Ghost => end.moved.push(records),
            Fate::Null => end.unnamed.push(records),
            Fate::Delete | Fate::Before => end.removed.push(records),
        }
    }
    Ok(end)
}

/// What the rows that point at a user through a column are called, one and several.
fn words(table: &str, column: &str) -> Option<(&'static str, &'static str)> {
    Some(match (table, column) {
        ("issues", "author_id") => ("issue", "issues"),
        ("notes", "author_id") => ("comment", "comments"),
        ("issues", "updated_by_id") => ("last change of an issue", "last changes of issues"),
        ("issues", "closed_by_id") => ("closing of an issue", "closings of issues"),
        ("notes", "updated_by_id") => ("last change of a comment", "last changes of comments"),
        ("issue_assignees", "user_id") => ("assignment to an issue", "assignments to issues"),
        ("protected_ref_access", "user_id") => {
            ("right on a protected branch or tag", "rights on protected branches and tags")
        }
        ("members", "user_id") => ("membership", "memberships"),
        ("token_notices", "user_id") => ("notice that waits to be sent", "notices that wait to be sent"),
        ("otp_backup_codes", "user_id") => ("recovery code", "recovery codes"),
        ("sessions", "user_id") => ("session", "sessions"),
        ("members", "created_by_id") => ("membership that it gave", "memberships that it gave"),
        ("projects", "creator_id") => ("project that it made", "projects that it made"),
        ("users", "created_by_id") => ("account that it made", "accounts that it made"),
        ("pushes", "user_id") => ("push", "pushes"),
        ("tokens", "user_id") => ("token in the record", "tokens in the record"),
        ("namespaces", "owner_id") => ("namespace", "namespaces"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_goes_is_without_a_name() {
        let mut named = std::collections::HashSet::new();
        for (table, column, _) in FATES {
            let words = words(table, column);
            assert!(words.is_some_and(|words| named.insert(words)), "{table}.{column}: {words:?}");
        }
    }
}
