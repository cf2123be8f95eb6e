//! Facts of the instance.

use crate::sql::{Conn, DbError};

queries! {
    GET = "SELECT value FROM instance WHERE name = ?1";
    PUT = "INSERT INTO instance (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// The fact of this name.
pub fn get(conn: &mut dyn Conn, name: &str) -> Result<Option<String>, DbError> {
    conn.row(GET, &[name.into()])?.map_or(Ok(None), |row| row.cells().opt_text())
}

/// Sets a fact.
pub fn put(conn: &mut dyn Conn, name: &str, value: &str) -> Result<(), DbError> {
    conn.exec(PUT, &[name.into(), value.into()]).map(drop)
}
