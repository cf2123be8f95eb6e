//! Work that is done after its cause was committed.

use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError};

queries! {
    ADD = "INSERT INTO jobs (kind, args, unique_key, run_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (unique_key) DO NOTHING";
    CLAIM = "UPDATE jobs SET leased_until = ?2, attempts = attempts + 1
        WHERE id = (SELECT j.id FROM jobs j
            WHERE j.run_at <= ?1 AND (j.leased_until IS NULL OR j.leased_until <= ?1)
            ORDER BY j.run_at, j.id LIMIT 1)
        AND (leased_until IS NULL OR leased_until <= ?1)
        RETURNING id, kind, args, attempts";
    DONE = "DELETE FROM jobs WHERE id = ?1";
    RETRY = "UPDATE jobs SET leased_until = NULL, run_at = ?2, last_error = ?3 WHERE id = ?1";
    RENEW = "UPDATE jobs SET leased_until = ?2 WHERE id = ?1";
    CONTINUE = "UPDATE jobs SET leased_until = NULL, attempts = 0, run_at = ?2, args = ?3 WHERE id = ?1";
    WAITING = "SELECT COUNT(*) FROM jobs";
    LIST = "SELECT id, kind, args, attempts, run_at, leased_until, last_error FROM jobs ORDER BY run_at, id LIMIT ?1";
    KIND = "SELECT kind FROM jobs WHERE id = ?1";
    HASTEN = "UPDATE jobs SET run_at = ?2 WHERE id = ?1 AND (leased_until IS NULL OR leased_until <= ?2)";
}

/// A job in the worker's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// To what, as JSON text.
    pub args: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Asks for a job; with a key that is waiting already, nothing is added.
pub fn add(
    conn: &mut dyn Conn,
    kind: &str,
    args: &str,
    unique_key: Option<&str>,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<(), DbError> {
    conn.exec(ADD, &[kind.into(), args.into(), unique_key.into(), run_at.into(), now.into()]).map(drop)
}

/// Takes the next due job for a while; when its worker dies another one takes it after that.
pub fn claim(conn: &mut dyn Conn, now: Timestamp, until: Timestamp) -> Result<Option<Job>, DbError> {
    let Some(row) = conn.row(CLAIM, &[now.into(), until.into()])? else { return Ok(None) };
    let mut cells = row.cells();
    Ok(Some(Job { id: cells.int()?, kind: cells.text()?, args: cells.text()?, attempts: cells.int()? }))
}

/// The job is done.
pub fn done(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(DONE, &[id.into()]).map(drop)
}

/// The job's worker is alive and keeps it until then.
pub fn renew(conn: &mut dyn Conn, id: i64, until: Timestamp) -> Result<(), DbError> {
    conn.exec(RENEW, &[id.into(), until.into()]).map(drop)
}

/// The job failed and is tried again later.
pub fn retry(conn: &mut dyn Conn, id: i64, at: Timestamp, error: &str) -> Result<(), DbError> {
    conn.exec(RETRY, &[id.into(), at.into(), error.into()]).map(drop)
}

/// The job got a step further and goes on.
pub fn go_on(conn: &mut dyn Conn, id: i64, at: Timestamp, args: &str) -> Result<(), DbError> {
    conn.exec(CONTINUE, &[id.into(), at.into(), args.into()]).map(drop)
}

/// How many jobs wait.
pub fn waiting(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(WAITING, &[])
}

/// A job that is not done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub id: i64,
    /// What to do.
    pub kind: String,
    /// To what, as JSON text.
    pub args: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is due.
    pub run_at: Timestamp,
    /// Until when a worker has it.
    pub leased_until: Option<Timestamp>,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

/// The jobs that are not done yet, the soonest first, at most so many.
pub fn list(conn: &mut dyn Conn, limit: i64) -> Result<Vec<Waiting>, DbError> {
    let rows = conn.rows(LIST, &[limit.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok(Waiting {
                id: cells.int()?,
                kind: cells.text()?,
                args: cells.text()?,
                attempts: cells.int()?,
                run_at: cells.time()?,
                leased_until: cells.opt_time()?,
                last_error: cells.opt_text()?,
            })
        })
        .collect()
}

/// What the job of this number is to do, if it is not done yet.
pub fn kind(conn: &mut dyn Conn, id: i64) -> Result<Option<String>, DbError> {
    conn.row(KIND, &[id.into()])?.map(|row| row.cells().text()).transpose()
}

/// Makes a job due; says whether that was done: not while a worker has it.
pub fn hasten(conn: &mut dyn Conn, id: i64, now: Timestamp) -> Result<bool, DbError> {
    Ok(conn.exec(HASTEN, &[id.into(), now.into()])? > 0)
}
