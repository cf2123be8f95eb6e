//! What an error of PostgreSQL means to the caller, and whether the transaction is worth another run.

use std::error::Error as _;
use std::io;

use postgres::Error;

use crate::sql::DbError;

/// Why a transaction may fare better when it runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It met another one; with time it gets through.
    Conflict,
    /// A constraint failed. The row in the way may be younger than our snapshot, so that the closure
    /// looked for it in vain: in a new snapshot it finds it and gives its own answer.
    Younger,
    /// A prepared statement is out of date: another node has changed the schema.
    Stale,
    /// The connection broke before the commit was sent: nothing was done.
    Lost,
}

/// Judges an error; `closed` says that the connection is gone.
pub(super) fn judge(error: &Error, closed: bool) -> (DbError, Option<Again>) {
    let text = describe(error);
    let Some(answer) = error.as_db_error() else {
        let broken = error.source().is_some_and(<dyn std::error::Error>::is::<io::Error>);
        return if closed || broken || error.is_closed() {
            (DbError::Unavailable(text), Some(Again::Lost))
        } else {
            (DbError::Failed(text), None)
        };
    };
    let code = answer.code().code();
    match (code, code.get(..2).unwrap_or_default()) {
        ("40001" | "40P01", _) => (DbError::Conflict, Some(Again::Conflict)),
        ("23505", _) => {
            (DbError::Taken(answer.constraint().map_or(text, str::to_owned)), Some(Again::Younger))
        }
        ("23503", _) => (DbError::Failed(text), Some(Again::Younger)),
        ("0A000" | "26000", _) => (DbError::Failed(text), Some(Again::Stale)),
        // The server stops, has timed us out, or has become a standby.
        ("57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" | "25006", _) | (_, "08") => {
            (DbError::Unavailable(text), Some(Again::Lost))
        }
        // Cancelled by a timeout; who may log in; no such database; no room, memory or connection left.
        ("57014" | "55P03" | "3D000", _) | (_, "28" | "53" | "58") => (DbError::Unavailable(text), None),
        _ => (DbError::Failed(text), None),
    }
}

/// The error in words. The server's details and hints are left out: they quote rows.
pub(super) fn describe(error: &Error) -> String {
    if let Some(answer) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", answer.message(), answer.code().code());
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
