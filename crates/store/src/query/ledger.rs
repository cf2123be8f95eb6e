//! The ledger of tokens: who used one, from where, for what, minute by minute (U10).

use super::filter::{Filter, Listed, Slice};
use crate::sql::{Conn, DbError, Row};

queries! {
    ADD = "INSERT INTO token_uses (token_id, minute, address, operation, project_id, class, uses)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (token_id, minute, address, operation, project_id, class)
        DO UPDATE SET uses = token_uses.uses + excluded.uses";
    FORGET = "DELETE FROM token_uses
        WHERE minute < ?1 AND minute <= (SELECT MIN(u.minute) FROM token_uses u) + ?2";
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the token.
    pub token_id: i64,
    /// The minute, counted from 1970.
    pub minute: i64,
    /// The address from which it was used.
    pub address: String,
    /// The operation of the table.
    pub operation: String,
    /// The project that was asked for.
    pub project_id: Option<i64>,
    /// The first digit of the answers' status.
    pub class: i64,
    /// How often.
    pub uses: i64,
}

/// Adds to a line of the ledger.
pub fn add(conn: &mut dyn Conn, entry: &Entry) -> Result<(), DbError> {
    let args = [
        entry.token_id.into(),
        entry.minute.into(),
        entry.address.as_str().into(),
        entry.operation.as_str().into(),
        entry.project_id.unwrap_or(0).into(),
        entry.class.into(),
        entry.uses.into(),
    ];
    conn.exec(ADD, &args).map(drop)
}

/// A token's lines, the newest first.
pub fn of_token(conn: &mut dyn Conn, token_id: i64, slice: Slice) -> Result<Listed<Entry>, DbError> {
    let mut filter = Filter::new(
        "u.token_id, u.minute, u.address, u.operation, u.project_id, u.class, u.uses",
        "token_uses u",
        &[],
    );
    filter.and("u.token_id = ?", &[token_id.into()]);
    let order = "u.minute DESC, u.address DESC, u.operation DESC, u.project_id DESC, u.class DESC";
    filter.list(conn, order, slice, read)
}

fn read(row: Row) -> Result<Entry, DbError> {
    let mut cells = row.cells();
    Ok(Entry {
        token_id: cells.int()?,
        minute: cells.int()?,
        address: cells.text()?,
        operation: cells.text()?,
        project_id: Some(cells.int()?).filter(|id| *id != 0),
        class: cells.int()?,
        uses: cells.int()?,
    })
}

/// Forgets some of the lines from before a minute, the oldest first; returns how many went. Nothing is left when
/// none went.
pub fn forget(conn: &mut dyn Conn, before: i64, minutes: i64) -> Result<u64, DbError> {
    conn.exec(FORGET, &[before.into(), minutes.into()])
}
