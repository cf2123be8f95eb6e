//! Issues with their labels and assignees.

use std::collections::HashMap;

use tessera_model::issue::{Issue, IssueState};
use tessera_model::time::{Date, Timestamp};

use super::filter::{Filter, Listed, Slice, containing};
use super::people::{self, Who, batch};
use super::projects::Viewer;
use crate::sql::{Conn, DbError, Row, Value};

macro_rules! issue_columns {
    () => {
        "i.id, i.iid, i.project_id, p.full_path, i.title, i.description, i.state, i.confidential, i.due_date, \
         i.author_id, i.closed_by_id, i.closed_at, i.created_at, i.updated_at"
    };
}
const TABLES: &str = "issues i JOIN projects p ON p.id = i.project_id";

queries! {
    BY_IID = concat!("SELECT ", issue_columns!(), " FROM issues i JOIN projects p ON p.id = i.project_id
        WHERE i.project_id = ?1 AND i.iid = ?2");
    INSERT = "INSERT INTO issues (project_id, iid, title, description, state, confidential, due_date, author_id,
        created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 'opened', ?5, ?6, ?7, ?8, ?8) RETURNING id";
    UPDATE = "UPDATE issues SET title = ?2, description = ?3, confidential = ?4, due_date = ?5, updated_by_id = ?6,
        updated_at = ?7 WHERE id = ?1";
    CLOSE = "UPDATE issues SET state = 'closed', closed_by_id = ?2, closed_at = ?3 WHERE id = ?1";
    REOPEN = "UPDATE issues SET state = 'opened', closed_by_id = NULL, closed_at = NULL WHERE id = ?1";
    TOUCH = "UPDATE issues SET updated_at = ?2 WHERE id = ?1";
    LABELS = concat!("SELECT l.issue_id, l.label FROM issue_labels l WHERE l.issue_id IN ", batch!(),
        " ORDER BY l.label");
    ASSIGNEES = concat!("SELECT a.issue_id, a.user_id FROM issue_assignees a WHERE a.issue_id IN ", batch!(),
        " ORDER BY a.id");
    NOTES = concat!("SELECT t.issue_id, COUNT(*) FROM notes t WHERE t.issue_id IN ", batch!(), " GROUP BY t.issue_id");
    ADD_LABEL = "INSERT INTO issue_labels (issue_id, label) VALUES (?1, ?2) ON CONFLICT (issue_id, label) DO NOTHING";
    ADD_ASSIGNEE = "INSERT INTO issue_assignees (issue_id, user_id) VALUES (?1, ?2)
        ON CONFLICT (issue_id, user_id) DO NOTHING";
    CLEAR_LABELS = "DELETE FROM issue_labels WHERE issue_id = ?1";
    CLEAR_ASSIGNEES = "DELETE FROM issue_assignees WHERE issue_id = ?1";
    CLEAR_NOTES = "DELETE FROM notes WHERE issue_id = ?1";
    DELETE = "DELETE FROM issues WHERE id = ?1";
}

/// A row before its people, labels and notes are joined to it.
struct Bare {
    id: i64,
    iid: i64,
    project_id: i64,
    project_path: String,
    title: String,
    description: Option<String>,
    state: IssueState,
    confidential: bool,
    due_date: Option<Date>,
    author_id: i64,
    closed_by_id: Option<i64>,
    closed_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn read(row: Row) -> Result<Bare, DbError> {
    let mut cells = row.cells();
    Ok(Bare {
        id: cells.int()?,
        iid: cells.int()?,
        project_id: cells.int()?,
        project_path: cells.text()?,
        title: cells.text()?,
        description: cells.opt_text()?,
        state: IssueState::parse(&cells.text()?),
        confidential: cells.bool()?,
        due_date: cells.opt_date()?,
        author_id: cells.int()?,
        closed_by_id: cells.opt_int()?,
        closed_at: cells.opt_time()?,
        created_at: cells.time()?,
        updated_at: cells.time()?,
    })
}

/// Joins people, labels and the number of notes to rows, each with a few queries for all of them.
fn complete(conn: &mut dyn Conn, rows: Vec<Bare>) -> Result<Vec<Issue>, DbError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut labels: HashMap<i64, Vec<String>> = HashMap::new();
    for row in people::of_all(conn, LABELS, &ids)? {
        let mut cells = row.cells();
        labels.entry(cells.int()?).or_default().push(cells.text()?);
    }
    let mut assignees: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in people::of_all(conn, ASSIGNEES, &ids)? {
        let mut cells = row.cells();
        assignees.entry(cells.int()?).or_default().push(cells.int()?);
    }
    let mut notes: HashMap<i64, i64> = HashMap::new();
    for row in people::of_all(conn, NOTES, &ids)? {
        let mut cells = row.cells();
        notes.insert(cells.int()?, cells.int()?);
    }
    let named = rows.iter().flat_map(|row| [Some(row.author_id), row.closed_by_id]).flatten();
    let people = people::shown(conn, named.chain(assignees.values().flatten().copied()).collect())?;
    rows.into_iter()
        .map(|row| {
            let mut assigned = Vec::new();
            for id in assignees.remove(&row.id).unwrap_or_default() {
                let user = people::one(&people, id)?;
                // Several who are on their way out are one Ghost User.
                if !assigned.contains(&user) {
                    assigned.push(user);
                }
            }
            Ok(Issue {
                id: row.id,
                iid: row.iid,
                project_id: row.project_id,
                project_path: row.project_path,
                title: row.title,
                description: row.description,
                state: row.state,
                confidential: row.confidential,
                due_date: row.due_date,
                author: people::one(&people, row.author_id)?,
                assignees: assigned,
                closed_by: row.closed_by_id.map(|id| people::one(&people, id)).transpose()?,
                closed_at: row.closed_at,
                labels: labels.remove(&row.id).unwrap_or_default(),
                notes: notes.get(&row.id).copied().unwrap_or(0),
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        })
        .collect()
}

/// The issue of this number in a project.
pub fn by_iid(conn: &mut dyn Conn, project_id: i64, iid: i64) -> Result<Option<Issue>, DbError> {
    let found = conn.row(BY_IID, &[project_id.into(), iid.into()])?.map(read).transpose()?;
    Ok(complete(conn, found.into_iter().collect())?.pop())
}

/// What a new issue starts with.
pub struct NewIssue<'a> {
    /// Its project.
    pub project_id: i64,
    /// Its number there.
    pub iid: i64,
    /// What it is about.
    pub title: &'a str,
    /// The same at length.
    pub description: Option<&'a str>,
    /// Whether few see it.
    pub confidential: bool,
    /// When it should be done.
    pub due_date: Option<Date>,
    /// Who opens it.
    pub author_id: i64,
}

/// Stores a new issue and returns its number in the instance.
///
/// # Errors
/// [`DbError::Taken`] when the project has one of this number.
pub fn insert(conn: &mut dyn Conn, issue: &NewIssue<'_>, at: Timestamp) -> Result<i64, DbError> {
    let args = [
        issue.project_id.into(),
        issue.iid.into(),
        Value::from(issue.title),
        issue.description.into(),
        issue.confidential.into(),
        issue.due_date.into(),
        issue.author_id.into(),
        at.into(),
    ];
    conn.insert(INSERT, &args)
}

/// Stores the changeable fields of an issue, but for its state, labels and assignees.
pub fn update(conn: &mut dyn Conn, issue: &Issue, by: Option<i64>, now: Timestamp) -> Result<(), DbError> {
    let args = [
        issue.id.into(),
        Value::from(&issue.title),
        issue.description.clone().into(),
        issue.confidential.into(),
        issue.due_date.into(),
        by.into(),
        now.into(),
    ];
    conn.exec(UPDATE, &args).map(drop)
}

/// Closes an issue.
pub fn close(conn: &mut dyn Conn, id: i64, by: Option<i64>, now: Timestamp) -> Result<(), DbError> {
    conn.exec(CLOSE, &[id.into(), by.into(), now.into()]).map(drop)
}

/// Opens a closed issue again.
pub fn reopen(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(REOPEN, &[id.into()]).map(drop)
}

/// Remembers that something about an issue changed.
pub fn touch(conn: &mut dyn Conn, id: i64, now: Timestamp) -> Result<(), DbError> {
    conn.exec(TOUCH, &[id.into(), now.into()]).map(drop)
}

/// Gives an issue these labels and no others.
pub fn set_labels(conn: &mut dyn Conn, id: i64, labels: &[String]) -> Result<(), DbError> {
    conn.exec(CLEAR_LABELS, &[id.into()])?;
    labels.iter().try_for_each(|label| conn.exec(ADD_LABEL, &[id.into(), label.into()]).map(drop))
}

/// Assigns an issue to these users and no others.
pub fn set_assignees(conn: &mut dyn Conn, id: i64, users: &[i64]) -> Result<(), DbError> {
    conn.exec(CLEAR_ASSIGNEES, &[id.into()])?;
    users.iter().try_for_each(|user| conn.exec(ADD_ASSIGNEE, &[id.into(), (*user).into()]).map(drop))
}

/// Removes an issue with everything on it.
pub fn delete(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    let parts = [CLEAR_NOTES, CLEAR_LABELS, CLEAR_ASSIGNEES, DELETE];
    parts.iter().try_for_each(|sql| conn.exec(sql, &[id.into()]).map(drop))
}

/// What labels a list asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labelled {
    /// None at all.
    None,
    /// Any.
    Any,
    /// All of these.
    All(Vec<String>),
}

/// What assignees a list asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// Nobody.
    None,
    /// Anybody.
    Any,
    /// All of these.
    To(Vec<Who>),
}

/// What a list of issues is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct IssueFilter {
    /// Of this project; whether the viewer sees confidential ones there by role.
    pub project: Option<(i64, bool)>,
    /// Only open, or only closed ones.
    pub state: Option<IssueState>,
    /// By labels.
    pub labels: Option<Labelled>,
    /// Text in the title or description.
    pub search: Option<String>,
    /// Whether the search leaves the description out.
    pub search_title_only: bool,
    /// Whether the search leaves the title out.
    pub search_description_only: bool,
    /// By author.
    pub author: Option<Who>,
    /// By assignees.
    pub assigned: Option<Assigned>,
    /// Only these numbers.
    pub iids: Vec<i64>,
    /// Opened at or after, at or before.
    pub created: (Option<Timestamp>, Option<Timestamp>),
    /// Changed at or after, at or before.
    pub updated: (Option<Timestamp>, Option<Timestamp>),
    /// Only confidential ones, or none of them.
    pub confidential: Option<bool>,
    /// Without those of archived projects.
    pub non_archived: bool,
    /// Something that no issue here can have was asked for.
    pub nothing: bool,
}

/// The orders of a list.
pub const ORDERS: &[(&str, &str, &str)] = &[
    ("created_at", "i.created_at, i.id", "i.created_at DESC, i.id DESC"),
    ("updated_at", "i.updated_at, i.id", "i.updated_at DESC, i.id DESC"),
    ("due_date", "i.due_date NULLS LAST, i.id", "i.due_date DESC NULLS LAST, i.id DESC"),
    ("title", "i.title, i.id", "i.title DESC, i.id DESC"),
    // What issues here do not have is alike for all of them.
    ("label_priority", "i.id", "i.id DESC"),
    ("milestone_due", "i.id", "i.id DESC"),
    ("popularity", "i.id", "i.id DESC"),
    ("priority", "i.id", "i.id DESC"),
    ("relative_position", "i.id", "i.id DESC"),
];

/// Lists the issues that the viewer sees.
pub fn list(
    conn: &mut dyn Conn,
    viewer: &Viewer,
    wanted: &IssueFilter,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<Issue>, DbError> {
    let listed = filter(viewer, wanted).list(conn, order, slice, read)?;
    Ok(Listed { items: complete(conn, listed.items)?, total: listed.total })
}

/// How many issues the viewer sees.
pub fn count(conn: &mut dyn Conn, viewer: &Viewer, wanted: &IssueFilter) -> Result<i64, DbError> {
    filter(viewer, wanted).total(conn)
}

/// The list query that a filter stands for.
pub fn filter(viewer: &Viewer, wanted: &IssueFilter) -> Filter {
    let mut filter = Filter::new(issue_columns!(), TABLES, &[]);
    if let Some((id, _)) = wanted.project {
        filter.and("i.project_id = ?", &[id.into()]);
    } else {
        viewer.restrict_projects(&mut filter);
        filter.and("p.issues_enabled = TRUE", &[]);
    }
    hide_confidential(&mut filter, viewer, wanted.project);
    filter
        .and_some("i.state = ?", wanted.state.map(IssueState::name))
        .and_some("i.confidential = ?", wanted.confidential)
        .and_some("i.created_at >= ?", wanted.created.0)
        .and_some("i.created_at <= ?", wanted.created.1)
        .and_some("i.updated_at >= ?", wanted.updated.0)
        .and_some("i.updated_at <= ?", wanted.updated.1);
    if wanted.non_archived {
        filter.and("p.archived = FALSE", &[]);
    }
    if wanted.nothing {
        filter.and("1 = 0", &[]);
    }
    if let Some(author) = &wanted.author {
        people::narrow(&mut filter, "i.author_id IN (", author, ")");
    }
    narrow_to_assignees(&mut filter, wanted.assigned.as_ref());
    narrow_to_labels(&mut filter, wanted.labels.as_ref());
    if !wanted.iids.is_empty() {
        let marks = vec!["?"; wanted.iids.len()].join(", ");
        let iids: Vec<Value> = wanted.iids.iter().map(|iid| Value::from(*iid)).collect();
        filter.and(&format!("i.iid IN ({marks})"), &iids);
    }
    search(&mut filter, wanted);
    filter
}

/// Leaves out confidential issues but for those that the viewer opened, has to deal with, or sees by role:
/// what `Standing::sees_confidential` of the model says of one issue.
fn hide_confidential(filter: &mut Filter, viewer: &Viewer, project: Option<(i64, bool)>) {
    const OWN: &str =
        "i.author_id = ? OR i.id IN (SELECT a.issue_id FROM issue_assignees a WHERE a.user_id = ?)";
    let by_role = project.is_some_and(|(_, by_role)| by_role);
    if by_role || (viewer.admin && viewer.fence.is_none()) {
        return;
    }
    let Some(user) = viewer.user_id else {
        filter.and("i.confidential = FALSE", &[]);
        return;
    };
    let mut args = vec![Value::from(user), user.into()];
    let mut seen = OWN.to_owned();
    if project.is_none() {
        let (member, more) = viewer.planner();
        seen = format!("{seen} OR {member}");
        args.extend(more);
    }
    if let Some(fence) = viewer.fence {
        seen = format!("({seen}) AND i.project_id = ?");
        args.push(fence.into());
    }
    filter.and(&format!("i.confidential = FALSE OR ({seen})"), &args);
}

fn narrow_to_assignees(filter: &mut Filter, assigned: Option<&Assigned>) {
    const ANY: &str = "EXISTS (SELECT 1 FROM issue_assignees a WHERE a.issue_id = i.id)";
    match assigned {
        None => {}
        Some(Assigned::Any) => _ = filter.and(ANY, &[]),
        Some(Assigned::None) => _ = filter.and(&format!("NOT {ANY}"), &[]),
        Some(Assigned::To(users)) => {
            for user in users {
                let before = "i.id IN (SELECT a.issue_id FROM issue_assignees a WHERE a.user_id IN (";
                people::narrow(filter, before, user, "))");
            }
        }
    }
}

fn narrow_to_labels(filter: &mut Filter, labels: Option<&Labelled>) {
    const ANY: &str = "EXISTS (SELECT 1 FROM issue_labels l WHERE l.issue_id = i.id)";
    match labels {
        None => {}
        Some(Labelled::Any) => _ = filter.and(ANY, &[]),
        Some(Labelled::None) => _ = filter.and(&format!("NOT {ANY}"), &[]),
        Some(Labelled::All(labels)) => {
            for label in labels {
                let fragment =
                    "EXISTS (SELECT 1 FROM issue_labels l WHERE l.issue_id = i.id AND l.label = ?)";
                filter.and(fragment, &[label.into()]);
            }
        }
    }
}

fn search(filter: &mut Filter, wanted: &IssueFilter) {
    const TITLE: &str = "LOWER(i.title) LIKE ? ESCAPE '\\'";
    const DESCRIPTION: &str = "LOWER(i.description) LIKE ? ESCAPE '\\'";
    let Some(text) = wanted.search.as_ref().filter(|text| !text.is_empty()) else { return };
    let pattern = Value::from(containing(text));
    if wanted.search_title_only {
        filter.and(TITLE, &[pattern]);
    } else if wanted.search_description_only {
        filter.and(DESCRIPTION, &[pattern]);
    } else {
        filter.and(&format!("{TITLE} OR {DESCRIPTION}"), &[pattern.clone(), pattern]);
    }
}
