//! What the page of a project's or a person's tokens shows: two lists with all that stands beside each token, in a
//! statement each, however many tokens there are.

use tessera_model::time::{Date, Timestamp};
use tessera_model::token::Token;
use tessera_model::user::UserState;

use super::filter::Slice;
use super::token_days::{Count, Days};
use super::tokens;
use crate::sql::{Cells, Conn, DbError, Row};

macro_rules! of_project {
    () => {
        "t.project_id = ?1 AND t.kind = 'project'"
    };
}
macro_rules! of_person {
    () => {
        "t.user_id = ?1 AND t.kind = 'personal'"
    };
}
/// Parameters: today, whether ends are enforced.
macro_rules! living {
    () => {
        "t.revoked = FALSE AND (t.expires_on IS NULL OR t.expires_on > ?2 OR NOT ?3)"
    };
}
macro_rules! counts {
    ($mine:expr) => {
        concat!("SELECT COUNT(*), COUNT(CASE WHEN ", living!(), " THEN 1 END) FROM tokens t WHERE ", $mine)
    };
}
macro_rules! beside {
    () => {
        " JOIN tokens t ON t.id = s.id LEFT JOIN members m ON m.project_id = t.project_id AND m.user_id = t.user_id
        LEFT JOIN users u ON u.id = t.user_id"
    };
}
/// How a token was used; the parameter is the first minute of today.
macro_rules! used {
    ($minute:literal) => {
        concat!(
            "(SELECT l.operation FROM token_uses l WHERE l.token_id = t.id
                ORDER BY l.minute DESC, l.address DESC, l.operation DESC LIMIT 1),
            d.day, d.uses, d.failed,
            (SELECT CAST(SUM(l.uses) AS TEXT) || ' '
                    || CAST(SUM(CASE WHEN l.class >= 4 THEN l.uses ELSE 0 END) AS TEXT)
                FROM token_uses l WHERE l.token_id = t.id AND l.minute >= ", $minute, ")"
        )
    };
}
/// Further parameters: the last day that is soon; made before, last used before which a token asks for attention; the
/// first minute of today.
macro_rules! active {
    ($mine:expr) => {
        concat!(
            "SELECT ", token_with_role!(), ", t.created_by_id, t.created_by, u.username, u.name, s.attention, ", used!("?7"), "
            FROM (SELECT t.id,
                    CASE WHEN ?3 AND t.expires_on <= ?4 THEN 0
                        WHEN t.last_used_at IS NULL AND t.created_at < ?5 THEN 1
                        WHEN t.last_used_at < ?6 THEN 2 ELSE 3 END AS attention,
                    CASE WHEN ?3 AND t.expires_on <= ?4 THEN t.expires_on END AS due
                FROM tokens t WHERE ", $mine, " AND ", living!(), "
                ORDER BY attention, due, t.id DESC LIMIT ?8 OFFSET ?9) s",
            beside!(), " LEFT JOIN token_days d ON d.token_id = t.id ORDER BY s.attention, s.due, t.id DESC"
        )
    };
}
macro_rules! inactive {
    ($mine:expr) => {
        concat!(
            "SELECT ", token_with_role!(), ", t.created_by_id, t.created_by, u.username, u.name, u.state,
                t.revoked_at, t.revoked_by, n.id, n.created_by, n.created_at
            FROM (SELECT t.id FROM tokens t WHERE ", $mine, " AND NOT (", living!(), ")
                ORDER BY t.id DESC LIMIT ?4 OFFSET ?5) s",
            beside!(), "
            LEFT JOIN tokens n ON n.id = (SELECT MAX(x.id) FROM tokens x WHERE x.previous_id = t.id)
            ORDER BY t.id DESC"
        )
    };
}

queries! {
    COUNTS_OF_PROJECT = counts!(of_project!());
    COUNTS_OF_PERSON = counts!(of_person!());
    ACTIVE_OF_PROJECT = active!(of_project!());
    ACTIVE_OF_PERSON = active!(of_person!());
    INACTIVE_OF_PROJECT = inactive!(of_project!());
    INACTIVE_OF_PERSON = inactive!(of_person!());
    USED = concat!("SELECT ", used!("?2"), " FROM tokens t LEFT JOIN token_days d ON d.token_id = t.id WHERE t.id = ?1");
}

/// Whose tokens are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Those of a project's bots.
    Project(i64),
    /// A person's own.
    Person(i64),
}

impl Of {
    fn pick(self, of_project: &'static str, of_person: &'static str) -> (i64, &'static str) {
        match self {
            Self::Project(id) => (id, of_project),
            Self::Person(id) => (id, of_person),
        }
    }
}

/// Which tokens are active.
#[derive(Clone, Copy, Debug)]
pub struct Living {
    /// Today in UTC.
    pub today: Date,
    /// Whether ends bind these tokens.
    pub enforced: bool,
}

/// From when on an active token asks for attention.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// It ends on this day or before.
    pub soon: Date,
    /// It was never used, and made before.
    pub unused_made: Timestamp,
    /// It was last used before.
    pub unused_since: Timestamp,
}

/// What an active token asks attention for, first what is most pressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attention {
    /// It ends soon.
    EndsSoon,
    /// It was made a while ago and never used.
    NeverUsed,
    /// It was not used for long.
    Unused,
}

/// What is the same in both lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The token.
    pub token: Token,
    /// Who made it: number and username at that time.
    pub created_by: (Option<i64>, String),
    /// Its user as it is now, username and display name, while there is one.
    pub user: Option<(String, String)>,
}

/// How a token was used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// The operation of the newest line in its ledger.
    pub operation: Option<String>,
    /// Its uses on the days before today.
    pub days: Days,
    /// Its uses today.
    pub today: Count,
}

/// An active token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Active {
    /// The token with its people.
    pub record: Record,
    /// What it asks for.
    pub attention: Option<Attention>,
    /// How it was used.
    pub used: Used,
}

/// A token that is inactive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inactive {
    /// The token with its people.
    pub record: Record,
    /// Whether its user may act, while there is one.
    pub state: Option<UserState>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Who revoked it, by username.
    pub revoked_by: Option<String>,
    /// What it was replaced by: the token's number, who made that, and when.
    pub successor: Option<(i64, String, Timestamp)>,
}

/// How many tokens there are: all, and the active ones.
pub fn counts(conn: &mut dyn Conn, of: Of, living: Living) -> Result<(i64, i64), DbError> {
    let (id, sql) = of.pick(COUNTS_OF_PROJECT, COUNTS_OF_PERSON);
    match conn.row(sql, &[id.into(), living.today.into(), living.enforced.into()])? {
        Some(row) => {
            let mut cells = row.cells();
            Ok((cells.int()?, cells.int()?))
        }
        None => Ok((0, 0)),
    }
}

/// Active tokens: first those that ask for attention, what is most pressing at the top, then the others; of the same
/// kind those that end first, else the newest.
pub fn active(
    conn: &mut dyn Conn,
    of: Of,
    living: Living,
    limits: Limits,
    slice: Slice,
) -> Result<Vec<Active>, DbError> {
    let (id, sql) = of.pick(ACTIVE_OF_PROJECT, ACTIVE_OF_PERSON);
    let args = [
        id.into(),
        living.today.into(),
        living.enforced.into(),
        limits.soon.into(),
        limits.unused_made.into(),
        limits.unused_since.into(),
        first_minute(living.today).into(),
        slice.limit.into(),
        slice.offset.into(),
    ];
    conn.rows(sql, &args)?.into_iter().map(read_active).collect()
}

/// How a token was used.
pub fn used(conn: &mut dyn Conn, token_id: i64, today: Date) -> Result<Used, DbError> {
    let row = conn.row(USED, &[token_id.into(), first_minute(today).into()])?;
    row.map_or_else(|| Ok(Used::default()), |row| read_used(&mut row.cells()))
}

fn first_minute(today: Date) -> i64 {
    today.midnight().seconds() / 60
}

/// Inactive tokens, the newest first.
pub fn inactive(conn: &mut dyn Conn, of: Of, living: Living, slice: Slice) -> Result<Vec<Inactive>, DbError> {
    let (id, sql) = of.pick(INACTIVE_OF_PROJECT, INACTIVE_OF_PERSON);
    let args =
        [id.into(), living.today.into(), living.enforced.into(), slice.limit.into(), slice.offset.into()];
    conn.rows(sql, &args)?.into_iter().map(read_inactive).collect()
}

fn record(cells: &mut Cells) -> Result<Record, DbError> {
    let token = tokens::read(cells)?;
    let created_by = (cells.opt_int()?, cells.text()?);
    let (username, name) = (cells.opt_text()?, cells.opt_text()?);
    Ok(Record { token, created_by, user: username.zip(name) })
}

fn read_active(row: Row) -> Result<Active, DbError> {
    let mut cells = row.cells();
    let record = record(&mut cells)?;
    let attention = match cells.int()? {
        0 => Some(Attention::EndsSoon),
        1 => Some(Attention::NeverUsed),
        2 => Some(Attention::Unused),
        _ => None,
    };
    Ok(Active { record, attention, used: read_used(&mut cells)? })
}

fn read_used(cells: &mut Cells) -> Result<Used, DbError> {
    let operation = cells.opt_text()?;
    let (day, uses, failed) = (cells.opt_int()?, cells.opt_text()?, cells.opt_text()?);
    let days = day.map(|day| Days::read(day, &uses.unwrap_or_default(), &failed.unwrap_or_default()));
    let today = Count::read(&cells.opt_text()?.unwrap_or_default());
    Ok(Used { operation, days: days.unwrap_or_default(), today })
}

fn read_inactive(row: Row) -> Result<Inactive, DbError> {
    let mut cells = row.cells();
    let record = record(&mut cells)?;
    let state = cells.opt_text()?.map(|state| UserState::parse(&state));
    let (revoked_at, revoked_by) = (cells.opt_time()?, cells.opt_text()?);
    let (successor, by, at) = (cells.opt_int()?, cells.opt_text()?, cells.opt_time()?);
    let successor = successor.zip(by).zip(at).map(|((id, by), at)| (id, by, at));
    Ok(Inactive { record, state, revoked_at, revoked_by, successor })
}
