//! What a restored database is compared with, and what is put right in it. Both are read a page at a time, in the order
//! of numbers.

use tessera_model::time::Timestamp;
use tessera_model::user::{UserKind, UserState};

use crate::sql::{Conn, DbError, Row};

queries! {
    REVOKED = "SELECT id, created_at FROM tokens WHERE revoked = TRUE AND id > ?1 ORDER BY id LIMIT ?2";
    LIVE = "SELECT id, created_at FROM tokens WHERE revoked = FALSE AND id > ?1 ORDER BY id LIMIT ?2";
    USERS = "SELECT id, created_at, kind, state FROM users WHERE id > ?1 ORDER BY id LIMIT ?2";
    COUNTS = "SELECT id, created_at, bot_counter, issue_counter FROM projects WHERE id > ?1 ORDER BY id LIMIT ?2";
    RAISE_COUNTS = "UPDATE projects SET
        bot_counter = CASE WHEN bot_counter < ?3 THEN ?3 ELSE bot_counter END,
        issue_counter = CASE WHEN issue_counter < ?4 THEN ?4 ELSE issue_counter END
        WHERE id = ?1 AND created_at = ?2";
    REOPEN = "UPDATE pushes SET state = 'granted', ended_at = NULL WHERE state = 'done' AND created_at >= ?1";
}

/// Rows of a page.
const PAGE: i64 = 5000;

/// A row, by its number and the moment in which it was made: together they tell it from one of another history.
pub type Known = (i64, Timestamp);

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUser {
    /// Which.
    pub known: Known,
    /// Its kind.
    pub kind: UserKind,
    /// Its state.
    pub state: UserState,
}

/// How many bots and issues a project ever had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Which project.
    pub known: Known,
    /// Its bots.
    pub bots: i64,
    /// Its issues.
    pub issues: i64,
}

fn each<T>(
    conn: &mut dyn Conn,
    sql: &str,
    read: fn(Row) -> Result<(Known, T), DbError>,
    mut found: impl FnMut(Known, T),
) -> Result<(), DbError> {
    let mut after = 0;
    loop {
        let page = conn.rows(sql, &[after.into(), PAGE.into()])?;
        let last = i64::try_from(page.len()).unwrap_or(0) < PAGE;
        for row in page {
            let (known, rest) = read(row)?;
            after = known.0;
            found(known, rest);
        }
        if last {
            return Ok(());
        }
    }
}

fn known(row: Row) -> Result<(Known, ()), DbError> {
    let mut cells = row.cells();
    Ok(((cells.int()?, cells.time()?), ()))
}

/// Every revoked token.
pub fn revoked(conn: &mut dyn Conn, mut found: impl FnMut(Known)) -> Result<(), DbError> {
    each(conn, REVOKED, known, |known, ()| found(known))
}

/// Every token that is not revoked.
pub fn live(conn: &mut dyn Conn, mut found: impl FnMut(Known)) -> Result<(), DbError> {
    each(conn, LIVE, known, |known, ()| found(known))
}

/// Every user.
pub fn users(conn: &mut dyn Conn, mut found: impl FnMut(KnownUser)) -> Result<(), DbError> {
    let read = |row: Row| {
        let mut cells = row.cells();
        let known = (cells.int()?, cells.time()?);
        Ok((known, (UserKind::parse(&cells.text()?), UserState::parse(&cells.text()?))))
    };
    each(conn, USERS, read, |known, (kind, state)| found(KnownUser { known, kind, state }))
}

/// The counts of every project.
pub fn counts(conn: &mut dyn Conn, mut found: impl FnMut(Counts)) -> Result<(), DbError> {
    let read = |row: Row| {
        let mut cells = row.cells();
        Ok(((cells.int()?, cells.time()?), (cells.int()?, cells.int()?)))
    };
    each(conn, COUNTS, read, |known, (bots, issues)| found(Counts { known, bots, issues }))
}

/// Lets a project go on counting where it stood: no number of a bot or an issue is used twice (D2).
pub fn raise_counts(conn: &mut dyn Conn, counts: &Counts) -> Result<(), DbError> {
    let (id, created_at) = counts.known;
    conn.exec(RAISE_COUNTS, &[id.into(), created_at.into(), counts.bots.into(), counts.issues.into()]).map(drop)
}

/// Opens the pushes again that were granted since: their references may have moved after the repositories were
/// copied. Whoever opens the instance next compares them with the repositories.
pub fn reopen_pushes(conn: &mut dyn Conn, since: Timestamp) -> Result<u64, DbError> {
    conn.exec(REOPEN, &[since.into()])
}
