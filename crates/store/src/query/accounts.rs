//! What hangs on a user's account: its home, its memberships, how much it has and is waited for.

use tessera_model::time::{Date, Timestamp};
use tessera_model::user::User;

use super::filter::{Filter, Listed, Slice};
use super::projects::Viewer;
use super::users;
use crate::sql::{Conn, DbError, Row, Value};

queries! {
    REMAINS = "SELECT (SELECT COUNT(*) FROM issues i WHERE i.author_id = ?1),
        (SELECT COUNT(*) FROM notes w WHERE w.author_id = ?1),
        (SELECT COUNT(*) FROM projects p JOIN namespaces n ON n.id = p.namespace_id WHERE n.owner_id = ?1),
        (SELECT COUNT(*) FROM tokens t WHERE t.user_id = ?1 AND t.revoked = FALSE),
        (SELECT COUNT(*) FROM members m WHERE m.user_id = ?1)";
    RENAME_BEARER = "UPDATE tokens SET bearer_username = ?2 WHERE user_id = ?1";
    REVOKE_AT_HOME = "UPDATE tokens SET revoked = TRUE, revoked_at = ?2, revoked_by = ?3
        WHERE revoked = FALSE AND project_id IN (SELECT p.id FROM projects p
            JOIN namespaces n ON n.id = p.namespace_id WHERE n.owner_id = ?1) RETURNING id";
    ASSIGNED = "SELECT COUNT(*) FROM issue_assignees a JOIN issues i ON i.id = a.issue_id
        JOIN projects p ON p.id = i.project_id
        WHERE a.user_id = ?1 AND i.state = 'opened' AND p.archived = FALSE";
    AUTHORED = "SELECT COUNT(*) FROM issues i WHERE i.author_id = ?1";
    GROUPS = "SELECT COUNT(*) FROM members m WHERE m.user_id = ?1 AND m.namespace_id IS NOT NULL
        AND (m.expires_on IS NULL OR m.expires_on > ?2)";
    PROJECTS = "SELECT COUNT(*) FROM projects p
        WHERE p.id IN (SELECT m.project_id FROM members m WHERE m.user_id = ?1 AND m.project_id IS NOT NULL
                AND (m.expires_on IS NULL OR m.expires_on > ?2))
            OR p.namespace_id IN (WITH RECURSIVE own (id) AS (
                SELECT m.namespace_id FROM members m WHERE m.user_id = ?1 AND m.namespace_id IS NOT NULL
                    AND (m.expires_on IS NULL OR m.expires_on > ?2)
                UNION SELECT c.id FROM namespaces c JOIN own ON c.parent_id = own.id)
            SELECT id FROM own)";
}

/// Writes a user's new name into the rows of its tokens.
pub fn rename_bearer(conn: &mut dyn Conn, user_id: i64, username: &str) -> Result<(), DbError> {
    conn.exec(RENAME_BEARER, &[user_id.into(), username.into()]).map(drop)
}

/// Revokes the tokens of every project in a user's own namespace and returns the numbers of those that
/// lived.
pub fn revoke_at_home(
    conn: &mut dyn Conn,
    user_id: i64,
    by: &str,
    now: Timestamp,
) -> Result<Vec<i64>, DbError> {
    let rows = conn.rows(REVOKE_AT_HOME, &[user_id.into(), now.into(), by.into()])?;
    rows.into_iter().map(|row| row.cells().int()).collect()
}

/// How many open issues are assigned to a user, archived projects aside.
pub fn assigned_issues(conn: &mut dyn Conn, user_id: i64) -> Result<i64, DbError> {
    conn.number(ASSIGNED, &[user_id.into()])
}

/// How much belongs to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Associations {
    /// Groups of which it is a direct member.
    pub groups: i64,
    /// Projects of which it is a member, through groups too.
    pub projects: i64,
    /// Issues that it opened.
    pub issues: i64,
}

/// Counts what belongs to a user; memberships that ended by `today` do not count.
pub fn associations(conn: &mut dyn Conn, user_id: i64, today: Date) -> Result<Associations, DbError> {
    Ok(Associations {
        groups: conn.number(GROUPS, &[user_id.into(), today.into()])?,
        projects: conn.number(PROJECTS, &[user_id.into(), today.into()])?,
        issues: conn.number(AUTHORED, &[user_id.into()])?,
    })
}

/// What a user leaves behind, and what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remains {
    /// Issues that it opened: they become the Ghost User's.
    pub issues: i64,
    /// Comments that it wrote: they become the Ghost User's.
    pub notes: i64,
    /// Projects in its own namespace: they go with it.
    pub projects: i64,
    /// Its tokens that are not revoked.
    pub tokens: i64,
    /// Memberships in projects and groups.
    pub memberships: i64,
}

/// Counts what a user would leave behind.
pub fn remains(conn: &mut dyn Conn, user_id: i64) -> Result<Remains, DbError> {
    let row = conn.row(REMAINS, &[user_id.into()])?.ok_or(DbError::Shape { wanted: "counts", found: "no row" })?;
    let mut cells = row.cells();
    Ok(Remains {
        issues: cells.int()?,
        notes: cells.int()?,
        projects: cells.int()?,
        tokens: cells.int()?,
        memberships: cells.int()?,
    })
}

/// Adds "one of these numbers" to a list.
fn among(filter: &mut Filter, column: &str, ids: &[i64]) {
    let marks = vec!["?"; ids.len()].join(", ");
    let values: Vec<Value> = ids.iter().map(|id| (*id).into()).collect();
    filter.and(&format!("{column} IN ({marks})"), &values);
}

fn every(ids: &[i64]) -> Slice {
    Slice { limit: i64::try_from(ids.len()).unwrap_or(i64::MAX), offset: 0 }
}

/// The users of these numbers, in the order of their numbers.
pub fn by_ids(conn: &mut dyn Conn, ids: &[i64]) -> Result<Vec<User>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = Filter::new(user_columns!(), "users u", &[]);
    among(&mut filter, "u.id", ids);
    Ok(filter.list(conn, "u.id", every(ids), |row: Row| users::read(&mut row.cells()))?.items)
}

/// The namespaces of these users: pairs of the user's number and the namespace's.
pub fn homes(conn: &mut dyn Conn, ids: &[i64]) -> Result<Vec<(i64, i64)>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = Filter::new("n.owner_id, n.id", "namespaces n", &[]);
    among(&mut filter, "n.owner_id", ids);
    let pair = |row: Row| {
        let mut cells = row.cells();
        Ok((cells.int()?, cells.int()?))
    };
    Ok(filter.list(conn, "n.id", every(ids), pair)?.items)
}

/// Those of these projects that the viewer sees.
pub fn projects_seen(conn: &mut dyn Conn, viewer: &Viewer, ids: &[i64]) -> Result<Vec<i64>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = Filter::new("p.id", "projects p", &[]);
    among(&mut filter, "p.id", ids);
    viewer.restrict_projects(&mut filter);
    Ok(filter.list(conn, "p.id", every(ids), |row: Row| row.cells().int())?.items)
}

/// A place that a user is a member of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// The number of the project or group.
    pub id: i64,
    /// Its display name.
    pub name: String,
    /// Its full path.
    pub full_path: String,
    /// Whether it is a project.
    pub is_project: bool,
    /// The level of the user's role in it.
    pub level: i64,
}

/// Lists what a user is a member of, in the order in which it became one; `projects`: only projects, or
/// only groups.
pub fn memberships(
    conn: &mut dyn Conn,
    user_id: i64,
    projects: Option<bool>,
    today: Date,
    slice: Slice,
) -> Result<Listed<Belonging>, DbError> {
    memberships_filter(user_id, projects, today).list(conn, "m.id", slice, |row| {
        let mut cells = row.cells();
        let (group, project) = (cells.opt_int()?, cells.opt_int()?);
        Ok(Belonging {
            id: project.or(group).unwrap_or(0),
            is_project: project.is_some(),
            level: cells.int()?,
            name: cells.text()?,
            full_path: cells.text()?,
        })
    })
}

/// The list query of [`memberships`].
pub fn memberships_filter(user_id: i64, projects: Option<bool>, today: Date) -> Filter {
    let mut filter = Filter::new(
        "m.namespace_id, m.project_id, m.access_level, COALESCE(n.name, p.name), COALESCE(n.full_path, p.full_path)",
        "members m LEFT JOIN namespaces n ON n.id = m.namespace_id LEFT JOIN projects p ON p.id = m.project_id",
        &[],
    );
    filter.and("m.user_id = ?", &[user_id.into()]);
    filter.and("m.expires_on IS NULL OR m.expires_on > ?", &[today.into()]);
    match projects {
        Some(true) => _ = filter.and("m.project_id IS NOT NULL", &[]),
        Some(false) => _ = filter.and("m.namespace_id IS NOT NULL", &[]),
        None => {}
    }
    filter
}
