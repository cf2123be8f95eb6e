//! The audit log: rows are added, covered by a seal once, and removed by retention alone.

use tessera_model::audit::{Record, Seal, Stored};
use tessera_model::time::Timestamp;

use super::filter::{Filter, Orders, containing};
use crate::sql::{Conn, DbError, Row, Value};

/// The columns of a record, of a table called `e`.
macro_rules! event_columns {
    () => {
        "e.id, e.created_at, e.action, e.actor_id, e.actor_username, e.token_id, e.target_kind, e.target_id, \
         e.target_name, e.entity_kind, e.entity_id, e.address, e.request_id, e.surface, e.details, e.writer, \
         e.number, e.code, e.seal"
    };
}

queries! {
    ADD = "INSERT INTO audit_events (created_at, action, actor_id, actor_username, token_id, target_kind, target_id,
        target_name, entity_kind, entity_id, address, request_id, surface, details, writer, number, code)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    COUNT = "SELECT COUNT(*) FROM audit_events WHERE action = ?1";
    UNSEALED = concat!("SELECT ", event_columns!(), " FROM audit_events e
        WHERE e.seal IS NULL AND e.id > ?1 ORDER BY e.id LIMIT ?2");
    WAITING = "SELECT 1 FROM audit_events WHERE seal IS NULL LIMIT 1";
    COVER = "UPDATE audit_events SET seal = ?1 WHERE seal IS NULL AND id >= ?2 AND id <= ?3";
    SEALED = concat!("SELECT ", event_columns!(), " FROM audit_events e
        WHERE (e.seal, e.id) > (?1, ?2) ORDER BY e.seal, e.id LIMIT ?3");
    ADD_SEAL = "INSERT INTO audit_seals (number, sealed_at, ids, content, code) VALUES (?1, ?2, ?3, ?4, ?5)";
    SEALS = "SELECT number, sealed_at, ids, content, code, anchor FROM audit_seals
        WHERE number > ?1 ORDER BY number LIMIT ?2";
    SEAL = "SELECT number, sealed_at, ids, content, code, anchor FROM audit_seals WHERE number = ?1";
    NEWEST = "SELECT number, sealed_at, ids, content, code, anchor FROM audit_seals ORDER BY number DESC LIMIT 1";
    ANCHOR = "SELECT CASE WHEN anchor IS NOT NULL THEN number END FROM audit_seals ORDER BY number LIMIT 1";
    STRAYS = "SELECT id FROM audit_events WHERE seal > ?1 ORDER BY seal, id LIMIT ?2";
    REMOVE_EVENTS = "DELETE FROM audit_events WHERE seal <= ?1";
    REMOVE_SEALS = "DELETE FROM audit_seals WHERE number < ?1";
    SET_ANCHOR = "UPDATE audit_seals SET anchor = ?2 WHERE number = ?1";
}

fn stored(row: Row) -> Result<Stored, DbError> {
    let mut cells = row.cells();
    Ok(Stored {
        id: cells.int()?,
        record: Record {
            created_at: cells.time()?,
            action: cells.text()?,
            actor_id: cells.opt_int()?,
            actor_username: cells.text()?,
            token_id: cells.opt_int()?,
            target_kind: cells.text()?,
            target_id: cells.opt_int()?,
            target_name: cells.text()?,
            entity_kind: cells.text()?,
            entity_id: cells.opt_int()?,
            address: cells.text()?,
            request_id: cells.text()?,
            surface: cells.text()?,
            details: cells.text()?,
            writer: cells.int()?,
            number: cells.int()?,
        },
        code: cells.opt_bytes()?.unwrap_or_default(),
        seal: cells.opt_int()?,
    })
}

fn seal(row: Row) -> Result<Seal, DbError> {
    let mut cells = row.cells();
    Ok(Seal {
        number: cells.int()?,
        sealed_at: cells.time()?,
        ids: cells.text()?,
        content: cells.opt_bytes()?.unwrap_or_default(),
        code: cells.opt_bytes()?.unwrap_or_default(),
        anchor: cells.opt_bytes()?,
    })
}

fn all<T>(rows: Vec<Row>, read: fn(Row) -> Result<T, DbError>) -> Result<Vec<T>, DbError> {
    rows.into_iter().map(read).collect()
}

/// Writes a row with the code over it.
pub fn add(conn: &mut dyn Conn, record: &Record, code: [u8; 32]) -> Result<(), DbError> {
    let args = [
        record.created_at.into(),
        Value::from(&record.action),
        record.actor_id.into(),
        Value::from(&record.actor_username),
        record.token_id.into(),
        Value::from(&record.target_kind),
        record.target_id.into(),
        Value::from(&record.target_name),
        Value::from(&record.entity_kind),
        record.entity_id.into(),
        Value::from(&record.address),
        Value::from(&record.request_id),
        Value::from(&record.surface),
        Value::from(&record.details),
        record.writer.into(),
        record.number.into(),
        code.into(),
    ];
    conn.exec(ADD, &args).map(drop)
}

/// How many rows tell of this action.
pub fn count(conn: &mut dyn Conn, action: &str) -> Result<i64, DbError> {
    conn.number(COUNT, &[action.into()])
}

/// Rows beyond a number that no seal covers yet.
pub fn unsealed(conn: &mut dyn Conn, after: i64, limit: i64) -> Result<Vec<Stored>, DbError> {
    all(conn.rows(UNSEALED, &[after.into(), limit.into()])?, stored)
}

/// Whether any row waits for its seal.
pub fn waiting(conn: &mut dyn Conn) -> Result<bool, DbError> {
    Ok(conn.row(WAITING, &[])?.is_some())
}

/// Puts the rows of a range that no seal covers under one; says how many they were.
pub fn cover(conn: &mut dyn Conn, seal: i64, first: i64, last: i64) -> Result<u64, DbError> {
    conn.exec(COVER, &[seal.into(), first.into(), last.into()])
}

/// Sealed rows beyond one, in the order of their seals and numbers.
pub fn sealed(conn: &mut dyn Conn, after: (i64, i64), limit: i64) -> Result<Vec<Stored>, DbError> {
    all(conn.rows(SEALED, &[after.0.into(), after.1.into(), limit.into()])?, stored)
}

/// Lays a seal.
pub fn add_seal(conn: &mut dyn Conn, seal: &Seal) -> Result<(), DbError> {
    let args = [
        seal.number.into(),
        seal.sealed_at.into(),
        Value::from(&seal.ids),
        Value::Bytes(seal.content.clone()),
        Value::Bytes(seal.code.clone()),
    ];
    conn.exec(ADD_SEAL, &args).map(drop)
}

/// Seals beyond a number, in order.
pub fn seals(conn: &mut dyn Conn, after: i64, limit: i64) -> Result<Vec<Seal>, DbError> {
    all(conn.rows(SEALS, &[after.into(), limit.into()])?, seal)
}

/// The seal of this number.
pub fn seal_of(conn: &mut dyn Conn, number: i64) -> Result<Option<Seal>, DbError> {
    conn.row(SEAL, &[number.into()])?.map(seal).transpose()
}

/// The newest seal.
pub fn newest(conn: &mut dyn Conn) -> Result<Option<Seal>, DbError> {
    conn.row(NEWEST, &[])?.map(seal).transpose()
}

/// The seal up to which retention removed the records.
pub fn anchor(conn: &mut dyn Conn) -> Result<Option<i64>, DbError> {
    conn.row(ANCHOR, &[])?.map_or(Ok(None), |row| row.cells().opt_int())
}

/// Rows that say they are covered by a seal beyond this one.
pub fn strays(conn: &mut dyn Conn, newest: i64, limit: i64) -> Result<Vec<i64>, DbError> {
    all(conn.rows(STRAYS, &[newest.into(), limit.into()])?, |row| row.cells().int())
}

/// Removes the records of a seal and of all before it, and those seals; the seal itself stays, marked. Says
/// how many records they were.
pub fn retain_after(conn: &mut dyn Conn, number: i64, anchor: [u8; 32]) -> Result<u64, DbError> {
    let removed = conn.exec(REMOVE_EVENTS, &[number.into()])?;
    conn.exec(REMOVE_SEALS, &[number.into()])?;
    conn.exec(SET_ANCHOR, &[number.into(), anchor.into()])?;
    Ok(removed)
}

/// Which records a list shall have.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Those of this kind of object.
    pub entity_kind: Option<&'static str>,
    /// Those of the object of this number.
    pub entity_id: Option<i64>,
    /// Those of whoever is called so.
    pub author: Option<String>,
    /// Those whose action holds this text.
    pub action: Option<String>,
    /// The record of this number alone.
    pub id: Option<i64>,
    /// Made at this instant or later.
    pub created_after: Option<Timestamp>,
    /// Made at this instant or before.
    pub created_before: Option<Timestamp>,
    /// Those of a higher number.
    pub id_after: Option<i64>,
    /// Those of a lower number.
    pub id_before: Option<i64>,
    /// None: asked for was something that no record has.
    pub nothing: bool,
}

/// A record with what is known today of those it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The record.
    pub event: Stored,
    /// The name of who did it, and their address.
    pub author: Option<(String, String)>,
    /// The path of the project or group, or the name of the user, that it belongs to.
    pub entity_path: Option<String>,
}

/// The orders of lists of records.
pub const ORDERS: &Orders = &[("id", "e.id", "e.id DESC")];

/// The list of the records that a filter lets through.
pub fn filter(wanted: &EventFilter) -> Filter {
    let columns = concat!(
        event_columns!(),
        ", u.name, u.email, COALESCE(p.full_path, n.full_path, o.username)"
    );
    let from = "audit_events e LEFT JOIN users u ON u.id = e.actor_id
        LEFT JOIN projects p ON e.entity_kind = 'project' AND p.id = e.entity_id
        LEFT JOIN namespaces n ON e.entity_kind = 'group' AND n.id = e.entity_id
        LEFT JOIN users o ON e.entity_kind = 'user' AND o.id = e.entity_id";
    let mut filter = Filter::new(columns, from, &[]);
    filter
        .and_some("e.entity_kind = ?", wanted.entity_kind)
        .and_some("e.entity_id = ?", wanted.entity_id)
        .and_some("e.actor_username = ?", wanted.author.as_ref())
        .and_some("e.action LIKE ? ESCAPE '\\'", wanted.action.as_deref().map(containing))
        .and_some("e.id = ?", wanted.id)
        .and_some("e.created_at >= ?", wanted.created_after)
        .and_some("e.created_at <= ?", wanted.created_before)
        .and_some("e.id > ?", wanted.id_after)
        .and_some("e.id < ?", wanted.id_before);
    if wanted.nothing {
        filter.and("1 = 0", &[]);
    }
    filter
}

/// Reads a row of such a list.
pub fn listed(row: Row) -> Result<Listed, DbError> {
    let Row(mut cells) = row;
    let more = cells.split_off(cells.len().saturating_sub(3));
    let event = stored(Row(cells))?;
    let mut more = Row(more).cells();
    let author = more.opt_text()?.zip(more.opt_text()?);
    Ok(Listed { event, author, entity_path: more.opt_text()? })
}
