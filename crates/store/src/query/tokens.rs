//! Tokens of all kinds.

use tessera_model::role::Role;
use tessera_model::scope::ScopeSet;
use tessera_model::secret::Digest;
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::{Token, TokenKind};
use tessera_model::user::User;

use super::filter::{Filter, Listed, Slice, containing};
use super::users;
use crate::sql::{Cells, Conn, DbError, Row, Value};

const MEMBERSHIP: &str = "tokens t LEFT JOIN members m ON m.project_id = t.project_id AND m.user_id = t.user_id";
macro_rules! membership {
    () => {
        " FROM tokens t LEFT JOIN members m ON m.project_id = t.project_id AND m.user_id = t.user_id "
    };
}

queries! {
    PRESENTED = concat!("SELECT ", token_columns!(), ", ", user_columns!(), "
        FROM tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.digest = ?1");
    PRESENTED_GITLAB = concat!("SELECT ", token_columns!(), ", ", user_columns!(), "
        FROM tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.gitlab_digest = ?1");
    PRESENTED_ID = concat!("SELECT ", token_columns!(), ", ", user_columns!(), "
        FROM tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.id = ?1");
    BY_ID = concat!("SELECT ", token_with_role!(), membership!(), "WHERE t.id = ?1");
    ADOPT = "UPDATE tokens SET digest = ?2, key_id = ?3 WHERE id = ?1";
    INSERT = "INSERT INTO tokens (kind, user_id, bearer_id, bearer_username, project_id, name, description, scopes,
        access_level, digest, key_id, expires_on, created_by_id, created_by, created_at, previous_id, family_id)
        VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) RETURNING id";
    REVOKE = "UPDATE tokens SET revoked = TRUE, revoked_at = ?2, revoked_by = ?3 WHERE id = ?1 AND revoked = FALSE";
    REVOKE_OF_USER = "UPDATE tokens SET revoked = TRUE, revoked_at = ?2, revoked_by = ?3
        WHERE user_id = ?1 AND revoked = FALSE RETURNING id";
    LIVE_OF_FAMILY = "SELECT t.id FROM tokens t
        WHERE (t.family_id = ?1 OR t.id = ?1) AND t.revoked = FALSE ORDER BY t.id";
    LAST_OF_FAMILY = "SELECT MAX(t.id) FROM tokens t WHERE t.family_id = ?1 OR t.id = ?1";
    DESCENDANTS = "WITH RECURSIVE line (id, revoked) AS (
            SELECT t.id, t.revoked FROM tokens t WHERE t.previous_id = ?1
            UNION ALL SELECT t.id, t.revoked FROM tokens t JOIN line ON t.previous_id = line.id)
        SELECT id FROM line WHERE revoked = FALSE";
    RELEASE_USER = "UPDATE tokens SET user_id = NULL WHERE user_id = ?1";
    RELEASE_PROJECT = "UPDATE tokens SET project_id = NULL WHERE project_id = ?1";
    KEEP_ROLE = "UPDATE tokens SET access_level = ?2 WHERE user_id = ?1 AND project_id IS NOT NULL";
    USED = "UPDATE tokens SET last_used_at = ?2, last_used_ips = ?3
        WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at <= ?2)";
    REVOKED_AT = "SELECT revoked_at FROM tokens WHERE id = ?1";
    COUNT = "SELECT COUNT(*) FROM tokens";
    DIGEST_TAKEN = "SELECT 1 FROM tokens WHERE digest = ?1";
}

/// Reads a token from the cells of the token columns.
///
/// # Errors
/// When a cell has another shape.
pub fn read(cells: &mut Cells) -> Result<Token, DbError> {
    let id = cells.int()?;
    Ok(Token {
        id,
        kind: TokenKind::parse(&cells.text()?),
        user_id: cells.opt_int()?,
        bearer_id: cells.int()?,
        bearer_username: cells.text()?,
        project_id: cells.opt_int()?,
        name: cells.text()?,
        description: cells.opt_text()?,
        scopes: ScopeSet::from_bits(cells.int()?),
        role: cells.opt_int()?.and_then(Role::from_level),
        expires_on: cells.opt_date()?,
        revoked: cells.bool()?,
        created_at: cells.time()?,
        last_used_at: cells.opt_time()?,
        last_used_ips: cells.text()?.split(' ').filter(|ip| !ip.is_empty()).map(str::to_owned).collect(),
        previous_id: cells.opt_int()?,
        family_id: cells.opt_int()?.unwrap_or(id),
    })
}

/// A presented token with its user, if that is still there.
pub type Presented = (Token, Option<User>);

fn presented(conn: &mut dyn Conn, sql: &str, arg: Value) -> Result<Option<Presented>, DbError> {
    let Some(row) = conn.row(sql, &[arg])? else { return Ok(None) };
    let mut cells = row.cells();
    let token = read(&mut cells)?;
    let user = if token.user_id.is_some() { Some(users::read(&mut cells)?) } else { None };
    Ok(Some((token, user)))
}

/// The token of this digest: the one look-up of every authenticated request.
pub fn by_digest(conn: &mut dyn Conn, digest: &Digest) -> Result<Option<Presented>, DbError> {
    presented(conn, PRESENTED, digest.0.into())
}

/// The imported token of this GitLab digest.
pub fn by_gitlab_digest(conn: &mut dyn Conn, digest: &str) -> Result<Option<Presented>, DbError> {
    presented(conn, PRESENTED_GITLAB, digest.into())
}

/// A token that was presented before, with its user: running streams look again through this.
pub fn with_user(conn: &mut dyn Conn, id: i64) -> Result<Option<Presented>, DbError> {
    presented(conn, PRESENTED_ID, id.into())
}

/// Gives an imported token our own digest, which is looked at first from now on. GitLab's stays, so that the
/// same row imported again is known; without GitLab's key it says nothing.
pub fn adopt(conn: &mut dyn Conn, id: i64, digest: &Digest, key_id: i64) -> Result<(), DbError> {
    conn.exec(ADOPT, &[id.into(), digest.0.into(), key_id.into()]).map(drop)
}

/// The token of this number.
pub fn by_id(conn: &mut dyn Conn, id: i64) -> Result<Option<Token>, DbError> {
    conn.row(BY_ID, &[id.into()])?.map(|row| read(&mut row.cells())).transpose()
}

/// Whether a string of this digest was ever given to a token.
pub fn digest_taken(conn: &mut dyn Conn, digest: &Digest) -> Result<bool, DbError> {
    Ok(conn.row(DIGEST_TAKEN, &[digest.0.into()])?.is_some())
}

/// What a new token starts with.
pub struct NewToken<'a> {
    /// Its kind.
    pub kind: TokenKind,
    /// Its user: number and username.
    pub user: (i64, &'a str),
    /// The project of a project token.
    pub project_id: Option<i64>,
    /// Its name.
    pub name: &'a str,
    /// Its description.
    pub description: Option<&'a str>,
    /// What it opens.
    pub scopes: ScopeSet,
    /// The role of a project token's bot.
    pub role: Option<Role>,
    /// The digest of its string, and the number of the key.
    pub digest: (Digest, i64),
    /// Its end.
    pub expires_on: Option<Date>,
    /// Who made it: number and username.
    pub created_by: (Option<i64>, &'a str),
    /// The token that it replaces: its number and that of its family.
    pub previous: Option<(i64, i64)>,
}

/// Stores a new token and returns its number.
///
/// # Errors
/// [`DbError::Taken`] when the string was used before.
pub fn insert(conn: &mut dyn Conn, token: &NewToken<'_>, now: Timestamp) -> Result<i64, DbError> {
    let args = [
        Value::from(token.kind.name()),
        token.user.0.into(),
        token.user.1.into(),
        token.project_id.into(),
        token.name.into(),
        token.description.into(),
        token.scopes.bits().into(),
        token.role.map(Role::level).into(),
        token.digest.0.0.into(),
        token.digest.1.into(),
        token.expires_on.into(),
        token.created_by.0.into(),
        token.created_by.1.into(),
        now.into(),
        token.previous.map(|(id, _)| id).into(),
        token.previous.map(|(_, family)| family).into(),
    ];
    conn.insert(INSERT, &args)
}

/// Revokes a token; says whether it was not revoked before.
pub fn revoke(conn: &mut dyn Conn, id: i64, by: &str, now: Timestamp) -> Result<bool, DbError> {
    Ok(conn.exec(REVOKE, &[id.into(), now.into(), by.into()])? > 0)
}

fn ids(rows: Vec<Row>) -> Result<Vec<i64>, DbError> {
    rows.into_iter().map(|row| row.cells().int()).collect()
}

/// Revokes every token of a user and returns the numbers of those that lived.
pub fn revoke_of_user(conn: &mut dyn Conn, user_id: i64, by: &str, now: Timestamp) -> Result<Vec<i64>, DbError> {
    ids(conn.rows(REVOKE_OF_USER, &[user_id.into(), now.into(), by.into()])?)
}

/// The tokens descended from this one by rotation that are not revoked.
pub fn live_descendants(conn: &mut dyn Conn, id: i64) -> Result<Vec<i64>, DbError> {
    ids(conn.rows(DESCENDANTS, &[id.into()])?)
}

/// The tokens of a rotation family that are not revoked.
pub fn live_of_family(conn: &mut dyn Conn, family_id: i64) -> Result<Vec<i64>, DbError> {
    ids(conn.rows(LIVE_OF_FAMILY, &[family_id.into()])?)
}

/// The youngest token of a rotation family.
pub fn last_of_family(conn: &mut dyn Conn, family_id: i64) -> Result<i64, DbError> {
    conn.number(LAST_OF_FAMILY, &[family_id.into()])
}

/// Unties the tokens of a user who goes, so that their rows stay for the record.
pub fn release_user(conn: &mut dyn Conn, user_id: i64) -> Result<(), DbError> {
    conn.exec(RELEASE_USER, &[user_id.into()]).map(drop)
}

/// Unties the tokens of a project that goes.
pub fn release_project(conn: &mut dyn Conn, project_id: i64) -> Result<(), DbError> {
    conn.exec(RELEASE_PROJECT, &[project_id.into()]).map(drop)
}

/// Writes a bot's last role into its tokens, before its membership goes.
pub fn keep_role(conn: &mut dyn Conn, user_id: i64, role: Role) -> Result<(), DbError> {
    conn.exec(KEEP_ROLE, &[user_id.into(), role.level().into()]).map(drop)
}

/// Remembers a use.
pub fn used(conn: &mut dyn Conn, id: i64, at: Timestamp, ips: &str) -> Result<(), DbError> {
    conn.exec(USED, &[id.into(), at.into(), ips.into()]).map(drop)
}

/// When a token was revoked.
pub fn revoked_at(conn: &mut dyn Conn, id: i64) -> Result<Option<Timestamp>, DbError> {
    conn.row(REVOKED_AT, &[id.into()])?.map_or(Ok(None), |row| row.cells().opt_time())
}

/// How many tokens there are, dead ones included.
pub fn count(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(COUNT, &[])
}

/// What a list of tokens is narrowed to (semantics sheets 1.3 and 4.1).
#[derive(Clone, Debug, Default)]
pub struct TokenFilter {
    /// Tokens of this user.
    pub user_id: Option<i64>,
    /// Tokens of this project's direct bot members.
    pub project_id: Option<i64>,
    /// Only of these kinds; empty: all.
    pub kinds: Vec<TokenKind>,
    /// Active (true) or inactive (false) ones.
    pub active: Option<bool>,
    /// Revoked ones, or those that are not.
    pub revoked: Option<bool>,
    /// Whether expiry binds personal and impersonation tokens (D12).
    pub enforce_pat_expiration: bool,
    /// Made at or after, at or before.
    pub created: (Option<Timestamp>, Option<Timestamp>),
    /// Last used at or after, at or before.
    pub last_used: (Option<Timestamp>, Option<Timestamp>),
    /// Ending on or after, ending before.
    pub expires: (Option<Date>, Option<Date>),
    /// Part of the name.
    pub search: Option<String>,
}

/// The orders of a list, with the name that asks for each (the first is the default).
pub const ORDERS: &[(&str, &str)] = &[
    ("", "t.id"),
    ("created_asc", "t.created_at, t.id"),
    ("created_desc", "t.created_at DESC, t.id DESC"),
    ("expires_asc", "t.expires_on NULLS LAST, t.id DESC"),
    ("expires_at_asc_id_desc", "t.expires_on NULLS LAST, t.id DESC"),
    ("expires_desc", "t.expires_on DESC NULLS LAST, t.id DESC"),
    ("last_used_asc", "t.last_used_at NULLS LAST, t.id DESC"),
    ("last_used_desc", "t.last_used_at DESC NULLS LAST, t.id DESC"),
    ("name_asc", "t.name, t.id"),
    ("name_desc", "t.name DESC, t.id DESC"),
];

/// The order of this name; the default for anything unknown, as GitLab has it.
pub fn order(name: &str) -> &'static str {
    ORDERS.iter().find(|(asked, _)| *asked == name).map_or("t.id", |(_, order)| order)
}

/// Lists tokens.
pub fn list(
    conn: &mut dyn Conn,
    wanted: &TokenFilter,
    today: Date,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Token>, DbError> {
    filter(wanted, today).list(conn, order, slice, |row| read(&mut row.cells()))
}

/// The list query that a filter stands for.
pub fn filter(wanted: &TokenFilter, today: Date) -> Filter {
    let mut filter = Filter::new(token_with_role!(), MEMBERSHIP, &[]);
    narrow(&mut filter, wanted, today);
    filter
}

/// Narrows a list that has the tokens as `t`.
pub(super) fn narrow(filter: &mut Filter, wanted: &TokenFilter, today: Date) {
    filter.and_some("t.user_id = ?", wanted.user_id).and_some("t.project_id = ?", wanted.project_id);
    match wanted.kinds.as_slice() {
        [] => {}
        [one] => _ = filter.and("t.kind = ?", &[one.name().into()]),
        [one, two, ..] => _ = filter.and("t.kind IN (?, ?)", &[one.name().into(), two.name().into()]),
    }
    // Everything that is not active is inactive: no token falls between both lists (D10).
    let expired = if wanted.enforce_pat_expiration {
        "t.expires_on IS NOT NULL AND t.expires_on <= ?"
    } else {
        "t.kind = 'project' AND t.expires_on IS NOT NULL AND t.expires_on <= ?"
    };
    match wanted.active {
        Some(true) => {
            filter.and("t.revoked = FALSE", &[]).and(&format!("NOT ({expired})"), &[today.into()]);
        }
        Some(false) => {
            filter.and(&format!("t.revoked = TRUE OR ({expired})"), &[today.into()]);
        }
        None => {}
    }
    filter.and_some("t.revoked = ?", wanted.revoked);
    filter.and_some("t.created_at >= ?", wanted.created.0).and_some("t.created_at <= ?", wanted.created.1);
    filter.and_some("t.last_used_at >= ?", wanted.last_used.0).and_some("t.last_used_at <= ?", wanted.last_used.1);
    filter.and_some("t.expires_on >= ?", wanted.expires.0).and_some("t.expires_on < ?", wanted.expires.1);
    if let Some(text) = wanted.search.as_ref().filter(|text| !text.is_empty()) {
        filter.and("LOWER(t.name) LIKE ? ESCAPE '\\'", &[containing(text).into()]);
    }
}
