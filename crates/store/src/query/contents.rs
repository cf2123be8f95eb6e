//! What lies in a project, in numbers.

use tessera_model::time::Date;

use crate::sql::{Conn, DbError};

queries! {
    CONTENTS = "SELECT (SELECT COUNT(*) FROM issues i WHERE i.project_id = ?1),
        (SELECT COUNT(*) FROM members m WHERE m.project_id = ?1 AND m.person = TRUE),
        (SELECT COUNT(*) FROM members m WHERE m.project_id = ?1 AND m.person = FALSE),
        (SELECT COUNT(*) FROM tokens t WHERE t.project_id = ?1 AND t.revoked = FALSE
            AND (t.expires_on IS NULL OR t.expires_on > ?2)),
        (SELECT COUNT(*) FROM web_hooks h WHERE h.project_id = ?1)";
}

/// What lies in a project, its repository aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Issues, open and closed.
    pub issues: i64,
    /// People who are members directly.
    pub people: i64,
    /// Bots.
    pub bots: i64,
    /// Access tokens that are good still.
    pub tokens: i64,
    /// Web hooks.
    pub hooks: i64,
}

/// Counts what lies in a project.
pub fn of_project(conn: &mut dyn Conn, id: i64, today: Date) -> Result<Contents, DbError> {
    let row = conn.row(CONTENTS, &[id.into(), today.into()])?;
    let mut cells =
        row.ok_or(DbError::Shape { wanted: "five numbers", found: "no row" })?.cells();
    Ok(Contents {
        issues: cells.int()?,
        people: cells.int()?,
        bots: cells.int()?,
        tokens: cells.int()?,
        hooks: cells.int()?,
    })
}
