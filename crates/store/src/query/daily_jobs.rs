//! When the jobs of every day were asked for.

use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError};

queries! {
    ASK = "INSERT INTO daily_jobs (name, asked_for) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET asked_for = excluded.asked_for
        WHERE daily_jobs.asked_for < excluded.asked_for";
    DONE = "UPDATE daily_jobs SET done_at = ?2 WHERE name = ?1";
    ALL = "SELECT name, asked_for, done_at FROM daily_jobs ORDER BY name";
}

/// A daily job's past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The job's name.
    pub name: String,
    /// The point in time for which it was last asked.
    pub asked_for: Timestamp,
    /// When it last came to its end.
    pub done_at: Option<Timestamp>,
}

/// Claims a point in time for a job: true for exactly one of all who try, on whichever node, and for nobody once a
/// later point was claimed.
pub fn ask(conn: &mut dyn Conn, name: &str, time: Timestamp) -> Result<bool, DbError> {
    Ok(conn.exec(ASK, &[name.into(), time.into()])? > 0)
}

/// The job came to its end.
pub fn done(conn: &mut dyn Conn, name: &str, now: Timestamp) -> Result<(), DbError> {
    conn.exec(DONE, &[name.into(), now.into()]).map(drop)
}

/// Every job that was ever asked for.
pub fn all(conn: &mut dyn Conn) -> Result<Vec<Asked>, DbError> {
    let rows = conn.rows(ALL, &[])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok(Asked { name: cells.text()?, asked_for: cells.time()?, done_at: cells.opt_time()? })
        })
        .collect()
}
