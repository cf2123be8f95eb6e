//! What became of each attempt to call a web hook.

use tessera_model::time::Timestamp;

use super::filter::{Filter, Listed, Slice};
use crate::sql::{Cells, Conn, DbError, Value};

const COLUMNS: &str = "e.id, e.trigger_name, e.request_headers, e.request_body, e.response_headers, e.response_body, \
                       e.status, e.error, e.micros, e.created_at";

queries! {
    ADD = "INSERT INTO web_hook_events (web_hook_id, trigger_name, idempotency_key, request_headers, request_body,
        response_headers, response_body, status, error, micros, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    BY_ID = "SELECT e.trigger_name, e.idempotency_key, e.request_body FROM web_hook_events e
        WHERE e.id = ?1 AND e.web_hook_id = ?2";
    FORGET = "DELETE FROM web_hook_events WHERE id IN (SELECT e.id FROM web_hook_events e
        WHERE e.created_at <= ?1 ORDER BY e.created_at LIMIT ?2)";
}

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// The event that was told, in GitLab's words.
    pub trigger: String,
    /// What was sent, the headers as JSON and without secrets.
    pub request_headers: String,
    /// What was sent.
    pub request_body: String,
    /// What came back, the headers as JSON.
    pub response_headers: String,
    /// The beginning of what came back.
    pub response_body: String,
    /// The status that came back, if one did.
    pub status: Option<i64>,
    /// Why none did.
    pub error: Option<String>,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// When.
    pub created_at: Timestamp,
}

/// Which statuses are looked for; both ends belong to it.
pub type Statuses = (i64, i64);

fn read(cells: &mut Cells) -> Result<Event, DbError> {
    Ok(Event {
        id: cells.int()?,
        trigger: cells.text()?,
        request_headers: cells.text()?,
        request_body: cells.text()?,
        response_headers: cells.text()?,
        response_body: cells.text()?,
        status: cells.opt_int()?,
        error: cells.opt_text()?,
        micros: cells.int()?,
        created_at: cells.time()?,
    })
}

/// Writes an attempt down.
pub fn add(conn: &mut dyn Conn, web_hook_id: i64, key: &str, event: &Event) -> Result<(), DbError> {
    let args = [
        web_hook_id.into(),
        Value::from(&event.trigger),
        key.into(),
        Value::from(&event.request_headers),
        Value::from(&event.request_body),
        Value::from(&event.response_headers),
        Value::from(&event.response_body),
        event.status.into(),
        event.error.clone().into(),
        event.micros.into(),
        event.created_at.into(),
    ];
    conn.exec(ADD, &args).map(drop)
}

/// A page of a hook's attempts since a time, the youngest first: those with one of these statuses, and with `failed` those
/// without any; all when neither is asked for.
pub fn list(
    conn: &mut dyn Conn,
    web_hook_id: i64,
    since: Timestamp,
    statuses: &[Statuses],
    failed: bool,
    slice: Slice,
) -> Result<Listed<Event>, DbError> {
    let mut filter = Filter::new(COLUMNS, "web_hook_events e", &[]);
    filter.and("e.web_hook_id = ?", &[web_hook_id.into()]);
    filter.and("e.created_at > ?", &[since.into()]);
    if failed || !statuses.is_empty() {
        let mut parts = vec!["(e.status >= ? AND e.status <= ?)"; statuses.len()];
        parts.extend(failed.then_some("e.status IS NULL"));
        let args: Vec<Value> = statuses.iter().flat_map(|(low, high)| [(*low).into(), (*high).into()]).collect();
        filter.and(&parts.join(" OR "), &args);
    }
    filter.list(conn, "e.id DESC", slice, |row| read(&mut row.cells()))
}

/// What is needed to send an attempt again: the event, the number that it bore, and its body.
pub fn by_id(
    conn: &mut dyn Conn,
    id: i64,
    web_hook_id: i64,
) -> Result<Option<(String, String, String)>, DbError> {
    let Some(row) = conn.row(BY_ID, &[id.into(), web_hook_id.into()])? else { return Ok(None) };
    let mut cells = row.cells();
    Ok(Some((cells.text()?, cells.text()?, cells.text()?)))
}

/// Removes at most so many that are older than a time, and says how many.
pub fn forget(conn: &mut dyn Conn, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    conn.exec(FORGET, &[before.into(), limit.into()])
}
