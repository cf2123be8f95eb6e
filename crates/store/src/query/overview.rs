//! The instance at a glance.

use crate::sql::{Conn, DbError};

queries! {
    COUNTS = "SELECT (SELECT COUNT(*) FROM users WHERE kind = 'human' AND state = 'active'),
        (SELECT COUNT(*) FROM users WHERE kind = 'human' AND state = 'blocked'),
        (SELECT COUNT(*) FROM users WHERE kind = 'project_bot' AND state <> 'ghosted'),
        (SELECT COUNT(*) FROM namespaces WHERE owner_id IS NULL),
        (SELECT COUNT(*) FROM projects),
        (SELECT COUNT(*) FROM projects WHERE empty = FALSE),
        (SELECT COUNT(*) FROM jobs WHERE last_error IS NULL),
        (SELECT COUNT(*) FROM jobs WHERE last_error IS NOT NULL)";
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// People who may act.
    pub active: i64,
    /// People whom an administrator blocked.
    pub blocked: i64,
    /// Bots.
    pub bots: i64,
    /// Groups, subgroups included.
    pub groups: i64,
    /// Projects.
    pub projects: i64,
    /// Projects to which something was pushed: each has a repository on disk.
    pub repositories: i64,
    /// Jobs that wait for their time, or are being done.
    pub waiting_jobs: i64,
    /// Jobs that failed and wait for another try.
    pub failed_jobs: i64,
}

/// Counts what there is.
pub fn counts(conn: &mut dyn Conn) -> Result<Counts, DbError> {
    let row = conn.row(COUNTS, &[])?.ok_or(DbError::Shape { wanted: "counts", found: "no row" })?;
    let mut cells = row.cells();
    Ok(Counts {
        active: cells.int()?,
        blocked: cells.int()?,
        bots: cells.int()?,
        groups: cells.int()?,
        projects: cells.int()?,
        repositories: cells.int()?,
        waiting_jobs: cells.int()?,
        failed_jobs: cells.int()?,
    })
}
