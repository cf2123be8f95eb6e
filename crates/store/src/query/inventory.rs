//! The inventory: tokens of the whole instance with whose they are and who made them.

use tessera_model::scope::ScopeSet;
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::Token;
use tessera_model::user::{UserKind, UserState};

use super::filter::{Filter, Listed, Slice, containing};
use super::tokens::{self, TokenFilter};
use crate::sql::{Conn, DbError, Row, Value};

macro_rules! columns {
    () => {
        concat!(
            token_with_role!(),
            ", u.username, u.name, u.kind, u.state, p.full_path, t.created_by_id, t.created_by, t.revoked_at, \
             t.revoked_by"
        )
    };
}
macro_rules! tables {
    () => {
        "tokens t LEFT JOIN members m ON m.project_id = t.project_id AND m.user_id = t.user_id \
         LEFT JOIN users u ON u.id = t.user_id LEFT JOIN projects p ON p.id = t.project_id"
    };
}

queries! {
    BY_ID = concat!("SELECT ", columns!(), " FROM ", tables!(), " WHERE t.id = ?1");
    LAST = "SELECT MAX(t.id) FROM tokens t";
    BEARER_KNOWN = "SELECT 1 FROM tokens t WHERE t.bearer_username = ?1 LIMIT 1";
    CREATOR_KNOWN = "SELECT 1 FROM tokens t WHERE t.created_by = ?1 LIMIT 1";
    EXTEND = "UPDATE tokens SET expires_on = ?2, notice_60_at = NULL, notice_30_at = NULL, notice_7_at = NULL,
            expired_notice_at = NULL
        WHERE id = ?1 AND revoked = FALSE AND expires_on > ?3 AND expires_on < ?2";
}

/// A token with what an administrator wants to know beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The token.
    pub token: Token,
    /// Whose it is, until that account is removed; the token keeps its number and name.
    pub owner: Option<Owner>,
    /// Where a project token's project is, while there is one.
    pub project: Option<String>,
    /// Who made it: number and username at that time.
    pub created_by: (Option<i64>, String),
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Who revoked it, by username.
    pub revoked_by: Option<String>,
}

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The username as it is now.
    pub username: String,
    /// The display name.
    pub name: String,
    /// The kind of account.
    pub kind: UserKind,
    /// Whether it may act.
    pub state: UserState,
}

fn read(row: Row) -> Result<Record, DbError> {
    let mut cells = row.cells();
    let token = tokens::read(&mut cells)?;
    let (username, name) = (cells.opt_text()?, cells.opt_text()?);
    let (kind, state) = (cells.opt_text()?, cells.opt_text()?);
    let owner = username.map(|username| Owner {
        username,
        name: name.unwrap_or_default(),
        kind: UserKind::parse(&kind.unwrap_or_default()),
        state: UserState::parse(&state.unwrap_or_default()),
    });
    Ok(Record {
        token,
        owner,
        project: cells.opt_text()?,
        created_by: (cells.opt_int()?, cells.text()?),
        revoked_at: cells.opt_time()?,
        revoked_by: cells.opt_text()?,
    })
}

/// The token of this number.
pub fn by_id(conn: &mut dyn Conn, id: i64) -> Result<Option<Record>, DbError> {
    conn.row(BY_ID, &[id.into()])?.map(read).transpose()
}

/// The highest number of a token; 0 when there is none.
pub fn last(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(LAST, &[])
}

/// Whether a token was ever of somebody who was called so when it was made.
pub fn bearer_known(conn: &mut dyn Conn, username: &str) -> Result<bool, DbError> {
    Ok(conn.row(BEARER_KNOWN, &[username.into()])?.is_some())
}

/// Whether a token was ever made by somebody who was called so at that time.
pub fn creator_known(conn: &mut dyn Conn, username: &str) -> Result<bool, DbError> {
    Ok(conn.row(CREATOR_KNOWN, &[username.into()])?.is_some())
}

/// Puts a token's end off; says whether that was done. A token that is revoked, has no end, has come to its end by
/// `today` or ends later than `end` is left as it is.
pub fn extend(conn: &mut dyn Conn, id: i64, end: Date, today: Date) -> Result<bool, DbError> {
    Ok(conn.exec(EXTEND, &[id.into(), end.into(), today.into()])? > 0)
}

/// Somebody, also when their account is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// By the account's number.
    Id(i64),
    /// By the username that stands in the record.
    Name(String),
}

/// How tokens fail to conform to policies as they would be. Those that fail one of them are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Violation {
    /// Not revoked, without an end.
    pub endless: bool,
    /// Not revoked, and without an end or with one after this day.
    pub after: Option<Date>,
    /// Not revoked, no project token, its date has come: whether it works hangs on `enforce_pat_expiration`.
    pub expired: bool,
}

/// What the inventory is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// What narrows every list of tokens.
    pub tokens: TokenFilter,
    /// Of one of these numbers; empty: all.
    pub ids: Vec<i64>,
    /// Whose they are.
    pub owner: Option<Whom>,
    /// Who made them.
    pub creator: Option<Whom>,
    /// Part of the token's name, or of the username or name of whose it is.
    pub text: Option<String>,
    /// With one of these scopes; empty: all.
    pub scopes: ScopeSet,
    /// Last used before, or never used and made before.
    pub unused_since: Option<Timestamp>,
    /// Never used.
    pub never_used: bool,
    /// With an end, or without.
    pub has_end: Option<bool>,
    /// That fail policies as they would be.
    pub violation: Option<Violation>,
}

/// What shall become of the tokens of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// They are revoked.
    Revoke,
    /// Their end is put off to this day.
    Extend(Date),
}

/// Lists tokens.
pub fn list(
    conn: &mut dyn Conn,
    wanted: &Selection,
    today: Date,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Record>, DbError> {
    filter(wanted, today).list(conn, order, slice, read)
}

/// The first tokens of a list in the order of their numbers.
pub fn first(conn: &mut dyn Conn, filter: &Filter, limit: i64) -> Result<Vec<Record>, DbError> {
    Ok(filter.first(conn, "t.id", limit, read)?.0)
}

/// The list query that a selection stands for.
pub fn filter(wanted: &Selection, today: Date) -> Filter {
    let mut filter = Filter::new(columns!(), tables!(), &[]);
    tokens::narrow(&mut filter, &wanted.tokens, today);
    if !wanted.ids.is_empty() {
        let places = vec!["?"; wanted.ids.len()].join(", ");
        let ids: Vec<_> = wanted.ids.iter().map(|id| (*id).into()).collect();
        filter.and(&format!("t.id IN ({places})"), &ids);
    }
    match &wanted.owner {
        Some(Whom::Id(id)) => _ = filter.and("t.bearer_id = ?", &[(*id).into()]),
        Some(Whom::Name(name)) => _ = filter.and("t.bearer_username = ?", &[name.into()]),
        None => {}
    }
    match &wanted.creator {
        Some(Whom::Id(id)) => _ = filter.and("t.created_by_id = ?", &[(*id).into()]),
        Some(Whom::Name(name)) => _ = filter.and("t.created_by = ?", &[name.into()]),
        None => {}
    }
    if let Some(text) = wanted.text.as_ref().filter(|text| !text.is_empty()) {
        let pattern = Value::from(containing(text));
        filter.and(
            "LOWER(t.name) LIKE ? ESCAPE '\\' OR LOWER(t.bearer_username) LIKE ? ESCAPE '\\' \
             OR LOWER(u.name) LIKE ? ESCAPE '\\'",
            &[pattern.clone(), pattern.clone(), pattern],
        );
    }
    if !wanted.scopes.is_empty() {
        filter.and("(t.scopes & ?) <> 0", &[wanted.scopes.bits().into()]);
    }
    filter.and_some("COALESCE(t.last_used_at, t.created_at) < ?", wanted.unused_since);
    if wanted.never_used {
        filter.and("t.last_used_at IS NULL", &[]);
    }
    match wanted.has_end {
        Some(true) => _ = filter.and("t.expires_on IS NOT NULL", &[]),
        Some(false) => _ = filter.and("t.expires_on IS NULL", &[]),
        None => {}
    }
    if let Some(violation) = wanted.violation {
        violates(&mut filter, violation, today);
    }
    filter
}

fn violates(filter: &mut Filter, violation: Violation, today: Date) {
    let (mut terms, mut args) = (Vec::new(), Vec::new());
    if violation.endless {
        terms.push("t.expires_on IS NULL");
    }
    if let Some(day) = violation.after {
        terms.push("t.expires_on IS NULL OR t.expires_on > ?");
        args.push(day.into());
    }
    if violation.expired {
        terms.push("t.kind <> 'project' AND t.expires_on <= ?");
        args.push(today.into());
    }
    if terms.is_empty() {
        // Policies that ask for nothing are failed by nothing.
        terms.push("1 = 0");
    }
    filter.and("t.revoked = FALSE", &[]).and(&terms.join(" OR "), &args);
}

/// The tokens of a selection that a change would touch: `spared` is left out, and so is whoever has one of the scopes
/// in `out_of_reach`.
pub fn touched(
    wanted: &Selection,
    change: Change,
    spared: Option<i64>,
    out_of_reach: ScopeSet,
    today: Date,
) -> Filter {
    let mut filter = filter(wanted, today);
    filter.and("t.revoked = FALSE", &[]).and_some("t.id <> ?", spared);
    if let Change::Extend(end) = change {
        filter.and("t.expires_on > ?", &[today.into()]).and("t.expires_on < ?", &[end.into()]);
    }
    if !out_of_reach.is_empty() {
        filter.and("(t.scopes & ?) = 0", &[out_of_reach.bits().into()]);
    }
    filter
}
