//! Namespaces: groups and people's own.

use tessera_model::project::{Membership, Namespace};
use tessera_model::role::Role;
use tessera_model::time::{Date, Timestamp};
use tessera_model::visibility::Visibility;

use super::filter::{Filter, Listed, Slice, containing};
use super::projects::Viewer;
use crate::sql::{Cells, Conn, DbError, Value};

queries! {
    BY_ID = concat!("SELECT ", namespace_columns!(), " FROM namespaces n WHERE n.id = ?1");
    BY_PATH = concat!("SELECT ", namespace_columns!(), " FROM namespaces n WHERE n.full_path_key = ?1");
    OF_USER = concat!("SELECT ", namespace_columns!(), " FROM namespaces n WHERE n.owner_id = ?1");
    INSERT = "INSERT INTO namespaces (parent_id, owner_id, path, full_path, full_path_key, name, full_name,
        description, visibility, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10) RETURNING id";
    UPDATE = "UPDATE namespaces SET path = ?2, full_path = ?3, full_path_key = ?4, name = ?5, full_name = ?6,
        description = ?7, visibility = ?8, token_creation_allowed = ?9, updated_at = ?10 WHERE id = ?1";
    DELETE = "DELETE FROM namespaces WHERE id = ?1";
    PATH_TAKEN = "SELECT 1 FROM namespaces WHERE full_path_key = ?1 AND id <> ?2
        UNION ALL SELECT 1 FROM projects WHERE full_path_key = ?1 AND id <> ?3";
    UPDATED_AT = "SELECT updated_at FROM namespaces WHERE id = ?1";
    CHILDREN = concat!("SELECT ", namespace_columns!(), " FROM namespaces n WHERE n.parent_id = ?1 ORDER BY n.id");
    CHAIN = "WITH RECURSIVE chain (id, parent_id) AS (
            SELECT n.id, n.parent_id FROM namespaces n WHERE n.id = ?1
            UNION ALL SELECT n.id, n.parent_id FROM namespaces n JOIN chain ON n.id = chain.parent_id)
        SELECT n.id, n.full_path, n.full_name FROM chain JOIN namespaces n ON n.id = chain.id";
    ROLE = "WITH RECURSIVE chain (id, parent_id, depth) AS (
            SELECT n.id, n.parent_id, 0 FROM namespaces n WHERE n.id = ?1
            UNION ALL SELECT n.id, n.parent_id, chain.depth + 1 FROM namespaces n JOIN chain ON n.id = chain.parent_id)
        SELECT MAX(CASE WHEN chain.depth = 0 THEN m.access_level END),
            MAX(CASE WHEN chain.depth > 0 THEN m.access_level END)
        FROM members m JOIN chain ON m.namespace_id = chain.id
        WHERE m.user_id = ?2 AND (m.expires_on IS NULL OR m.expires_on > ?3)";
    /// Whether something below a namespace, or the namespace itself, has the user as a member.
    LEADS_TO_MEMBER = "WITH RECURSIVE up (id) AS (
            SELECT p.namespace_id FROM members m JOIN projects p ON p.id = m.project_id
                WHERE m.user_id = ?2 AND (m.expires_on IS NULL OR m.expires_on > ?3)
            UNION SELECT m.namespace_id FROM members m
                WHERE m.user_id = ?2 AND m.namespace_id IS NOT NULL AND (m.expires_on IS NULL OR m.expires_on > ?3)
            UNION SELECT c.parent_id FROM namespaces c JOIN up ON c.id = up.id WHERE c.parent_id IS NOT NULL)
        SELECT COUNT(*) FROM up WHERE id = ?1";
    WIDEST_BELOW = "SELECT
            (SELECT MAX(p.visibility) FROM projects p WHERE p.namespace_id = ?1),
            (SELECT MAX(c.visibility) FROM namespaces c WHERE c.parent_id = ?1)";
    TOKEN_CREATION = "WITH RECURSIVE chain (id, parent_id, owner_id, allowed) AS (
            SELECT n.id, n.parent_id, n.owner_id, n.token_creation_allowed FROM namespaces n WHERE n.id = ?1
            UNION ALL SELECT n.id, n.parent_id, n.owner_id, n.token_creation_allowed
                FROM namespaces n JOIN chain ON n.id = chain.parent_id)
        SELECT COUNT(*) FROM chain WHERE parent_id IS NULL AND owner_id IS NULL AND allowed = FALSE";
    SOLE_OWNER = "SELECT COUNT(*) FROM members m WHERE m.user_id = ?1 AND m.namespace_id IS NOT NULL
        AND m.access_level = 50 AND NOT EXISTS (SELECT 1 FROM members o JOIN users u ON u.id = o.user_id
            WHERE o.namespace_id = m.namespace_id AND o.access_level = 50 AND o.user_id <> ?1
            AND u.state = 'active')";
}

/// Reads a namespace from the cells of `namespace_columns`.
///
/// # Errors
/// When a cell has another shape.
pub fn read(cells: &mut Cells) -> Result<Namespace, DbError> {
    let id = cells.int()?;
    let parent_id = cells.opt_int()?;
    let owner_id = cells.opt_int()?;
    Ok(Namespace {
        id,
        is_group: owner_id.is_none(),
        parent_id,
        owner_id,
        path: cells.text()?,
        full_path: cells.text()?,
        name: cells.text()?,
        full_name: cells.text()?,
        description: cells.text()?,
        visibility: Visibility::from_level(cells.int()?),
        token_creation_allowed: cells.bool()?,
        created_at: cells.time()?,
    })
}

fn one(conn: &mut dyn Conn, sql: &str, arg: Value) -> Result<Option<Namespace>, DbError> {
    conn.row(sql, &[arg])?.map(|row| read(&mut row.cells())).transpose()
}

/// The namespace of this number.
pub fn by_id(conn: &mut dyn Conn, id: i64) -> Result<Option<Namespace>, DbError> {
    one(conn, BY_ID, id.into())
}

/// The namespace at this full path, whatever its case.
pub fn by_path(conn: &mut dyn Conn, path: &str) -> Result<Option<Namespace>, DbError> {
    one(conn, BY_PATH, path.to_lowercase().into())
}

/// A person's own namespace.
pub fn of_user(conn: &mut dyn Conn, user_id: i64) -> Result<Option<Namespace>, DbError> {
    one(conn, OF_USER, user_id.into())
}

/// The namespace of this number and all above it: number, path and name in full.
pub fn chain(conn: &mut dyn Conn, id: i64) -> Result<Vec<(i64, String, String)>, DbError> {
    let rows = conn.rows(CHAIN, &[id.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok((cells.int()?, cells.text()?, cells.text()?))
        })
        .collect()
}

/// When a namespace last changed.
pub fn updated_at(conn: &mut dyn Conn, id: i64) -> Result<Timestamp, DbError> {
    conn.number(UPDATED_AT, &[id.into()]).map(Timestamp)
}

/// The groups directly below a group.
pub fn children(conn: &mut dyn Conn, id: i64) -> Result<Vec<Namespace>, DbError> {
    conn.rows(CHILDREN, &[id.into()])?.into_iter().map(|row| read(&mut row.cells())).collect()
}

/// Stores a new namespace (its number in the argument is ignored) and returns its number.
///
/// # Errors
/// [`DbError::Taken`] when the path is.
pub fn insert(conn: &mut dyn Conn, namespace: &Namespace, now: Timestamp) -> Result<i64, DbError> {
    let args = [
        namespace.parent_id.into(),
        namespace.owner_id.into(),
        Value::from(&namespace.path),
        Value::from(&namespace.full_path),
        namespace.full_path.to_lowercase().into(),
        Value::from(&namespace.name),
        Value::from(&namespace.full_name),
        Value::from(&namespace.description),
        namespace.visibility.level().into(),
        now.into(),
    ];
    conn.insert(INSERT, &args)
}

/// Stores the changeable fields of a namespace.
///
/// # Errors
/// [`DbError::Taken`] when the new path is.
pub fn update(conn: &mut dyn Conn, namespace: &Namespace, now: Timestamp) -> Result<(), DbError> {
    let args = [
        namespace.id.into(),
        Value::from(&namespace.path),
        Value::from(&namespace.full_path),
        namespace.full_path.to_lowercase().into(),
        Value::from(&namespace.name),
        Value::from(&namespace.full_name),
        Value::from(&namespace.description),
        namespace.visibility.level().into(),
        namespace.token_creation_allowed.into(),
        now.into(),
    ];
    conn.exec(UPDATE, &args).map(drop)
}

/// Removes a namespace's row.
pub fn delete(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(DELETE, &[id.into()]).map(drop)
}

/// Whether another namespace or project stands at this full path (0 excepts none).
pub fn path_taken(
    conn: &mut dyn Conn,
    path: &str,
    except_namespace: i64,
    except_project: i64,
) -> Result<bool, DbError> {
    let args = [path.to_lowercase().into(), except_namespace.into(), except_project.into()];
    Ok(conn.row(PATH_TAKEN, &args)?.is_some())
}

/// What a user is to a group, through itself and the groups above.
pub fn membership(conn: &mut dyn Conn, id: i64, user_id: i64, today: Date) -> Result<Membership, DbError> {
    let Some(row) = conn.row(ROLE, &[id.into(), user_id.into(), today.into()])? else {
        return Ok(Membership::default());
    };
    let mut cells = row.cells();
    Ok(Membership {
        direct: cells.opt_int()?.and_then(Role::from_level),
        inherited: cells.opt_int()?.and_then(Role::from_level),
    })
}

/// Whether a user belongs to a namespace or to something that lies anywhere in it.
pub fn leads_to_member(conn: &mut dyn Conn, id: i64, user_id: i64, today: Date) -> Result<bool, DbError> {
    Ok(conn.number(LEADS_TO_MEMBER, &[id.into(), user_id.into(), today.into()])? > 0)
}

/// The widest visibility of the projects and of the groups directly in a group, where there are any.
pub fn widest_below(
    conn: &mut dyn Conn,
    id: i64,
) -> Result<(Option<Visibility>, Option<Visibility>), DbError> {
    let Some(row) = conn.row(WIDEST_BELOW, &[id.into()])? else { return Ok((None, None)) };
    let mut cells = row.cells();
    Ok((cells.opt_int()?.map(Visibility::from_level), cells.opt_int()?.map(Visibility::from_level)))
}

/// Whether the top-level group above allows making project access tokens; people's own always do.
pub fn token_creation_allowed(conn: &mut dyn Conn, id: i64) -> Result<bool, DbError> {
    Ok(conn.number(TOKEN_CREATION, &[id.into()])? == 0)
}

/// How many groups have this user as their only owner.
pub fn solely_owned(conn: &mut dyn Conn, user_id: i64) -> Result<i64, DbError> {
    conn.number(SOLE_OWNER, &[user_id.into()])
}

/// What a list of groups is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct GroupFilter {
    /// Groups directly below this one.
    pub parent_id: Option<i64>,
    /// Groups anywhere below this one.
    pub below: Option<i64>,
    /// Only groups without a parent.
    pub top_level: bool,
    /// Part of the name or path.
    pub search: Option<String>,
    /// Only groups that the viewer owns.
    pub owned: bool,
    /// Only groups in which the viewer has at least this role.
    pub min_access_level: Option<i64>,
    /// Only of this visibility.
    pub visibility: Option<Visibility>,
    /// Take people's own namespaces in: that of the viewer, for administrators all.
    pub own_namespace: bool,
    /// Only those that the viewer belongs to, or in which lies something that it belongs to.
    pub linked: bool,
    /// Without these.
    pub without: Vec<i64>,
}

/// The orders of a list of groups: by name, ascending and descending.
pub const ORDERS: &[(&str, &str, &str)] = &[
    ("name", "n.name, n.id", "n.name DESC, n.id DESC"),
    ("path", "n.path, n.id", "n.path DESC, n.id DESC"),
    ("id", "n.id", "n.id DESC"),
    ("similarity", "n.name, n.id", "n.name DESC, n.id DESC"),
];

const BELOW: &str =
    "n.id IN (WITH RECURSIVE below (id) AS (SELECT c.id FROM namespaces c WHERE c.parent_id = ?
    UNION ALL SELECT c.id FROM namespaces c JOIN below ON c.parent_id = below.id) SELECT id FROM below)";

/// Lists the groups that the viewer sees.
pub fn list(
    conn: &mut dyn Conn,
    viewer: &Viewer,
    wanted: &GroupFilter,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Namespace>, DbError> {
    filter(viewer, wanted).list(conn, order, slice, |row| read(&mut row.cells()))
}

/// The list query that a filter stands for.
pub fn filter(viewer: &Viewer, wanted: &GroupFilter) -> Filter {
    let mut filter = Filter::new(namespace_columns!(), "namespaces n", &[]);
    let everybodys = viewer.admin && viewer.fence.is_none();
    if !wanted.own_namespace {
        filter.and("n.owner_id IS NULL", &[]);
    } else if !everybodys {
        filter.and("n.owner_id IS NULL OR n.owner_id = ?", &[viewer.user_id.unwrap_or(0).into()]);
    }
    viewer.restrict_groups(&mut filter);
    filter.and_some("n.parent_id = ?", wanted.parent_id).and_some(BELOW, wanted.below);
    if wanted.top_level {
        filter.and("n.parent_id IS NULL", &[]);
    }
    if let Some(text) = wanted.search.as_ref().filter(|text| !text.is_empty()) {
        let pattern = Value::from(containing(text));
        filter.and(
            "LOWER(n.name) LIKE ? ESCAPE '\\' OR n.full_path_key LIKE ? ESCAPE '\\'",
            &[pattern.clone(), pattern],
        );
    }
    filter.and_some("n.visibility = ?", wanted.visibility.map(Visibility::level));
    if wanted.linked {
        viewer.require_group_link(&mut filter);
    }
    if !wanted.without.is_empty() {
        let places = vec!["?"; wanted.without.len()].join(", ");
        let ids: Vec<Value> = wanted.without.iter().map(|id| (*id).into()).collect();
        filter.and(&format!("n.id NOT IN ({places})"), &ids);
    }
    let least = if wanted.owned { Some(50) } else { wanted.min_access_level };
    if let Some(level) = least {
        viewer.require_group_role(&mut filter, level);
    }
    filter
}
