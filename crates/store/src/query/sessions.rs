//! Browsers in which people are signed in.

use tessera_model::time::Timestamp;
use tessera_model::user::User;

use super::users;
use crate::sql::{Conn, DbError};

queries! {
    INSERT = "INSERT INTO sessions (user_id, digest, pending, address, user_agent, created_at, last_seen_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) RETURNING id";
    BY_DIGEST = concat!("SELECT s.id, s.pending, s.created_at, s.last_seen_at, s.message IS NOT NULL, ",
        user_columns!(), " FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.digest = ?1");
    OF_USER = "SELECT s.id, s.address, s.user_agent, s.created_at, s.last_seen_at FROM sessions s
        WHERE s.user_id = ?1 AND s.pending = FALSE AND s.last_seen_at > ?2 AND s.created_at > ?3
        ORDER BY s.last_seen_at DESC, s.id DESC LIMIT 100";
    SEEN = "UPDATE sessions SET last_seen_at = ?2, address = ?3 WHERE id = ?1 AND last_seen_at < ?2";
    LEAVE_MESSAGE = "UPDATE sessions SET message = ?2, message_until = ?3 WHERE id = ?1";
    MESSAGE = "SELECT s.message FROM sessions s WHERE s.id = ?1 AND s.message_until > ?2";
    TAKE_MESSAGE = "UPDATE sessions SET message = NULL, message_until = NULL WHERE id = ?1 AND message IS NOT NULL";
    DELETE = "DELETE FROM sessions WHERE id = ?1";
    DELETE_OF_USER = "DELETE FROM sessions WHERE user_id = ?1";
    DELETE_OTHERS = "DELETE FROM sessions WHERE user_id = ?1 AND id <> ?2";
    DELETE_ONE_OF_USER = "DELETE FROM sessions WHERE user_id = ?1 AND id = ?2";
    DELETE_OLD = "DELETE FROM sessions WHERE id IN
        (SELECT id FROM sessions WHERE last_seen_at <= ?1 ORDER BY last_seen_at LIMIT ?2)";
}

/// What is known of a new session.
pub struct NewSession<'a> {
    /// Whose it is.
    pub user_id: i64,
    /// The digest of the cookie's secret.
    pub digest: [u8; 32],
    /// Whether the second factor is still to come.
    pub pending: bool,
    /// Where it was begun.
    pub address: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
}

/// Begins a session.
pub fn add(conn: &mut dyn Conn, session: &NewSession<'_>, now: Timestamp) -> Result<i64, DbError> {
    let NewSession { user_id, digest, pending, address, user_agent } = *session;
    let args = [user_id.into(), digest.into(), pending.into(), address.into(), user_agent.into(), now.into()];
    conn.insert(INSERT, &args)
}

/// A session that a cookie named, and whose it is.
pub struct Found {
    /// Its number.
    pub id: i64,
    /// Whether the second factor is still to come.
    pub pending: bool,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last seen, more or less.
    pub last_seen_at: Timestamp,
    /// Whether something waits to be said.
    pub has_message: bool,
    /// Whose it is.
    pub user: User,
}

/// The session of this digest.
pub fn by_digest(conn: &mut dyn Conn, digest: [u8; 32]) -> Result<Option<Found>, DbError> {
    let Some(row) = conn.row(BY_DIGEST, &[digest.into()])? else { return Ok(None) };
    let mut cells = row.cells();
    Ok(Some(Found {
        id: cells.int()?,
        pending: cells.bool()?,
        created_at: cells.time()?,
        last_seen_at: cells.time()?,
        has_message: cells.bool()?,
        user: users::read(&mut cells)?,
    }))
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number.
    pub id: i64,
    /// Where it was last seen.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
}

/// A user's sessions that still count, the last used first: seen after one time and begun after the other.
pub fn of_user(
    conn: &mut dyn Conn,
    user_id: i64,
    seen_after: Timestamp,
    begun_after: Timestamp,
) -> Result<Vec<Shown>, DbError> {
    let rows = conn.rows(OF_USER, &[user_id.into(), seen_after.into(), begun_after.into()])?;
    let read = |row: crate::sql::Row| {
        let mut cells = row.cells();
        Ok(Shown {
            id: cells.int()?,
            address: cells.text()?,
            user_agent: cells.text()?,
            created_at: cells.time()?,
            last_seen_at: cells.time()?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Notes that a session was seen.
pub fn seen(conn: &mut dyn Conn, id: i64, now: Timestamp, address: &str) -> Result<(), DbError> {
    conn.exec(SEEN, &[id.into(), now.into(), address.into()]).map(drop)
}

/// Leaves something to be said on the next page.
pub fn leave_message(conn: &mut dyn Conn, id: i64, sealed: Vec<u8>, until: Timestamp) -> Result<(), DbError> {
    conn.exec(LEAVE_MESSAGE, &[id.into(), sealed.into(), until.into()]).map(drop)
}

/// What waits to be said, if it still does; it stays until [`take_message`].
pub fn message(conn: &mut dyn Conn, id: i64, now: Timestamp) -> Result<Option<Vec<u8>>, DbError> {
    match conn.row(MESSAGE, &[id.into(), now.into()])? {
        Some(row) => row.cells().opt_bytes(),
        None => Ok(None),
    }
}

/// Takes away what waited to be said; false where another request did.
pub fn take_message(conn: &mut dyn Conn, id: i64) -> Result<bool, DbError> {
    Ok(conn.exec(TAKE_MESSAGE, &[id.into()])? > 0)
}

/// Ends a session.
pub fn end(conn: &mut dyn Conn, id: i64) -> Result<bool, DbError> {
    Ok(conn.exec(DELETE, &[id.into()])? > 0)
}

/// Ends all sessions of a user.
pub fn end_all(conn: &mut dyn Conn, user_id: i64) -> Result<u64, DbError> {
    conn.exec(DELETE_OF_USER, &[user_id.into()])
}

/// Ends all sessions of a user but one.
pub fn end_others(conn: &mut dyn Conn, user_id: i64, id: i64) -> Result<u64, DbError> {
    conn.exec(DELETE_OTHERS, &[user_id.into(), id.into()])
}

/// Ends one session of a user; false if there is none such.
pub fn end_one(conn: &mut dyn Conn, user_id: i64, id: i64) -> Result<bool, DbError> {
    Ok(conn.exec(DELETE_ONE_OF_USER, &[user_id.into(), id.into()])? > 0)
}

/// Removes sessions that were last seen at that time or before; at most so many at once.
pub fn remove_old(conn: &mut dyn Conn, seen: Timestamp, most: i64) -> Result<u64, DbError> {
    conn.exec(DELETE_OLD, &[seen.into(), most.into()])
}
