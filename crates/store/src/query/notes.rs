//! Notes on issues.

use tessera_model::issue::{Issue, Note};
use tessera_model::time::Timestamp;

use super::filter::{Filter, Listed, Slice};
use super::people;
use crate::sql::{Conn, DbError, Row, Value};

macro_rules! note_columns {
    () => {
        "t.id, t.body, t.author_id, t.created_at, t.updated_at"
    };
}

queries! {
    BY_ID = concat!("SELECT ", note_columns!(), " FROM notes t WHERE t.id = ?1 AND t.issue_id = ?2");
    INSERT = "INSERT INTO notes (issue_id, author_id, body, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?4) RETURNING id";
    UPDATE = "UPDATE notes SET body = ?2, updated_by_id = ?3, updated_at = ?4 WHERE id = ?1";
    DELETE = "DELETE FROM notes WHERE id = ?1";
}

/// A row before its author is joined to it.
struct Bare {
    id: i64,
    body: String,
    author_id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn read(row: Row) -> Result<Bare, DbError> {
    let mut cells = row.cells();
    Ok(Bare {
        id: cells.int()?,
        body: cells.text()?,
        author_id: cells.int()?,
        created_at: cells.time()?,
        updated_at: cells.time()?,
    })
}

fn complete(conn: &mut dyn Conn, issue: &Issue, rows: Vec<Bare>) -> Result<Vec<Note>, DbError> {
    let people = people::shown(conn, rows.iter().map(|row| row.author_id).collect())?;
    rows.into_iter()
        .map(|row| {
            Ok(Note {
                id: row.id,
                issue_id: issue.id,
                issue_iid: issue.iid,
                project_id: issue.project_id,
                body: row.body,
                author: people::one(&people, row.author_id)?,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        })
        .collect()
}

/// The note of this number on an issue.
pub fn by_id(conn: &mut dyn Conn, issue: &Issue, id: i64) -> Result<Option<Note>, DbError> {
    let found = conn.row(BY_ID, &[id.into(), issue.id.into()])?.map(read).transpose()?;
    Ok(complete(conn, issue, found.into_iter().collect())?.pop())
}

/// Stores a new note and returns its number.
pub fn insert(
    conn: &mut dyn Conn,
    issue_id: i64,
    author_id: i64,
    body: &str,
    at: Timestamp,
) -> Result<i64, DbError> {
    conn.insert(INSERT, &[issue_id.into(), author_id.into(), Value::from(body), at.into()])
}

/// Stores what a note says now.
pub fn update(
    conn: &mut dyn Conn,
    id: i64,
    body: &str,
    by: Option<i64>,
    now: Timestamp,
) -> Result<(), DbError> {
    conn.exec(UPDATE, &[id.into(), Value::from(body), by.into(), now.into()]).map(drop)
}

/// Removes a note.
pub fn delete(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(DELETE, &[id.into()]).map(drop)
}

/// The orders of a list.
pub const ORDERS: &[(&str, &str, &str)] = &[
    ("created_at", "t.created_at, t.id", "t.created_at DESC, t.id DESC"),
    ("updated_at", "t.updated_at, t.id", "t.updated_at DESC, t.id DESC"),
];

/// Lists the notes of an issue.
pub fn list(
    conn: &mut dyn Conn,
    issue: &Issue,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Note>, DbError> {
    let listed = filter(issue.id).list(conn, order, slice, read)?;
    Ok(Listed { items: complete(conn, issue, listed.items)?, total: listed.total })
}

/// Some of an issue's notes, the oldest first; how many there are the issue itself says.
pub fn some(conn: &mut dyn Conn, issue: &Issue, slice: Slice) -> Result<Vec<Note>, DbError> {
    let rows = filter(issue.id).page(conn, "t.created_at, t.id", slice, read)?;
    complete(conn, issue, rows)
}

/// The list query of an issue's notes.
pub fn filter(issue_id: i64) -> Filter {
    let mut filter = Filter::new(note_columns!(), "notes t", &[]);
    filter.and("t.issue_id = ?", &[issue_id.into()]);
    filter
}
