//! Tokens that come in bulk: strings that the operator hands out, digests of our own, digests of a GitLab.
//!
//! What exists already stays as it is, so that an import that was cut is simply run again, and a string that
//! was revoked here is not revived.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use tessera_model::name::complaint_on_title;
use tessera_model::operation::personal_tokens::CreateUserToken;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::secret::{Digest, PlainToken};
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::TokenKind;
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::imports::{ImportedToken, Known};

use crate::audit::Event;
use crate::keys::{GitlabKeys, gitlab_digest};
use crate::{Authorized, Tx, authenticate, fault};

/// How many faults of a batch are told.
const TOLD: usize = 10;

/// By what an imported token will be recognised.
pub enum Secret {
    /// Its string.
    Plain(PlainToken),
    /// Our own digest of it.
    Digest(Digest),
    /// A GitLab's digest of it: base64 of 32 bytes.
    Gitlab(String),
}

/// One token as it comes in.
pub struct Row {
    /// The line where it stands, for what is said of it.
    pub line: u64,
    /// The username of its user.
    pub user: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// What it opens.
    pub scopes: ScopeSet,
    /// Its end.
    pub expires_on: Option<Date>,
    /// When it was made, if that is known.
    pub created_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// Whether it is an impersonation token.
    pub impersonation: bool,
    /// Whether it was revoked where it comes from.
    pub revoked: bool,
    /// By what it is recognised.
    pub secret: Secret,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Tokens that are new.
    pub imported: u64,
    /// Tokens that were there already.
    pub present: u64,
    /// Tokens left out since nobody has their user's name, by that name.
    pub without_user: BTreeMap<String, u64>,
}

/// Writes down that an import begins: should it be cut, the log tells of it all the same.
///
/// # Errors
/// When the database does not answer.
pub fn begin<'tx>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, CreateUserToken, ()>,
    source: &str,
) -> Result<()> {
    tx.audit(&Event {
        action: "token.import",
        target: ("import", None, source),
        project_id: None,
        details: json!({}),
    })
}

/// Writes down what an import came to.
///
/// # Errors
/// When the database does not answer.
pub fn end<'tx>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, CreateUserToken, ()>,
    source: &str,
    total: &Imported,
) -> Result<()> {
    let left_out: u64 = total.without_user.values().sum();
    let details = json!({ "imported": total.imported, "present": total.present, "left_out": left_out });
    tx.audit(&Event {
        action: "token.import_end",
        target: ("import", None, source),
        project_id: None,
        details,
    })
}

/// Stores a batch, all or nothing.
///
/// # Errors
/// [`Error::Refused`] that tells every faulty line (the first ten) and every unknown user, unless those are to
/// be left out.
pub fn batch<'tx>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, CreateUserToken, ()>,
    rows: &[Row],
    leave_out_unknown: bool,
) -> Result<Imported> {
    let checks = Checks::new(tx, rows)?;
    let mut total = Imported::default();
    let mut faults = Vec::new();
    let mut unknown: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut accepted = Vec::with_capacity(rows.len());
    for row in rows {
        match checks.users.get(row.user.as_str()) {
            Some(Some(user)) => match checks.token(tx, row, user)? {
                Fate::New(token) => accepted.push(token),
                Fate::Present => total.present += 1,
                Fate::Wrong(why) => faults.push(format!("line {}: {why}", row.line)),
            },
            _ if leave_out_unknown => *total.without_user.entry(row.user.clone()).or_default() += 1,
            _ => unknown.entry(&row.user).or_insert((row.line, 0)).1 += 1,
        }
    }
    let unknown = unknown.into_iter().map(|(user, (line, count))| {
        let more = if count > 1 { format!(" (of {count} lines)") } else { String::new() };
        format!("line {line}: there is no user {user:?}{more}")
    });
    faults.extend(unknown);
    if !faults.is_empty() {
        return Err(Error::Refused(summary(&faults)));
    }
    let actor = tx.actor().to_owned();
    total.imported = query::imports::add(tx.conn, &accepted, &actor, tx.now).map_err(fault)?;
    total.present += accepted.len() as u64 - total.imported;
    Ok(total)
}

fn summary(faults: &[String]) -> String {
    let told = faults.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("; ");
    match faults.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}

enum Fate<'a> {
    New(ImportedToken<'a>),
    Present,
    Wrong(String),
}

/// What the rows of a batch are checked against.
struct Checks<'r> {
    prefix: String,
    gitlab: GitlabKeys,
    users: HashMap<&'r str, Option<User>>,
}

impl<'r> Checks<'r> {
    fn new(tx: &mut Tx<'_>, rows: &'r [Row]) -> Result<Self> {
        let prefix = tx.setting("personal_access_token_prefix")?.as_str().unwrap_or_default().to_owned();
        let mut users = HashMap::new();
        for row in rows {
            if !users.contains_key(row.user.as_str()) {
                let user = query::users::by_username(tx.conn, &row.user).map_err(fault)?;
                let user = user.filter(|user| user.state != UserState::Ghosted);
                users.insert(row.user.as_str(), user);
            }
        }
        Ok(Self { prefix, gitlab: tx.core.keys.gitlab(), users })
    }

    fn token<'a>(&self, tx: &mut Tx<'_>, row: &'a Row, user: &'a User) -> Result<Fate<'a>> {
        if let Some(why) = complaint(row, user) {
            return Ok(Fate::Wrong(why));
        }
        let key = authenticate::key_id(tx.core);
        let known = match &row.secret {
            Secret::Plain(value) => {
                if let Some(why) = value.refusal_as_given(&self.prefix) {
                    return Ok(Fate::Wrong(why));
                }
                // The same string may wait under the digest of the GitLab that it was made in.
                for key in self.gitlab.iter() {
                    let theirs = gitlab_digest(value.expose(), key);
                    if query::tokens::by_gitlab_digest(tx.conn, &theirs).map_err(fault)?.is_some() {
                        return Ok(Fate::Present);
                    }
                }
                Known::Ours(authenticate::digest(tx.core, value).0, key)
            }
            Secret::Digest(digest) => Known::Ours(*digest, key),
            Secret::Gitlab(digest) => Known::Gitlab(digest.clone(), key),
        };
        Ok(Fate::New(ImportedToken {
            kind: if row.impersonation { TokenKind::Impersonation } else { TokenKind::Personal },
            user: (user.id, &user.username),
            name: &row.name,
            description: row.description.as_deref(),
            scopes: row.scopes,
            known,
            expires_on: row.expires_on,
            revoked: row.revoked,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }))
    }
}

fn complaint(row: &Row, user: &User) -> Option<String> {
    if user.kind != UserKind::Human {
        return Some(format!("{} is no person: only people have personal tokens", user.username));
    }
    if let Some(why) = complaint_on_title(&row.name) {
        return Some(format!("the name {why}"));
    }
    if row.description.as_ref().is_some_and(|text| text.chars().count() > 255) {
        return Some("the description is too long (maximum is 255 characters)".to_owned());
    }
    if row.scopes.is_empty() {
        return Some("the token has no scope".to_owned());
    }
    let above = !user.admin && row.scopes.iter().any(Scope::is_administrative);
    above.then(|| format!("{} is no administrator: sudo and admin_mode are not for them", user.username))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_faults_is_cut() {
        let faults: Vec<String> = (1..=12).map(|line| format!("line {line}: no")).collect();
        let told = summary(&faults);
        assert!(told.starts_with("line 1: no; line 2: no;"), "{told}");
        assert!(told.ends_with("line 10: no; and 2 more"), "{told}");
        assert_eq!(summary(&faults[..1]), "line 1: no");
    }
}
