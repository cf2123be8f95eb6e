//! Members of projects and groups.

use std::collections::HashMap;

use tessera_model::project::Membership;
use tessera_model::role::Role;
use tessera_model::time::{Date, Timestamp};
use tessera_model::user::User;

use super::filter::{Filter, Listed, Slice, containing};
use super::users;
use crate::sql::{Cells, Conn, DbError, Row, Value};

/// Whose members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A project's.
    Project(i64),
    /// A group's.
    Group(i64),
}

/// One membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The number of the membership.
    pub id: i64,
    /// The group of which it is; absent for a project's.
    pub group_id: Option<i64>,
    /// Who.
    pub user: User,
    /// With which role.
    pub role: Role,
    /// From 00:00 UTC of this date it counts no more.
    pub expires_on: Option<Date>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub created_by_id: Option<i64>,
}

macro_rules! member_columns {
    () => {
        concat!(
            "m.id, m.namespace_id, m.access_level, m.expires_on, m.created_at, m.updated_at, m.created_by_id, ",
            user_columns!()
        )
    };
}
const TABLES: &str = "members m JOIN users u ON u.id = m.user_id";

/// How many projects one query of [`of_user_in`] asks for.
const AT_ONCE: usize = 20;

/// As many parameters, after the user and the day.
macro_rules! projects {
    () => {
        "(?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)"
    };
}

queries! {
    OF_PROJECT = concat!("SELECT ", member_columns!(), " FROM members m JOIN users u ON u.id = m.user_id
        WHERE m.project_id = ?1 AND m.user_id = ?2 AND u.state <> 'ghosted'");
    OF_GROUP = concat!("SELECT ", member_columns!(), " FROM members m JOIN users u ON u.id = m.user_id
        WHERE m.namespace_id = ?1 AND m.user_id = ?2 AND u.state <> 'ghosted'");
    INSERT = "INSERT INTO members (namespace_id, project_id, user_id, access_level, expires_on, created_by_id,
        created_at, updated_at, person) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7,
        (SELECT u.kind = 'human' FROM users u WHERE u.id = ?3)) RETURNING id";
    UPDATE = "UPDATE members SET access_level = ?2, expires_on = ?3, updated_at = ?4 WHERE id = ?1";
    DELETE = "DELETE FROM members WHERE id = ?1";
    DELETE_OF_USER = "DELETE FROM members WHERE user_id = ?1";
    DELETE_OF_PROJECT = "DELETE FROM members WHERE project_id = ?1";
    DELETE_OF_GROUP = "DELETE FROM members WHERE namespace_id = ?1";
    OTHER_OWNERS = "WITH RECURSIVE chain (id, parent_id) AS (
            SELECT n.id, n.parent_id FROM namespaces n WHERE n.id = ?1
            UNION ALL SELECT n.id, n.parent_id FROM namespaces n JOIN chain ON n.id = chain.parent_id)
        SELECT COUNT(DISTINCT m.user_id) FROM members m JOIN users u ON u.id = m.user_id
        WHERE m.namespace_id IN (SELECT id FROM chain) AND m.user_id <> ?2 AND m.access_level = 50
            AND (m.expires_on IS NULL OR m.expires_on > ?3) AND u.state = 'active'";
    ROLES = concat!("WITH RECURSIVE chain (project_id, id, parent_id) AS (
            SELECT p.id, n.id, n.parent_id FROM projects p JOIN namespaces n ON n.id = p.namespace_id
                WHERE p.id IN ", projects!(), "
            UNION ALL SELECT chain.project_id, n.id, n.parent_id
                FROM namespaces n JOIN chain ON n.id = chain.parent_id)
        SELECT chain.project_id, m.access_level, 0 FROM chain JOIN members m ON m.namespace_id = chain.id
            WHERE m.user_id = ?1 AND (m.expires_on IS NULL OR m.expires_on > ?2)
        UNION ALL SELECT m.project_id, m.access_level, 1 FROM members m
            WHERE m.user_id = ?1 AND m.project_id IN ", projects!(), "
            AND (m.expires_on IS NULL OR m.expires_on > ?2)");
    OF_USER = "SELECT m.namespace_id, m.project_id, m.access_level, COALESCE(n.name, p.name)
        FROM members m LEFT JOIN namespaces n ON n.id = m.namespace_id LEFT JOIN projects p ON p.id = m.project_id
        WHERE m.user_id = ?1 ORDER BY m.id";
}

fn read(row: Row) -> Result<Member, DbError> {
    let mut cells: Cells = row.cells();
    Ok(Member {
        id: cells.int()?,
        group_id: cells.opt_int()?,
        role: Role::from_level(cells.int()?).unwrap_or(Role::Guest),
        expires_on: cells.opt_date()?,
        created_at: cells.time()?,
        updated_at: cells.time()?,
        created_by_id: cells.opt_int()?,
        user: users::read(&mut cells)?,
    })
}

impl Place {
    fn keys(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Group(id) => (Some(id), None),
            Self::Project(id) => (None, Some(id)),
        }
    }
}

/// A direct member, whether the membership has ended or not.
pub fn find(conn: &mut dyn Conn, place: Place, user_id: i64) -> Result<Option<Member>, DbError> {
    let (sql, id) = match place {
        Place::Project(id) => (OF_PROJECT, id),
        Place::Group(id) => (OF_GROUP, id),
    };
    conn.row(sql, &[id.into(), user_id.into()])?.map(read).transpose()
}

/// Adds a member.
///
/// # Errors
/// [`DbError::Taken`] when they are one already.
pub fn insert(
    conn: &mut dyn Conn,
    place: Place,
    user_id: i64,
    role: Role,
    expires_on: Option<Date>,
    created_by_id: Option<i64>,
    now: Timestamp,
) -> Result<i64, DbError> {
    let (group, project) = place.keys();
    let args = [
        group.into(),
        project.into(),
        user_id.into(),
        role.level().into(),
        expires_on.into(),
        created_by_id.into(),
        now.into(),
    ];
    conn.insert(INSERT, &args)
}

/// Changes a membership.
pub fn update(
    conn: &mut dyn Conn,
    id: i64,
    role: Role,
    expires_on: Option<Date>,
    now: Timestamp,
) -> Result<(), DbError> {
    conn.exec(UPDATE, &[id.into(), role.level().into(), expires_on.into(), now.into()]).map(drop)
}

/// Ends a membership.
pub fn delete(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(DELETE, &[id.into()]).map(drop)
}

/// Ends every membership of a user.
pub fn delete_of_user(conn: &mut dyn Conn, user_id: i64) -> Result<(), DbError> {
    conn.exec(DELETE_OF_USER, &[user_id.into()]).map(drop)
}

/// Ends every membership in a place.
pub fn delete_of_place(conn: &mut dyn Conn, place: Place) -> Result<(), DbError> {
    let (sql, id) = match place {
        Place::Project(id) => (DELETE_OF_PROJECT, id),
        Place::Group(id) => (DELETE_OF_GROUP, id),
    };
    conn.exec(sql, &[id.into()]).map(drop)
}

/// How many owners who may act a group has beside this user, those of the groups above included.
pub fn other_owners(conn: &mut dyn Conn, group_id: i64, user_id: i64, today: Date) -> Result<i64, DbError> {
    conn.number(OTHER_OWNERS, &[group_id.into(), user_id.into(), today.into()])
}

/// What a user is to each of some projects, by the number of the project; ended memberships do not count.
/// Projects to which it is nothing are left out.
pub fn of_user_in(
    conn: &mut dyn Conn,
    user_id: i64,
    projects: &[i64],
    today: Date,
) -> Result<HashMap<i64, Membership>, DbError> {
    let mut found: HashMap<i64, Membership> = HashMap::new();
    for some in projects.chunks(AT_ONCE) {
        let mut args = vec![user_id.into(), today.into()];
        args.extend(some.iter().map(|id| Value::from(*id)));
        args.resize(AT_ONCE + 2, 0.into());
        for row in conn.rows(ROLES, &args)? {
            let mut cells = row.cells();
            let membership = found.entry(cells.int()?).or_default();
            let role = Role::from_level(cells.int()?);
            let kind = if cells.int()? == 1 { &mut membership.direct } else { &mut membership.inherited };
            *kind = role.max(*kind);
        }
    }
    Ok(found)
}

/// One row of a user's memberships: group, project, level, name of the place.
pub type UserMembership = (Option<i64>, Option<i64>, i64, String);

/// What a user is a member of.
pub fn of_user(conn: &mut dyn Conn, user_id: i64) -> Result<Vec<UserMembership>, DbError> {
    let rows = conn.rows(OF_USER, &[user_id.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok((cells.opt_int()?, cells.opt_int()?, cells.int()?, cells.text()?))
        })
        .collect()
}

/// What a list of members is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct MemberFilter {
    /// Part of the name or username.
    pub query: Option<String>,
    /// Only these users.
    pub user_ids: Vec<i64>,
    /// Members of the groups above too, each with the highest role.
    pub inherited: bool,
    /// Only people, or only bots.
    pub people: Option<bool>,
}

/// The orders of a list: by the number of the user, the newest user first, and the highest role first.
pub const ORDERS: [&str; 3] = [BY_USER, NEWEST_FIRST, BY_ROLE];
/// By the number of the user.
pub const BY_USER: &str = "m.user_id";
/// The newest user first.
pub const NEWEST_FIRST: &str = "m.user_id DESC";
/// The highest role first, and those of one role by their usernames.
pub const BY_ROLE: &str = "m.access_level DESC, u.username_key, m.user_id";

/// The group that the search for inherited members starts at.
const CHAIN: &str = "WITH RECURSIVE chain (id, parent_id) AS (
        SELECT n.id, n.parent_id FROM namespaces n WHERE n.id = ?
        UNION ALL SELECT n.id, n.parent_id FROM namespaces n JOIN chain ON n.id = chain.parent_id)
    SELECT id FROM chain";

/// Lists members in one of the [`ORDERS`]. `group` is the project's namespace, or the group itself.
pub fn list(
    conn: &mut dyn Conn,
    (place, group): (Place, i64),
    wanted: &MemberFilter,
    today: Date,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Member>, DbError> {
    filter(place, group, wanted, today).list(conn, order, slice, read)
}

/// The list query that a filter stands for.
pub fn filter(place: Place, group: i64, wanted: &MemberFilter, today: Date) -> Filter {
    let mut filter = Filter::new(member_columns!(), TABLES, &[]);
    filter.and("u.state <> 'ghosted' AND (m.expires_on IS NULL OR m.expires_on > ?)", &[today.into()]);
    let (_, project) = place.keys();
    let project = Value::from(project.unwrap_or(0));
    if wanted.inherited {
        filter.and(
            &format!("m.project_id = ? OR m.namespace_id IN ({CHAIN})"),
            &[project.clone(), group.into()],
        );
        // One row a person: the highest role, and of equal ones the newest membership.
        filter.and(
            &format!(
                "NOT EXISTS (SELECT 1 FROM members o WHERE o.user_id = m.user_id
                    AND (o.project_id = ? OR o.namespace_id IN ({CHAIN}))
                    AND (o.expires_on IS NULL OR o.expires_on > ?)
                    AND (o.access_level > m.access_level OR (o.access_level = m.access_level AND o.id > m.id)))"
            ),
            &[project, group.into(), today.into()],
        );
    } else {
        match place {
            Place::Project(id) => filter.and("m.project_id = ?", &[id.into()]),
            Place::Group(id) => filter.and("m.namespace_id = ?", &[id.into()]),
        };
    }
    match wanted.people {
        Some(true) => _ = filter.and("m.person = TRUE", &[]),
        Some(false) => _ = filter.and("m.person = FALSE", &[]),
        None => {}
    }
    if let Some(text) = wanted.query.as_ref().filter(|text| !text.is_empty()) {
        let pattern = Value::from(containing(text));
        filter.and(
            "LOWER(u.name) LIKE ? ESCAPE '\\' OR u.username_key LIKE ? ESCAPE '\\'",
            &[pattern.clone(), pattern],
        );
    }
    if !wanted.user_ids.is_empty() {
        let places = vec!["?"; wanted.user_ids.len()].join(", ");
        let ids: Vec<Value> = wanted.user_ids.iter().map(|id| (*id).into()).collect();
        filter.and(&format!("m.user_id IN ({places})"), &ids);
    }
    filter
}
