//! Calls of web hooks on their way out: written in the transaction that decides that a token is told of, made
//! afterwards. A row stays as the mark that this was told.

use tessera_model::time::{Date, Timestamp};
use tessera_model::token::Token;

use super::notices::Notice;
use super::tokens;
use crate::sql::{Conn, DbError};

/// Tokens of projects with hooks that listen to their ends, of which a hook was not told yet.
macro_rules! due {
    ($which:literal) => {
        concat!(
            "SELECT h.id, ",
            token_columns!(),
            " FROM web_hooks h CROSS JOIN projects p CROSS JOIN tokens t
            WHERE h.events & ?1 <> 0 AND h.failures < 40 AND p.id = h.project_id AND t.project_id = p.id",
            $which,
            " AND t.kind = 'project' AND t.revoked = FALSE AND t.expires_on > ?3 AND t.expires_on <= ?4
                AND NOT EXISTS (SELECT 1 FROM web_hook_deliveries d WHERE d.web_hook_id = h.id
                    AND d.token_id = t.id AND d.notice = ?2 AND d.expires_on = t.expires_on)
                AND (h.id > ?5 OR (h.id = ?5 AND t.id > ?6))
            ORDER BY h.id, t.id LIMIT ?7"
        )
    };
}

queries! {
    DUE = due!("");
    DUE_EXTENDED = due!(" AND p.extended_expiry_hooks = TRUE");
    ADD = "INSERT INTO web_hook_deliveries (web_hook_id, token_id, notice, expires_on, idempotency_key, event_uuid,
        body, state, next_try_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', ?8, ?8)
        ON CONFLICT (web_hook_id, token_id, notice, expires_on) DO NOTHING";
    // What is being handed over has no error; what waits for another attempt has one.
    CLAIM = "UPDATE web_hook_deliveries SET attempts = attempts + 1, next_try_at = ?2, last_error = NULL
        WHERE id = (SELECT d.id FROM web_hook_deliveries d WHERE d.state = 'waiting' AND d.next_try_at <= ?1
            ORDER BY d.next_try_at, d.id LIMIT 1)
        AND state = 'waiting' AND next_try_at <= ?1
        RETURNING id, web_hook_id, idempotency_key, event_uuid, body, attempts,
            (SELECT COUNT(*) FROM tokens t WHERE t.id = token_id AND t.revoked = FALSE AND t.expires_on > ?3)";
    END = "UPDATE web_hook_deliveries SET state = ?2, last_error = NULL WHERE id = ?1";
    PUT_BACK = "UPDATE web_hook_deliveries SET next_try_at = ?2, last_error = ?3 WHERE id = ?1";
    DELAY = "UPDATE web_hook_deliveries SET next_try_at = ?2
        WHERE web_hook_id = ?1 AND state = 'waiting' AND next_try_at < ?2 AND (attempts = 0 OR last_error IS NOT NULL)";
    HASTEN = "UPDATE web_hook_deliveries SET next_try_at = ?2
        WHERE web_hook_id = ?1 AND state = 'waiting' AND next_try_at > ?2 AND (attempts = 0 OR last_error IS NOT NULL)";
    REVIVE = "UPDATE web_hook_deliveries SET next_try_at = ?1
        WHERE state = 'waiting' AND next_try_at > ?1 AND (attempts = 0 OR last_error IS NOT NULL)";
    NEXT_DUE = "SELECT 1 FROM web_hook_deliveries d WHERE d.state = 'waiting' AND d.next_try_at <= ?1 LIMIT 1";
    WAITING = "SELECT COUNT(*) FROM web_hook_deliveries d WHERE d.state = 'waiting'";
    FORGET = "DELETE FROM web_hook_deliveries WHERE id IN (SELECT d.id FROM web_hook_deliveries d
        WHERE d.created_at <= ?1 ORDER BY d.created_at LIMIT ?2)";
}

/// What is looked for: a notice, the dates after and up to which the tokens end, and whether only in projects that ask
/// for more than the last notice.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// What there is to tell.
    pub notice: Notice,
    /// After one date, up to another.
    pub ends: (Date, Date),
    /// Only of projects with the switch for it.
    pub extended: bool,
    /// The bit of the event that hooks must listen to.
    pub event: i64,
}

/// Some tokens and the hooks that are to be told of them, by the numbers of both from `after` on.
pub fn due(
    conn: &mut dyn Conn,
    wanted: &Wanted,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<(i64, Token)>, DbError> {
    let sql = if wanted.extended { DUE_EXTENDED } else { DUE };
    let args = [
        wanted.event.into(),
        wanted.notice.name().into(),
        wanted.ends.0.into(),
        wanted.ends.1.into(),
        after.0.into(),
        after.1.into(),
        limit.into(),
    ];
    let read = |row: crate::sql::Row| {
        let mut cells = row.cells();
        Ok((cells.int()?, tokens::read(&mut cells)?))
    };
    conn.rows(sql, &args)?.into_iter().map(read).collect()
}

/// A call to be made.
#[derive(Clone, Debug)]
pub struct NewDelivery<'a> {
    /// Of which hook.
    pub web_hook_id: i64,
    /// Of which token it tells, what, and the end that it tells of.
    pub of: (i64, Notice, Date),
    /// The number that each attempt bears, and that of the event.
    pub uuids: (&'a str, &'a str),
    /// What is sent.
    pub body: &'a str,
}

/// Writes a call down; it is due at once. A hook is told of a token's end once.
pub fn add(conn: &mut dyn Conn, new: &NewDelivery<'_>, now: Timestamp) -> Result<(), DbError> {
    let (token_id, notice, end) = new.of;
    let args = [
        new.web_hook_id.into(),
        token_id.into(),
        notice.name().into(),
        end.into(),
        new.uuids.0.into(),
        new.uuids.1.into(),
        new.body.into(),
        now.into(),
    ];
    conn.exec(ADD, &args).map(drop)
}

/// A call in the caller's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its number.
    pub id: i64,
    /// Of which hook.
    pub web_hook_id: i64,
    /// The number that each attempt bears.
    pub idempotency_key: String,
    /// The number of the event.
    pub event_uuid: String,
    /// What is sent.
    pub body: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// Whether the token that it tells of still lives.
    pub holds: bool,
}

/// Whether a call is due.
pub fn is_due(conn: &mut dyn Conn, now: Timestamp) -> Result<bool, DbError> {
    Ok(conn.row(NEXT_DUE, &[now.into()])?.is_some())
}

/// How many calls wait.
pub fn waiting(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(WAITING, &[])
}

/// Takes the next due call; if its caller dies, another one takes it from `until` on.
pub fn claim(conn: &mut dyn Conn, now: Timestamp, until: Timestamp) -> Result<Option<Claimed>, DbError> {
    let Some(row) = conn.row(CLAIM, &[now.into(), until.into(), now.date().into()])? else { return Ok(None) };
    let mut cells = row.cells();
    Ok(Some(Claimed {
        id: cells.int()?,
        web_hook_id: cells.int()?,
        idempotency_key: cells.text()?,
        event_uuid: cells.text()?,
        body: cells.text()?,
        attempts: cells.int()?,
        holds: cells.int()? > 0,
    }))
}

/// The call was answered well.
pub fn sent(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(END, &[id.into(), "sent".into()]).map(drop)
}

/// The call is not made any more: what it would tell is not true any longer.
pub fn dropped(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(END, &[id.into(), "dropped".into()]).map(drop)
}

/// The call is tried again at a time.
pub fn put_back(conn: &mut dyn Conn, id: i64, at: Timestamp, error: &str) -> Result<(), DbError> {
    conn.exec(PUT_BACK, &[id.into(), at.into(), error.into()]).map(drop)
}

/// No call of a hook is made before a time, but for what is being handed over at this moment.
pub fn delay(conn: &mut dyn Conn, web_hook_id: i64, until: Timestamp) -> Result<(), DbError> {
    conn.exec(DELAY, &[web_hook_id.into(), until.into()]).map(drop)
}

/// All calls of a hook are due, but for what is being handed over at this moment.
pub fn hasten(conn: &mut dyn Conn, web_hook_id: i64, now: Timestamp) -> Result<(), DbError> {
    conn.exec(HASTEN, &[web_hook_id.into(), now.into()]).map(drop)
}

/// All calls of all hooks are due, but for what is being handed over at this moment.
pub fn revive(conn: &mut dyn Conn, now: Timestamp) -> Result<(), DbError> {
    conn.exec(REVIVE, &[now.into()]).map(drop)
}

/// Removes at most so many that were written before a time, and says how many.
pub fn forget(conn: &mut dyn Conn, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    conn.exec(FORGET, &[before.into(), limit.into()])
}
