//! Projects, and the one fragment that says which of them a viewer sees.

use tessera_model::project::{Membership, Project};
use tessera_model::role::Role;
use tessera_model::time::{Date, Timestamp};
use tessera_model::visibility::Visibility;

use super::filter::{Filter, Listed, Slice, containing};
use super::namespaces;
use crate::sql::{Cells, Conn, DbError, Value};

macro_rules! project_columns {
    () => {
        concat!(
            "p.id, p.path, p.full_path, p.name, p.description, p.visibility, p.default_branch, p.archived, \
             p.empty, p.issues_enabled, p.extended_expiry_hooks, p.creator_id, p.created_at, p.updated_at, p.last_activity_at, ",
            namespace_columns!()
        )
    };
}
const TABLES: &str = "projects p JOIN namespaces n ON n.id = p.namespace_id";

queries! {
    BY_ID = concat!("SELECT ", project_columns!(),
        " FROM projects p JOIN namespaces n ON n.id = p.namespace_id WHERE p.id = ?1");
    BY_PATH = concat!("SELECT ", project_columns!(),
        " FROM projects p JOIN namespaces n ON n.id = p.namespace_id WHERE p.full_path_key = ?1");
    IN_NAMESPACE = concat!("SELECT ", project_columns!(),
        " FROM projects p JOIN namespaces n ON n.id = p.namespace_id WHERE p.namespace_id = ?1 ORDER BY p.id");
    MEMBERSHIP = "WITH RECURSIVE chain (id, parent_id) AS (
            SELECT n.id, n.parent_id FROM namespaces n WHERE n.id = ?1
            UNION ALL SELECT n.id, n.parent_id FROM namespaces n JOIN chain ON n.id = chain.parent_id)
        SELECT MAX(CASE WHEN m.project_id IS NOT NULL THEN m.access_level END),
            MAX(CASE WHEN m.project_id IS NULL THEN m.access_level END)
        FROM members m
        WHERE m.user_id = ?2 AND (m.project_id = ?3 OR m.namespace_id IN (SELECT id FROM chain))
            AND (m.expires_on IS NULL OR m.expires_on > ?4)";
    INSERT = "INSERT INTO projects (namespace_id, path, full_path, full_path_key, name, description, visibility,
        default_branch, issues_enabled, creator_id, created_at, updated_at, last_activity_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11) RETURNING id";
    UPDATE = "UPDATE projects SET path = ?2, full_path = ?3, full_path_key = ?4, name = ?5, description = ?6,
        visibility = ?7, default_branch = ?8, archived = ?9, issues_enabled = ?10, updated_at = ?11,
        extended_expiry_hooks = ?12 WHERE id = ?1";
    DELETE = "DELETE FROM projects WHERE id = ?1";
    CLEAR_NOTES = "DELETE FROM notes WHERE issue_id IN (SELECT i.id FROM issues i WHERE i.project_id = ?1)";
    CLEAR_LABELS = "DELETE FROM issue_labels WHERE issue_id IN (SELECT i.id FROM issues i WHERE i.project_id = ?1)";
    CLEAR_ASSIGNEES = "DELETE FROM issue_assignees
        WHERE issue_id IN (SELECT i.id FROM issues i WHERE i.project_id = ?1)";
    CLEAR_ISSUES = "DELETE FROM issues WHERE project_id = ?1";
    CLEAR_REF_ACCESS = "DELETE FROM protected_ref_access
        WHERE protected_ref_id IN (SELECT r.id FROM protected_refs r WHERE r.project_id = ?1)";
    CLEAR_REFS = "DELETE FROM protected_refs WHERE project_id = ?1";
    CLEAR_WEB_HOOK_DELIVERIES = "DELETE FROM web_hook_deliveries
        WHERE web_hook_id IN (SELECT h.id FROM web_hooks h WHERE h.project_id = ?1)";
    CLEAR_WEB_HOOK_EVENTS = "DELETE FROM web_hook_events
        WHERE web_hook_id IN (SELECT h.id FROM web_hooks h WHERE h.project_id = ?1)";
    CLEAR_WEB_HOOKS = "DELETE FROM web_hooks WHERE project_id = ?1";
    CLEAR_PUSHES = "DELETE FROM pushes WHERE project_id = ?1";
    NEXT_BOT = "UPDATE projects SET bot_counter = bot_counter + 1 WHERE id = ?1 RETURNING bot_counter";
    NEXT_ISSUE = "UPDATE projects SET issue_counter = issue_counter + 1 WHERE id = ?1 RETURNING issue_counter";
    TOUCH = "UPDATE projects SET last_activity_at = ?2 WHERE id = ?1";
    FILLED = "UPDATE projects SET empty = FALSE, default_branch = ?2, last_activity_at = ?3 WHERE id = ?1";
    OWNED = "SELECT COUNT(*) FROM projects p JOIN namespaces n ON n.id = p.namespace_id WHERE n.owner_id = ?1";
}

/// Reads a project from the cells of the project columns.
///
/// # Errors
/// When a cell has another shape.
pub fn read(cells: &mut Cells) -> Result<Project, DbError> {
    Ok(Project {
        id: cells.int()?,
        path: cells.text()?,
        full_path: cells.text()?,
        name: cells.text()?,
        description: cells.text()?,
        visibility: Visibility::from_level(cells.int()?),
        default_branch: cells.text()?,
        archived: cells.bool()?,
        empty: cells.bool()?,
        issues_enabled: cells.bool()?,
        extended_expiry_hooks: cells.bool()?,
        creator_id: cells.opt_int()?,
        created_at: cells.time()?,
        updated_at: cells.time()?,
        last_activity_at: cells.time()?,
        namespace: namespaces::read(cells)?,
    })
}

fn one(conn: &mut dyn Conn, sql: &str, arg: Value) -> Result<Option<Project>, DbError> {
    conn.row(sql, &[arg])?.map(|row| read(&mut row.cells())).transpose()
}

/// The project of this number.
pub fn by_id(conn: &mut dyn Conn, id: i64) -> Result<Option<Project>, DbError> {
    one(conn, BY_ID, id.into())
}

/// The project at this full path, whatever its case.
pub fn by_path(conn: &mut dyn Conn, path: &str) -> Result<Option<Project>, DbError> {
    one(conn, BY_PATH, path.to_lowercase().into())
}

/// The projects directly in a namespace.
pub fn in_namespace(conn: &mut dyn Conn, namespace_id: i64) -> Result<Vec<Project>, DbError> {
    conn.rows(IN_NAMESPACE, &[namespace_id.into()])?.into_iter().map(|row| read(&mut row.cells())).collect()
}

/// What a user is to a project, through itself and the groups above; ended memberships do not count.
pub fn membership(
    conn: &mut dyn Conn,
    project: &Project,
    user_id: i64,
    today: Date,
) -> Result<Membership, DbError> {
    let args = [project.namespace.id.into(), user_id.into(), project.id.into(), today.into()];
    let Some(row) = conn.row(MEMBERSHIP, &args)? else { return Ok(Membership::default()) };
    let mut cells = row.cells();
    Ok(Membership {
        direct: cells.opt_int()?.and_then(Role::from_level),
        inherited: cells.opt_int()?.and_then(Role::from_level),
    })
}

/// What a new project starts with.
pub struct NewProject<'a> {
    /// Where it lies.
    pub namespace_id: i64,
    /// The last part of its path.
    pub path: &'a str,
    /// The whole path.
    pub full_path: &'a str,
    /// Its display name.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Who may see it.
    pub visibility: Visibility,
    /// Its default branch.
    pub default_branch: &'a str,
    /// Whether issues are offered.
    pub issues_enabled: bool,
    /// Who makes it.
    pub creator_id: Option<i64>,
}

/// Stores a new project and returns its number.
///
/// # Errors
/// [`DbError::Taken`] when the path is.
pub fn insert(conn: &mut dyn Conn, project: &NewProject<'_>, now: Timestamp) -> Result<i64, DbError> {
    let args = [
        project.namespace_id.into(),
        Value::from(project.path),
        project.full_path.into(),
        project.full_path.to_lowercase().into(),
        project.name.into(),
        project.description.into(),
        project.visibility.level().into(),
        project.default_branch.into(),
        project.issues_enabled.into(),
        project.creator_id.into(),
        now.into(),
    ];
    conn.insert(INSERT, &args)
}

/// Stores the changeable fields of a project.
///
/// # Errors
/// [`DbError::Taken`] when the new path is.
pub fn update(conn: &mut dyn Conn, project: &Project, now: Timestamp) -> Result<(), DbError> {
    let args = [
        project.id.into(),
        Value::from(&project.path),
        Value::from(&project.full_path),
        project.full_path.to_lowercase().into(),
        Value::from(&project.name),
        Value::from(&project.description),
        project.visibility.level().into(),
        Value::from(&project.default_branch),
        project.archived.into(),
        project.issues_enabled.into(),
        now.into(),
        project.extended_expiry_hooks.into(),
    ];
    conn.exec(UPDATE, &args).map(drop)
}

/// Removes a project's row; what lies in it must be removed before.
pub fn delete(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(DELETE, &[id.into()]).map(drop)
}

/// Removes everything that lies in a project, but for its bots, tokens and members.
pub fn clear(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    let parts = [
        CLEAR_NOTES,
        CLEAR_LABELS,
        CLEAR_ASSIGNEES,
        CLEAR_ISSUES,
        CLEAR_REF_ACCESS,
        CLEAR_REFS,
        CLEAR_WEB_HOOK_DELIVERIES,
        CLEAR_WEB_HOOK_EVENTS,
        CLEAR_WEB_HOOKS,
        CLEAR_PUSHES,
    ];
    parts.iter().try_for_each(|sql| conn.exec(sql, &[id.into()]).map(drop))
}

/// Counts one more bot and returns how many there were before (D2): the number is never used again.
pub fn next_bot(conn: &mut dyn Conn, id: i64) -> Result<i64, DbError> {
    Ok(conn.number(NEXT_BOT, &[id.into()])? - 1)
}

/// The number of the project's next issue.
pub fn next_issue(conn: &mut dyn Conn, id: i64) -> Result<i64, DbError> {
    conn.number(NEXT_ISSUE, &[id.into()])
}

/// Remembers that something happened in the project.
pub fn touch(conn: &mut dyn Conn, id: i64, now: Timestamp) -> Result<(), DbError> {
    conn.exec(TOUCH, &[id.into(), now.into()]).map(drop)
}

/// Remembers a first push and the default branch that it gave.
pub fn filled(conn: &mut dyn Conn, id: i64, default_branch: &str, now: Timestamp) -> Result<(), DbError> {
    conn.exec(FILLED, &[id.into(), default_branch.into(), now.into()]).map(drop)
}

/// How many projects a person's own namespace holds.
pub fn owned(conn: &mut dyn Conn, user_id: i64) -> Result<i64, DbError> {
    conn.number(OWNED, &[user_id.into()])
}

/// Who looks at a list: what [`tessera_model::policy::sees`] says of one object, this says of all.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The user; `None` sees what is public.
    pub user_id: Option<i64>,
    /// Sees everything.
    pub admin: bool,
    /// Sees internal objects.
    pub sees_internal: bool,
    /// A bot: the one project beside the public ones (D6).
    pub fence: Option<i64>,
    /// Today, for memberships that end.
    pub today: Date,
}

/// Groups in which a user is a member, with everything below them.
macro_rules! groups_of {
    () => {
        "WITH RECURSIVE own (id) AS (
            SELECT m.namespace_id FROM members m WHERE m.user_id = ? AND m.namespace_id IS NOT NULL
                AND m.access_level >= ? AND (m.expires_on IS NULL OR m.expires_on > ?)
            UNION SELECT c.id FROM namespaces c JOIN own ON c.parent_id = own.id)
        SELECT id FROM own"
    };
}

/// Whether a project is the viewer's by membership of at least some level.
macro_rules! member {
    () => {
        concat!(
            "p.id IN (SELECT m.project_id FROM members m WHERE m.user_id = ? AND m.project_id IS NOT NULL
                AND m.access_level >= ? AND (m.expires_on IS NULL OR m.expires_on > ?))
             OR p.namespace_id IN (",
            groups_of!(),
            ")"
        )
    };
}
const MEMBER: &str = member!();
const SEEN_BY_PEOPLE: &str = concat!("p.visibility >= ? OR ", member!());

/// Whether a group is the viewer's, through itself, a group above, or something that lies in it.
const GROUP_MEMBER: &str = concat!("n.id IN (", groups_of!(), ")");

const LEADS_TO_MEMBER: &str = "n.id IN (WITH RECURSIVE up (id) AS (
        SELECT p.namespace_id FROM members m JOIN projects p ON p.id = m.project_id
            WHERE m.user_id = ? AND (m.expires_on IS NULL OR m.expires_on > ?)
        UNION SELECT m.namespace_id FROM members m
            WHERE m.user_id = ? AND m.namespace_id IS NOT NULL AND (m.expires_on IS NULL OR m.expires_on > ?)
        UNION SELECT c.parent_id FROM namespaces c JOIN up ON c.id = up.id WHERE c.parent_id IS NOT NULL)
     SELECT id FROM up)";

impl Viewer {
    fn membership_args(&self, level: i64) -> [Value; 6] {
        let (user, today) = (Value::from(self.user_id.unwrap_or(0)), Value::from(self.today));
        [user.clone(), level.into(), today.clone(), user, level.into(), today]
    }

    /// Narrows a list over `projects p` to what the viewer sees.
    pub fn restrict_projects(&self, filter: &mut Filter) {
        let widest = if self.sees_internal { Visibility::Internal } else { Visibility::Public };
        if let Some(project) = self.fence {
            filter.and(
                "p.visibility >= ? OR (p.id = ? AND p.id IN (SELECT m.project_id FROM members m WHERE m.user_id = ?
                    AND m.project_id IS NOT NULL AND (m.expires_on IS NULL OR m.expires_on > ?)))",
                &[
                    Visibility::Public.level().into(),
                    project.into(),
                    self.user_id.unwrap_or(0).into(),
                    self.today.into(),
                ],
            );
        } else if !self.admin && self.user_id.is_some() {
            let mut args = vec![Value::from(widest.level())];
            args.extend(self.membership_args(0));
            filter.and(SEEN_BY_PEOPLE, &args);
        } else if !self.admin {
            filter.and("p.visibility >= ?", &[widest.level().into()]);
        }
    }

    /// The condition on `projects p` that the viewer manages issues there, with its parameters.
    pub(super) fn planner(&self) -> (&'static str, [Value; 6]) {
        (MEMBER, self.membership_args(Role::Planner.level()))
    }

    /// Narrows a list over `projects p` to those in which the viewer has at least this role.
    pub fn require_project_role(&self, filter: &mut Filter, level: i64) {
        filter.and(MEMBER, &self.membership_args(level));
    }

    /// Narrows a list over `namespaces n` to what the viewer sees.
    pub fn restrict_groups(&self, filter: &mut Filter) {
        let widest = if self.sees_internal { Visibility::Internal } else { Visibility::Public };
        if self.admin && self.fence.is_none() {
            return;
        }
        if self.user_id.is_some() && self.fence.is_none() {
            let (user, today) = (Value::from(self.user_id.unwrap_or(0)), Value::from(self.today));
            let args = [
                widest.level().into(),
                user.clone(),
                user.clone(),
                0.into(),
                today.clone(),
                user.clone(),
                today.clone(),
                user,
                today,
            ];
            filter.and(
                &format!(
                    "(n.owner_id IS NULL AND n.visibility >= ?) OR n.owner_id = ? OR {GROUP_MEMBER} OR {LEADS_TO_MEMBER}"
                ),
                &args,
            );
        } else {
            filter.and("n.visibility >= ?", &[widest.level().into()]);
        }
    }

    /// Narrows a list over `namespaces n` to those that the viewer belongs to, or in which lies
    /// something that it belongs to.
    pub fn require_group_link(&self, filter: &mut Filter) {
        let (user, today) = (Value::from(self.user_id.unwrap_or(0)), Value::from(self.today));
        let mut args = vec![user.clone(), user.clone(), 0.into(), today.clone()];
        args.extend([user.clone(), today.clone(), user, today]);
        filter.and(&format!("n.owner_id = ? OR {GROUP_MEMBER} OR {LEADS_TO_MEMBER}"), &args);
    }

    /// Narrows a list over `namespaces n` to those in which the viewer has at least this role.
    pub fn require_group_role(&self, filter: &mut Filter, level: i64) {
        let (user, today) = (Value::from(self.user_id.unwrap_or(0)), Value::from(self.today));
        filter.and(&format!("{GROUP_MEMBER} OR n.owner_id = ?"), &[user.clone(), level.into(), today, user]);
    }
}

/// What a list of projects is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct ProjectFilter {
    /// Archived ones, or those that are not.
    pub archived: Option<bool>,
    /// Only of this visibility.
    pub visibility: Option<Visibility>,
    /// Part of the name or path.
    pub search: Option<String>,
    /// Whether the search looks at the whole path.
    pub search_namespaces: bool,
    /// Only in the namespace of this user.
    pub owner_id: Option<i64>,
    /// Only those of which the viewer is a member.
    pub membership: bool,
    /// Only those in which the viewer has at least this role.
    pub min_access_level: Option<i64>,
    /// Directly in this namespace.
    pub namespace_id: Option<i64>,
    /// Anywhere below this namespace.
    pub below: Option<i64>,
    /// Numbers above this one (keyset pagination).
    pub id_after: Option<i64>,
    /// Numbers below this one.
    pub id_before: Option<i64>,
    /// Active after, active before.
    pub last_activity: (Option<Timestamp>, Option<Timestamp>),
    /// Only those that offer issues, or those that do not.
    pub issues_enabled: Option<bool>,
    /// None at all: something was asked for that no project here has.
    pub nothing: bool,
}

/// The orders of a list of projects.
pub const ORDERS: &[(&str, &str, &str)] = &[
    ("id", "p.id", "p.id DESC"),
    ("name", "p.name, p.id", "p.name DESC, p.id DESC"),
    ("path", "p.path, p.id", "p.path DESC, p.id DESC"),
    ("created_at", "p.created_at, p.id", "p.created_at DESC, p.id DESC"),
    ("updated_at", "p.updated_at, p.id", "p.updated_at DESC, p.id DESC"),
    ("last_activity_at", "p.last_activity_at, p.id", "p.last_activity_at DESC, p.id DESC"),
    ("similarity", "p.name, p.id", "p.name DESC, p.id DESC"),
    ("star_count", "p.id", "p.id DESC"),
];

const BELOW: &str =
    "p.namespace_id IN (WITH RECURSIVE below (id) AS (SELECT c.id FROM namespaces c WHERE c.id = ?
    UNION ALL SELECT c.id FROM namespaces c JOIN below ON c.parent_id = below.id) SELECT id FROM below)";

/// Lists the projects that the viewer sees.
pub fn list(
    conn: &mut dyn Conn,
    viewer: &Viewer,
    wanted: &ProjectFilter,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Project>, DbError> {
    filter(viewer, wanted).list(conn, order, slice, |row| read(&mut row.cells()))
}

/// The first projects that the viewer sees in an order, and whether more follow.
pub fn first(
    conn: &mut dyn Conn,
    viewer: &Viewer,
    wanted: &ProjectFilter,
    order: &'static str,
    limit: i64,
) -> Result<(Vec<Project>, bool), DbError> {
    filter(viewer, wanted).first(conn, order, limit, |row| read(&mut row.cells()))
}

/// The list query that a filter stands for.
pub fn filter(viewer: &Viewer, wanted: &ProjectFilter) -> Filter {
    let mut filter = Filter::new(project_columns!(), TABLES, &[]);
    viewer.restrict_projects(&mut filter);
    filter
        .and_some("p.archived = ?", wanted.archived)
        .and_some("p.visibility = ?", wanted.visibility.map(Visibility::level))
        .and_some("n.owner_id = ?", wanted.owner_id)
        .and_some("p.namespace_id = ?", wanted.namespace_id)
        .and_some(BELOW, wanted.below)
        .and_some("p.id > ?", wanted.id_after)
        .and_some("p.id < ?", wanted.id_before)
        .and_some("p.last_activity_at >= ?", wanted.last_activity.0)
        .and_some("p.last_activity_at <= ?", wanted.last_activity.1)
        .and_some("p.issues_enabled = ?", wanted.issues_enabled);
    if wanted.nothing {
        filter.and("1 = 0", &[]);
    }
    if wanted.membership || wanted.min_access_level.is_some() {
        viewer.require_project_role(&mut filter, wanted.min_access_level.unwrap_or(0));
    }
    if let Some(text) = wanted.search.as_ref().filter(|text| !text.is_empty()) {
        let pattern = Value::from(containing(text));
        let fragment = if wanted.search_namespaces {
            "LOWER(p.name) LIKE ? ESCAPE '\\' OR p.full_path_key LIKE ? ESCAPE '\\'"
        } else {
            "LOWER(p.name) LIKE ? ESCAPE '\\' OR LOWER(p.path) LIKE ? ESCAPE '\\'"
        };
        filter.and(fragment, &[pattern.clone(), pattern]);
    }
    filter
}
