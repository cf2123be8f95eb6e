//! Users as they stand in records: whoever is on the way out stands there as the Ghost User, from the
//! moment of revocation, whether the records have been moved yet or not (D8).

use std::collections::HashMap;

use tessera_model::user::{User, UserState};

use super::filter::Filter;
use super::users;
use crate::sql::{Conn, DbError, Row, Value};

/// How many numbers a query takes at once.
const BATCH: usize = 32;

/// A list of [`BATCH`] numbers.
macro_rules! batch {
    () => {
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, \
          ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)"
    };
}
pub(super) use batch;

queries! {
    MANY = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id IN ", batch!());
}

/// Whoever a list is to be narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The user of this number.
    Id(i64),
    /// The user of this name, whatever its case.
    Username(String),
}

/// Users that stand for the one asked for: itself unless it is on its way out, and for the Ghost User
/// everybody who is. The two parameters are the same.
macro_rules! standing_for {
    ($key:literal) => {
        concat!(
            "SELECT u.id FROM users u WHERE ",
            $key,
            " = ? AND u.state <> 'ghosted'
             UNION ALL SELECT w.id FROM users w WHERE w.state = 'ghosted'
                AND EXISTS (SELECT 1 FROM users u WHERE ",
            $key,
            " = ? AND u.kind = 'ghost')"
        )
    };
}

/// Narrows a list to rows that show somebody; `before` and `after` enclose the list of users.
pub(super) fn narrow(filter: &mut Filter, before: &str, who: &Who, after: &str) {
    let (users, key) = match who {
        Who::Id(id) => (standing_for!("u.id"), Value::from(*id)),
        Who::Username(name) => (standing_for!("u.username_key"), Value::from(name.to_lowercase())),
    };
    filter.and(&format!("{before}{users}{after}"), &[key.clone(), key]);
}

/// Runs a query of one [`batch`] of numbers for as many as there are.
pub(super) fn of_all(conn: &mut dyn Conn, sql: &str, ids: &[i64]) -> Result<Vec<Row>, DbError> {
    let mut rows = Vec::new();
    for part in ids.chunks(BATCH) {
        let padding = part.last().copied().unwrap_or(0);
        let mut args: Vec<Value> = part.iter().map(|id| Value::from(*id)).collect();
        args.resize(BATCH, padding.into());
        rows.extend(conn.rows(sql, &args)?);
    }
    Ok(rows)
}

/// The users of these numbers as records show them, under the numbers that the records hold.
pub fn shown(conn: &mut dyn Conn, mut ids: Vec<i64>) -> Result<HashMap<i64, User>, DbError> {
    ids.sort_unstable();
    ids.dedup();
    let mut people = HashMap::with_capacity(ids.len());
    let mut ghost = None;
    for row in of_all(conn, MANY, &ids)? {
        let user = users::read(&mut row.cells())?;
        let id = user.id;
        let stands = if user.state == UserState::Ghosted {
            if ghost.is_none() {
                ghost = users::ghost(conn)?;
            }
            ghost.clone().unwrap_or(user)
        } else {
            user
        };
        people.insert(id, stands);
    }
    Ok(people)
}

/// One of the people that [`shown`] read.
pub(super) fn one(people: &HashMap<i64, User>, id: i64) -> Result<User, DbError> {
    people.get(&id).cloned().ok_or(DbError::Shape { wanted: "a user", found: "a number of none" })
}
