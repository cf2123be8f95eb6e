//! Feature flags and their gates.

use tessera_model::time::Timestamp;

use super::filter::Filter;
use crate::sql::{Conn, DbError, Row};

queries! {
    ALL_GATES = "SELECT feature, gate, value FROM feature_gates ORDER BY feature, gate, value";
    NAMES = "SELECT name FROM features ORDER BY name";
    GATES = "SELECT gate, value FROM feature_gates WHERE feature = ?1 ORDER BY gate, value";
    EXISTS = "SELECT 1 FROM features WHERE name = ?1";
    ADD = "INSERT INTO features (name, created_at) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
    REMOVE = "DELETE FROM features WHERE name = ?1";
    ADD_GATE = "INSERT INTO feature_gates (feature, gate, value) VALUES (?1, ?2, ?3)
        ON CONFLICT (feature, gate, value) DO NOTHING";
    REMOVE_GATE = "DELETE FROM feature_gates WHERE feature = ?1 AND gate = ?2 AND value = ?3";
    CLEAR_GATE = "DELETE FROM feature_gates WHERE feature = ?1 AND gate = ?2";
    CLEAR = "DELETE FROM feature_gates WHERE feature = ?1";
}

/// The names of all flags that were ever set.
pub fn names(conn: &mut dyn Conn) -> Result<Vec<String>, DbError> {
    conn.rows(NAMES, &[])?.into_iter().map(|row| row.cells().text()).collect()
}

/// Whether a flag was ever set (and not removed since).
pub fn exists(conn: &mut dyn Conn, name: &str) -> Result<bool, DbError> {
    Ok(conn.row(EXISTS, &[name.into()])?.is_some())
}

/// The gates of a flag: kinds and values.
pub fn gates(conn: &mut dyn Conn, name: &str) -> Result<Vec<(String, String)>, DbError> {
    let rows = conn.rows(GATES, &[name.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok((cells.text()?, cells.text()?))
        })
        .collect()
}

/// The gates of all flags: names, kinds and values.
pub fn all_gates(conn: &mut dyn Conn) -> Result<Vec<(String, String, String)>, DbError> {
    let rows = conn.rows(ALL_GATES, &[])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok((cells.text()?, cells.text()?, cells.text()?))
        })
        .collect()
}

/// Where these projects are: numbers and full paths.
pub fn paths_of(conn: &mut dyn Conn, projects: &[i64]) -> Result<Vec<(i64, String)>, DbError> {
    if projects.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = Filter::new("p.id, p.full_path", "projects p", &[]);
    let ids: Vec<_> = projects.iter().map(|id| (*id).into()).collect();
    filter.and(&format!("p.id IN ({})", vec!["?"; ids.len()].join(", ")), &ids);
    let read = |row: Row| {
        let mut cells = row.cells();
        Ok((cells.int()?, cells.text()?))
    };
    Ok(filter.first(conn, "p.full_path", i64::try_from(ids.len()).unwrap_or(i64::MAX - 1), read)?.0)
}

/// Makes a flag known.
pub fn add(conn: &mut dyn Conn, name: &str, now: Timestamp) -> Result<(), DbError> {
    conn.exec(ADD, &[name.into(), now.into()]).map(drop)
}

/// Forgets a flag and its gates.
pub fn remove(conn: &mut dyn Conn, name: &str) -> Result<(), DbError> {
    conn.exec(CLEAR, &[name.into()])?;
    conn.exec(REMOVE, &[name.into()]).map(drop)
}

/// Opens a gate.
pub fn add_gate(conn: &mut dyn Conn, name: &str, gate: &str, value: &str) -> Result<(), DbError> {
    conn.exec(ADD_GATE, &[name.into(), gate.into(), value.into()]).map(drop)
}

/// Closes a gate.
pub fn remove_gate(conn: &mut dyn Conn, name: &str, gate: &str, value: &str) -> Result<(), DbError> {
    conn.exec(REMOVE_GATE, &[name.into(), gate.into(), value.into()]).map(drop)
}

/// Closes all gates of one kind.
pub fn clear_gate(conn: &mut dyn Conn, name: &str, gate: &str) -> Result<(), DbError> {
    conn.exec(CLEAR_GATE, &[name.into(), gate.into()]).map(drop)
}

/// Closes all gates.
pub fn clear(conn: &mut dyn Conn, name: &str) -> Result<(), DbError> {
    conn.exec(CLEAR, &[name.into()]).map(drop)
}
