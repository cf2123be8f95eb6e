//! Figures of the instance.

use crate::sql::{Conn, DbError};

queries! {
    PEOPLE = "SELECT COUNT(*) FROM users WHERE kind = 'human' AND state = ?1";
    BOTS = "SELECT COUNT(*) FROM users WHERE kind = 'project_bot' AND state <> 'ghosted'";
    GROUPS = "SELECT COUNT(*) FROM namespaces WHERE owner_id IS NULL";
    PROJECTS = "SELECT COUNT(*) FROM projects";
    ISSUES = "SELECT COUNT(*) FROM issues";
    NOTES = "SELECT COUNT(*) FROM notes";
}

/// People, as they take seats: bots and the Ghost User are none, and who is on the way out is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct People {
    /// Those who may act.
    pub active: i64,
    /// Those whom an administrator blocked.
    pub blocked: i64,
}

/// How many people there are.
pub fn people(conn: &mut dyn Conn) -> Result<People, DbError> {
    Ok(People { active: conn.number(PEOPLE, &["active".into()])?, blocked: conn.number(PEOPLE, &["blocked".into()])? })
}

/// How many bots there are.
pub fn bots(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(BOTS, &[])
}

/// How many groups there are, subgroups included.
pub fn groups(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(GROUPS, &[])
}

/// How many projects there are.
pub fn projects(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(PROJECTS, &[])
}

/// How many issues there are.
pub fn issues(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(ISSUES, &[])
}

/// How many notes there are.
pub fn notes(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(NOTES, &[])
}
