//! Protected branches and tags.

use tessera_model::protection::{Action, Grant, Holder, Level, ProtectedRef, RefKind};
use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError};

queries! {
    OF_PROJECT = "SELECT r.id, r.kind, r.name, r.allow_force_push FROM protected_refs r
        WHERE r.project_id = ?1 ORDER BY r.id";
    GRANTS = "SELECT a.protected_ref_id, a.id, a.action, a.access_level, a.user_id, u.name
        FROM protected_ref_access a JOIN protected_refs r ON r.id = a.protected_ref_id
        LEFT JOIN users u ON u.id = a.user_id
        WHERE r.project_id = ?1 ORDER BY a.id";
    INSERT = "INSERT INTO protected_refs (project_id, kind, name, allow_force_push, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (project_id, kind, name) DO NOTHING RETURNING id";
    SET_FORCE = "UPDATE protected_refs SET allow_force_push = ?2 WHERE id = ?1";
    DELETE = "DELETE FROM protected_refs WHERE id = ?1";
    INSERT_GRANT = "INSERT INTO protected_ref_access (protected_ref_id, action, access_level, user_id)
        VALUES (?1, ?2, ?3, ?4)";
    UPDATE_GRANT = "UPDATE protected_ref_access SET access_level = ?2, user_id = ?3 WHERE id = ?1";
    DELETE_GRANT = "DELETE FROM protected_ref_access WHERE id = ?1";
    DELETE_GRANTS = "DELETE FROM protected_ref_access WHERE protected_ref_id = ?1";
}

fn kind(name: &str) -> RefKind {
    if name == RefKind::Tag.name() { RefKind::Tag } else { RefKind::Branch }
}

/// Every rule of a project, branches and tags, in the order in which they were made.
pub fn of_project(conn: &mut dyn Conn, project_id: i64) -> Result<Vec<ProtectedRef>, DbError> {
    let mut refs = Vec::new();
    for row in conn.rows(OF_PROJECT, &[project_id.into()])? {
        let mut cells = row.cells();
        refs.push(ProtectedRef {
            id: cells.int()?,
            kind: kind(&cells.text()?),
            name: cells.text()?,
            allow_force_push: cells.bool()?,
            grants: Vec::new(),
        });
    }
    if refs.is_empty() {
        return Ok(refs);
    }
    for row in conn.rows(GRANTS, &[project_id.into()])? {
        let mut cells = row.cells();
        let (of, id, action) = (cells.int()?, cells.int()?, cells.text()?);
        let (level, user, name) = (cells.opt_int()?, cells.opt_int()?, cells.opt_text()?);
        let holder = match user {
            Some(id) => Holder::User { id, name: name.unwrap_or_default() },
            None => Holder::Level(Level::from_number(level.unwrap_or(0))),
        };
        let rule = refs.binary_search_by_key(&of, |rule| rule.id).ok().and_then(|at| refs.get_mut(at));
        if let (Some(rule), Some(action)) = (rule, Action::parse(&action)) {
            rule.grants.push(Grant { id, action, holder });
        }
    }
    Ok(refs)
}

/// Makes a rule and returns its number; `None` when there is one of this name.
pub fn insert(
    conn: &mut dyn Conn,
    project_id: i64,
    kind: RefKind,
    name: &str,
    allow_force_push: bool,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    let args = [project_id.into(), kind.name().into(), name.into(), allow_force_push.into(), now.into()];
    conn.row(INSERT, &args)?.map(|row| row.cells().int()).transpose()
}

/// Says whether those who may push may force.
pub fn set_force(conn: &mut dyn Conn, id: i64, allow: bool) -> Result<(), DbError> {
    conn.exec(SET_FORCE, &[id.into(), allow.into()]).map(drop)
}

/// Removes a rule with its grants.
pub fn delete(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(DELETE_GRANTS, &[id.into()])?;
    conn.exec(DELETE, &[id.into()]).map(drop)
}

fn keys(holder: &Holder) -> (Option<i64>, Option<i64>) {
    match holder {
        Holder::Level(level) => (Some(level.number()), None),
        Holder::User { id, .. } => (None, Some(*id)),
    }
}

/// Adds a grant to a rule.
pub fn add_grant(conn: &mut dyn Conn, rule: i64, action: Action, holder: &Holder) -> Result<(), DbError> {
    let (level, user) = keys(holder);
    conn.exec(INSERT_GRANT, &[rule.into(), action.name().into(), level.into(), user.into()]).map(drop)
}

/// Gives a grant to somebody else.
pub fn change_grant(conn: &mut dyn Conn, id: i64, holder: &Holder) -> Result<(), DbError> {
    let (level, user) = keys(holder);
    conn.exec(UPDATE_GRANT, &[id.into(), level.into(), user.into()]).map(drop)
}

/// Takes a grant back.
pub fn delete_grant(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(DELETE_GRANT, &[id.into()]).map(drop)
}
