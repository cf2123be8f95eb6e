//! What becomes of everything that points at a user who goes (B7, D8). A test reads the schema, so
//! that no foreign key to a user is forgotten here.

use crate::sql::{Conn, DbError};

/// What becomes of rows that point at a user who goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are the Ghost User's from now on.
    Ghost,
    /// They point at nobody.
    Null,
    /// They go too.
    Delete,
    /// They go before the user can go; the use case removes them with what hangs on them.
    Before,
}

/// Table, column, fate, in the order in which they are moved.
pub const FATES: &[(&str, &str, Fate)] = &[
    ("issues", "author_id", Fate::Ghost),
    ("notes", "author_id", Fate::Ghost),
    ("issues", "updated_by_id", Fate::Null),
    ("issues", "closed_by_id", Fate::Null),
    ("notes", "updated_by_id", Fate::Null),
    ("issue_assignees", "user_id", Fate::Delete),
    ("protected_ref_access", "user_id", Fate::Delete),
    ("members", "user_id", Fate::Delete),
    ("token_notices", "user_id", Fate::Delete),
    ("otp_backup_codes", "user_id", Fate::Delete),
    ("sessions", "user_id", Fate::Delete),
    ("members", "created_by_id", Fate::Null),
    ("projects", "creator_id", Fate::Null),
    ("users", "created_by_id", Fate::Null),
    ("pushes", "user_id", Fate::Null),
    ("tokens", "user_id", Fate::Null),
    ("namespaces", "owner_id", Fate::Before),
];

/// The statement that settles at most some rows of one table; its parameters are the user, the Ghost
/// User (where rows move) and the number of rows.
pub fn statement(table: &str, column: &str, fate: Fate) -> Option<String> {
    let chosen = format!("SELECT id FROM {table} WHERE {column} = ?1 ORDER BY id LIMIT ?2");
    match fate {
        Fate::Ghost => Some(format!("UPDATE {table} SET {column} = ?3 WHERE id IN ({chosen})")),
        Fate::Null => Some(format!("UPDATE {table} SET {column} = NULL WHERE id IN ({chosen})")),
        Fate::Delete => Some(format!("DELETE FROM {table} WHERE id IN ({chosen})")),
        Fate::Before => None,
    }
}

/// The query that counts the rows of each fate that point at the user of its parameter, in the order of [`FATES`].
pub fn counting() -> String {
    let count = |(place, (table, column, _)): (usize, &(&str, &str, Fate))| {
        format!("SELECT {place}, COUNT(*) FROM {table} WHERE {column} = ?1")
    };
    FATES.iter().enumerate().map(count).collect::<Vec<_>>().join(" UNION ALL ")
}

/// How many rows of each fate point at a user, in the order of [`FATES`].
///
/// # Errors
/// What the database answers.
pub fn count(conn: &mut dyn Conn, user: i64) -> Result<Vec<i64>, DbError> {
    let mut counts = vec![0; FATES.len()];
    for row in conn.rows(&counting(), &[user.into()])? {
        let mut cells = row.cells();
        let place = usize::try_from(cells.int()?).unwrap_or(usize::MAX);
        if let Some(count) = counts.get_mut(place) {
            *count = cells.int()?;
        }
    }
    Ok(counts)
}

/// Settles at most `limit` rows that point at `user`; returns how many are left of that limit. With
/// something left, nothing points at the user any more.
///
/// # Errors
/// What the database answers.
pub fn settle(conn: &mut dyn Conn, user: i64, ghost: i64, limit: i64) -> Result<i64, DbError> {
    let mut left = limit;
    for (table, column, fate) in FATES {
        let Some(sql) = statement(table, column, *fate) else { continue };
        if left <= 0 {
            break;
        }
        let mut args = vec![user.into(), left.into()];
        if *fate == Fate::Ghost {
            args.push(ghost.into());
        }
        left -= i64::try_from(conn.exec(&sql, &args)?).unwrap_or(i64::MAX);
    }
    Ok(left.max(0))
}
