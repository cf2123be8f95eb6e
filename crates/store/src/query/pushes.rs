//! Pushes whose references were granted, from the verdict until it is known what became of them.

use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError, Row};

queries! {
    INSERT = "INSERT INTO pushes (project_id, user_id, token_id, updates, state, created_at)
        VALUES (?1, ?2, ?3, ?4, 'granted', ?5) RETURNING id";
    BY_ID = "SELECT id, project_id, updates FROM pushes WHERE id = ?1 AND state = 'granted'";
    OPEN = "SELECT id, project_id, updates FROM pushes WHERE state = 'granted' ORDER BY id";
    CLOSE = "UPDATE pushes SET state = ?2, ended_at = ?3 WHERE id = ?1 AND state = 'granted'";
    EMPTIED = "UPDATE projects SET empty = TRUE, default_branch = ?2 WHERE id = ?1";
}

/// A push that was granted and of which nobody knows yet what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPush {
    /// Its number.
    pub id: i64,
    /// Of which project.
    pub project_id: i64,
    /// Its references, as JSON text.
    pub updates: String,
}

fn read(row: Row) -> Result<OpenPush, DbError> {
    let mut cells = row.cells();
    Ok(OpenPush { id: cells.int()?, project_id: cells.int()?, updates: cells.text()? })
}

/// Notes a push as granted and returns its number.
pub fn grant(
    conn: &mut dyn Conn,
    project_id: i64,
    user_id: Option<i64>,
    token_id: Option<i64>,
    updates: &str,
    now: Timestamp,
) -> Result<i64, DbError> {
    conn.insert(INSERT, &[project_id.into(), user_id.into(), token_id.into(), updates.into(), now.into()])
}

/// A push, while it is open.
pub fn open_one(conn: &mut dyn Conn, id: i64) -> Result<Option<OpenPush>, DbError> {
    conn.row(BY_ID, &[id.into()])?.map(read).transpose()
}

/// Every open push, oldest first.
pub fn open(conn: &mut dyn Conn) -> Result<Vec<OpenPush>, DbError> {
    conn.rows(OPEN, &[])?.into_iter().map(read).collect()
}

/// Closes a push: `done` when references moved, `void` when none did. Says whether it was open.
pub fn close(conn: &mut dyn Conn, id: i64, moved: bool, now: Timestamp) -> Result<bool, DbError> {
    let state = if moved { "done" } else { "void" };
    Ok(conn.exec(CLOSE, &[id.into(), state.into(), now.into()])? > 0)
}

/// Takes a first push back that moved nothing.
pub fn emptied(conn: &mut dyn Conn, project_id: i64, default_branch: &str) -> Result<(), DbError> {
    conn.exec(EMPTIED, &[project_id.into(), default_branch.into()]).map(drop)
}
