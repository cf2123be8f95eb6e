//! What `tessera doctor` asks the database.

use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError, Value};

queries! {
    PROJECTS = "SELECT id, empty FROM projects WHERE id > ?1 ORDER BY id LIMIT ?2";
    WAITING_MAILS = "SELECT COUNT(*) FROM mails WHERE state = 'waiting' AND created_at < ?1";
    REFUSED_MAILS = "SELECT COUNT(*) FROM mails WHERE state <> 'waiting' AND state <> 'sent'";
    WAITING_CALLS = "SELECT COUNT(*) FROM web_hook_deliveries WHERE state = 'waiting' AND created_at < ?1";
    OVERDUE_JOBS = "SELECT COUNT(*) FROM jobs
        WHERE run_at < ?1 AND created_at < ?1 AND (leased_until IS NULL OR leased_until < ?1)";
    FAILING_JOBS = "SELECT COUNT(*) FROM jobs WHERE attempts > 2 AND last_error IS NOT NULL";
    UNDONE_DAILY_JOBS = "SELECT COUNT(*) FROM daily_jobs d
        WHERE d.asked_for < ?1 AND COALESCE(d.done_at, 0) < d.asked_for
        AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.kind = d.name AND j.created_at >= ?1)";
    TOKENS_WITHOUT_USER = "SELECT COUNT(*) FROM tokens t WHERE t.revoked = FALSE
        AND (t.user_id IS NULL OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id))";
    BOTS_WITHOUT_TOKEN = "SELECT COUNT(*) FROM users u WHERE u.kind = 'project_bot' AND u.state <> 'ghosted'
        AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.user_id = u.id)";
    NEWEST_RECORD = "SELECT MAX(created_at) FROM audit_events";
}

/// Projects of a page.
const PAGE: i64 = 5000;

/// Every project, and whether nothing was ever pushed to it.
pub fn projects(conn: &mut dyn Conn, mut found: impl FnMut(i64, bool)) -> Result<(), DbError> {
    let mut after = 0;
    loop {
        let page = conn.rows(PROJECTS, &[after.into(), PAGE.into()])?;
        let last = i64::try_from(page.len()).unwrap_or(0) < PAGE;
        for row in page {
            let mut cells = row.cells();
            let (id, empty) = (cells.int()?, cells.bool()?);
            after = id;
            found(id, empty);
        }
        if last {
            return Ok(());
        }
    }
}

/// What does not go on as it should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stuck {
    /// Mails that have waited since before a point in time.
    pub waiting_mails: i64,
    /// Mails that were refused for good.
    pub refused_mails: i64,
    /// Calls of web hooks that have waited since before it.
    pub waiting_calls: i64,
    /// Jobs that were asked for and due before it and that nobody works on.
    pub overdue_jobs: i64,
    /// Jobs that failed several times.
    pub failing_jobs: i64,
    /// Daily jobs that were due before it, were not asked for lately, and have not run.
    pub undone_daily_jobs: i64,
    /// Tokens that are not revoked and whose user is gone.
    pub tokens_without_user: i64,
    /// Bots that never had a token, as a creation that was cut in the middle would leave them.
    pub bots_without_token: i64,
}

/// Counts what was to be done before a point in time and is not.
pub fn stuck(conn: &mut dyn Conn, before: Timestamp) -> Result<Stuck, DbError> {
    let before: [Value; 1] = [before.into()];
    Ok(Stuck {
        waiting_mails: conn.number(WAITING_MAILS, &before)?,
        refused_mails: conn.number(REFUSED_MAILS, &[])?,
        waiting_calls: conn.number(WAITING_CALLS, &before)?,
        overdue_jobs: conn.number(OVERDUE_JOBS, &before)?,
        failing_jobs: conn.number(FAILING_JOBS, &[])?,
        undone_daily_jobs: conn.number(UNDONE_DAILY_JOBS, &before)?,
        tokens_without_user: conn.number(TOKENS_WITHOUT_USER, &[])?,
        bots_without_token: conn.number(BOTS_WITHOUT_TOKEN, &[])?,
    })
}

/// When the newest record of the audit log was written.
pub fn newest_record(conn: &mut dyn Conn) -> Result<Option<Timestamp>, DbError> {
    conn.row(NEWEST_RECORD, &[])?.map_or(Ok(None), |row| row.cells().opt_time())
}
