//! What has outlived its reason: bots without a live secret, memberships that ended.

use tessera_model::role::Role;
use tessera_model::time::{Date, Timestamp};

use crate::sql::{Conn, DbError};

queries! {
    // A token that is revoked and expired has been dead since the earlier of both.
    INACTIVE_BOT = "SELECT u.id FROM users u
        WHERE u.id > ?1 AND u.kind = 'project_bot' AND u.state <> 'ghosted' AND u.created_at <= ?2
            AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.user_id = u.id
                AND (t.revoked = FALSE OR COALESCE(t.revoked_at, t.created_at) > ?2)
                AND (t.expires_on IS NULL OR t.expires_on > ?3))
        ORDER BY u.id LIMIT 1";
    ENDED_MEMBERS = "SELECT m.id, m.user_id, u.username, m.namespace_id, m.project_id, m.access_level,
            COALESCE(n.full_path, p.full_path)
        FROM members m JOIN users u ON u.id = m.user_id
        LEFT JOIN namespaces n ON n.id = m.namespace_id LEFT JOIN projects p ON p.id = m.project_id
        WHERE m.expires_on <= ?1 AND m.id > ?2 AND u.kind = 'human'
        ORDER BY m.id LIMIT ?3";
}

/// The first bot after this number all of whose secrets have been dead since `cutoff`. A bot that was made later is
/// none, whether it has a secret or not.
pub fn inactive_bot(conn: &mut dyn Conn, after: i64, cutoff: Timestamp) -> Result<Option<i64>, DbError> {
    let row = conn.row(INACTIVE_BOT, &[after.into(), cutoff.into(), cutoff.date().into()])?;
    row.map(|row| row.cells().int()).transpose()
}

/// A membership whose date has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedMember {
    /// The number of the membership.
    pub id: i64,
    /// Whose: number and username.
    pub user: (i64, String),
    /// Its group, if it is one of a group.
    pub group_id: Option<i64>,
    /// Its project, if it is one of a project.
    pub project_id: Option<i64>,
    /// The role that it gave.
    pub role: Role,
    /// The path of the group or project.
    pub full_path: String,
}

/// People's memberships, by their numbers from `after` on, that count no more today.
pub fn ended_members(
    conn: &mut dyn Conn,
    today: Date,
    after: i64,
    limit: i64,
) -> Result<Vec<EndedMember>, DbError> {
    let rows = conn.rows(ENDED_MEMBERS, &[today.into(), after.into(), limit.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok(EndedMember {
                id: cells.int()?,
                user: (cells.int()?, cells.text()?),
                group_id: cells.opt_int()?,
                project_id: cells.opt_int()?,
                role: Role::from_level(cells.int()?).unwrap_or(Role::Guest),
                full_path: cells.text()?,
            })
        })
        .collect()
}
