//! How many tokens end when.

use tessera_model::time::Date;
use tessera_model::token::TokenKind;

use crate::sql::{Conn, DbError, Row};

queries! {
    ENDING = "SELECT t.expires_on, t.kind, COUNT(*) FROM tokens t WHERE t.revoked = FALSE AND t.expires_on > ?1
        GROUP BY t.expires_on, t.kind";
    BETWEEN = "SELECT t.expires_on, t.kind, COUNT(*) FROM tokens t WHERE t.revoked = FALSE AND t.expires_on > ?1
        AND t.expires_on <= ?2 GROUP BY t.expires_on, t.kind";
    ENDLESS = "SELECT t.kind, COUNT(*) FROM tokens t WHERE t.revoked = FALSE AND t.expires_on IS NULL GROUP BY t.kind";
}

/// How many tokens of each kind, none of them revoked, end on which date after this one. Answered by an index alone.
pub fn ending(conn: &mut dyn Conn, after: Date) -> Result<Vec<(Date, TokenKind, i64)>, DbError> {
    by_day(conn.rows(ENDING, &[after.into()])?)
}

/// The same, for dates up to `last`.
pub fn between(conn: &mut dyn Conn, after: Date, last: Date) -> Result<Vec<(Date, TokenKind, i64)>, DbError> {
    by_day(conn.rows(BETWEEN, &[after.into(), last.into()])?)
}

fn by_day(rows: Vec<Row>) -> Result<Vec<(Date, TokenKind, i64)>, DbError> {
    let mut found = Vec::new();
    for row in rows {
        let mut cells = row.cells();
        // Where it is compared it is there.
        let Some(date) = cells.opt_date()? else { continue };
        found.push((date, TokenKind::parse(&cells.text()?), cells.int()?));
    }
    Ok(found)
}

/// How many tokens of each kind, none of them revoked, have no end. It reads the whole table: an index would cost every
/// token that is made.
pub fn endless(conn: &mut dyn Conn) -> Result<Vec<(TokenKind, i64)>, DbError> {
    let read = |row: Row| {
        let mut cells = row.cells();
        Ok((TokenKind::parse(&cells.text()?), cells.int()?))
    };
    conn.rows(ENDLESS, &[])?.into_iter().map(read).collect()
}
