//! Instance settings, each a row with JSON text.

use crate::sql::{Conn, DbError};

queries! {
    ALL = "SELECT name, value FROM settings ORDER BY name";
    ONE = "SELECT value FROM settings WHERE name = ?1";
    PUT = "INSERT INTO settings (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// Every setting that was ever set: names and JSON texts.
pub fn all(conn: &mut dyn Conn) -> Result<Vec<(String, String)>, DbError> {
    let rows = conn.rows(ALL, &[])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok((cells.text()?, cells.text()?))
        })
        .collect()
}

/// One setting's JSON text, if it was ever set.
pub fn one(conn: &mut dyn Conn, name: &str) -> Result<Option<String>, DbError> {
    conn.row(ONE, &[name.into()])?.map_or(Ok(None), |row| row.cells().opt_text())
}

/// Sets a setting.
pub fn put(conn: &mut dyn Conn, name: &str, json: &str) -> Result<(), DbError> {
    conn.exec(PUT, &[name.into(), json.into()]).map(drop)
}
