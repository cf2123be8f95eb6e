//! Web hooks of projects.

use tessera_model::time::Timestamp;
use tessera_model::web_hook::{Events, Health, WebHook};

use super::filter::{Filter, Listed, Slice};
use crate::sql::{Cells, Conn, DbError, Value};

macro_rules! hook_columns {
    () => {
        "h.id, h.project_id, h.name, h.description, h.events, h.branch_filter, h.branch_strategy, h.verifies_tls, \
         h.failures, h.disabled_until, h.created_at, h.updated_at, h.sealed"
    };
}

queries! {
    BY_ID = concat!("SELECT ", hook_columns!(), " FROM web_hooks h WHERE h.id = ?1 AND h.project_id = ?2");
    COUNT = "SELECT COUNT(*) FROM web_hooks WHERE project_id = ?1";
    INSERT = "INSERT INTO web_hooks (project_id, sealed, name, description, events, branch_filter, branch_strategy,
        verifies_tls, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) RETURNING id";
    UPDATE = "UPDATE web_hooks SET sealed = ?2, name = ?3, description = ?4, events = ?5, branch_filter = ?6,
        branch_strategy = ?7, verifies_tls = ?8, updated_at = ?9 WHERE id = ?1";
    BY_NUMBER = concat!("SELECT ", hook_columns!(), " FROM web_hooks h WHERE h.id = ?1");
    FARED = "UPDATE web_hooks SET failures = ?2, disabled_until = ?3 WHERE id = ?1";
    CLEAR_DELIVERIES = "DELETE FROM web_hook_deliveries WHERE web_hook_id = ?1";
    CLEAR_EVENTS = "DELETE FROM web_hook_events WHERE web_hook_id = ?1";
    DELETE = "DELETE FROM web_hooks WHERE id = ?1";
}

/// A hook with what is sealed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The hook.
    pub hook: WebHook,
    /// Its URL and secrets.
    pub sealed: Vec<u8>,
}

fn read(cells: &mut Cells) -> Result<Stored, DbError> {
    let hook = WebHook {
        id: cells.int()?,
        project_id: cells.int()?,
        name: cells.opt_text()?,
        description: cells.opt_text()?,
        events: Events(cells.int()?),
        branch_filter: cells.opt_text()?,
        branch_strategy: cells.text()?,
        verifies_tls: cells.bool()?,
        health: Health { failures: cells.int()?, disabled_until: cells.opt_time()? },
        created_at: cells.time()?,
        updated_at: cells.time()?,
    };
    Ok(Stored { hook, sealed: cells.opt_bytes()?.unwrap_or_default() })
}

/// The hook of this number, if it is this project's.
pub fn by_id(conn: &mut dyn Conn, id: i64, project_id: i64) -> Result<Option<Stored>, DbError> {
    conn.row(BY_ID, &[id.into(), project_id.into()])?.map(|row| read(&mut row.cells())).transpose()
}

/// The hook of this number, whosever it is.
pub fn by_number(conn: &mut dyn Conn, id: i64) -> Result<Option<Stored>, DbError> {
    conn.row(BY_NUMBER, &[id.into()])?.map(|row| read(&mut row.cells())).transpose()
}

/// Remembers how a hook has fared.
pub fn fared(conn: &mut dyn Conn, id: i64, health: Health) -> Result<(), DbError> {
    conn.exec(FARED, &[id.into(), health.failures.into(), health.disabled_until.into()]).map(drop)
}

/// A page of a project's hooks, by their numbers.
pub fn list(conn: &mut dyn Conn, project_id: i64, slice: Slice) -> Result<Listed<Stored>, DbError> {
    let mut filter = Filter::new(hook_columns!(), "web_hooks h", &[]);
    filter.and("h.project_id = ?", &[project_id.into()]);
    filter.list(conn, "h.id", slice, |row| read(&mut row.cells()))
}

/// How many hooks a project has.
pub fn count(conn: &mut dyn Conn, project_id: i64) -> Result<i64, DbError> {
    conn.number(COUNT, &[project_id.into()])
}

/// Stores a new hook, whose number is not looked at, and returns its own.
pub fn insert(conn: &mut dyn Conn, stored: &Stored, now: Timestamp) -> Result<i64, DbError> {
    let Stored { hook, sealed } = stored;
    let args = [
        hook.project_id.into(),
        Value::Bytes(sealed.clone()),
        hook.name.clone().into(),
        hook.description.clone().into(),
        hook.events.0.into(),
        hook.branch_filter.clone().into(),
        Value::from(&hook.branch_strategy),
        hook.verifies_tls.into(),
        now.into(),
    ];
    conn.insert(INSERT, &args)
}

/// Stores what may be changed of a hook.
pub fn update(conn: &mut dyn Conn, stored: &Stored, now: Timestamp) -> Result<(), DbError> {
    let Stored { hook, sealed } = stored;
    let args = [
        hook.id.into(),
        Value::Bytes(sealed.clone()),
        hook.name.clone().into(),
        hook.description.clone().into(),
        hook.events.0.into(),
        hook.branch_filter.clone().into(),
        Value::from(&hook.branch_strategy),
        hook.verifies_tls.into(),
        now.into(),
    ];
    conn.exec(UPDATE, &args).map(drop)
}

/// Removes a hook with its calls.
pub fn delete(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(CLEAR_DELIVERIES, &[id.into()])?;
    conn.exec(CLEAR_EVENTS, &[id.into()])?;
    conn.exec(DELETE, &[id.into()]).map(drop)
}
