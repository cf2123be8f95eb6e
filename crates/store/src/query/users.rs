//! Users.

use tessera_model::time::{Date, Timestamp};
use tessera_model::user::{User, UserKind, UserState};

use super::filter::{Filter, Listed, Slice, containing};
use crate::sql::{Cells, Conn, DbError, Row, Value};

const COLUMNS: &str = user_columns!();

queries! {
    BY_ID = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = ?1");
    BY_USERNAME = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.username_key = ?1");
    BY_EMAIL = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.email_key = ?1");
    GHOST = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.kind = 'ghost'");
    USERNAME_TAKEN = "SELECT 1 FROM users WHERE username_key = ?1 AND id <> ?2
        UNION ALL SELECT 1 FROM namespaces WHERE full_path_key = ?1 AND (owner_id IS NULL OR owner_id <> ?2)
        UNION ALL SELECT 1 FROM projects WHERE full_path_key = ?1";
    EMAIL_TAKEN = "SELECT 1 FROM users WHERE email_key = ?1 AND id <> ?2";
    INSERT = "INSERT INTO users (username, username_key, name, email, email_key, kind, state, admin, external,
        can_create_group, private_profile, projects_limit, password_hash, sign_in, bio, public_email, note,
        bot_project_id, created_by_id, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?20)
        RETURNING id";
    UPDATE = "UPDATE users SET username = ?2, username_key = ?3, name = ?4, email = ?5, email_key = ?6, admin = ?7,
        external = ?8, can_create_group = ?9, private_profile = ?10, projects_limit = ?11, bio = ?12,
        public_email = ?13, note = ?14, updated_at = ?15 WHERE id = ?1";
    SET_STATE = "UPDATE users SET state = ?2, updated_at = ?3 WHERE id = ?1";
    SET_PASSWORD = "UPDATE users SET password_hash = ?2, sign_in = (sign_in & 2) | ?3, updated_at = ?4 WHERE id = ?1";
    MARK_INITIAL = "UPDATE users SET sign_in = sign_in | 4 WHERE id = ?1";
    SET_EXTERNAL = "UPDATE users SET external = ?2 WHERE id = ?1";
    DELETE = "DELETE FROM users WHERE id = ?1";
    ANY_PERSON = "SELECT 1 FROM users WHERE kind = 'human' LIMIT 1";
    ADMINISTRATORS = "SELECT COUNT(*) FROM users WHERE admin = TRUE AND state = 'active' AND kind = 'human'";
    BOTS_OF_PROJECT = concat!("SELECT ", user_columns!(), " FROM users u
        WHERE u.bot_project_id = ?1 AND u.kind = 'project_bot' AND u.state <> 'ghosted' ORDER BY u.id");
    SEEN = "UPDATE users SET last_activity_on = ?2
        WHERE id = ?1 AND (last_activity_on IS NULL OR last_activity_on < ?2)";
}

/// Reads a user from the cells of `user_columns`.
///
/// # Errors
/// When a cell has another shape.
pub fn read(cells: &mut Cells) -> Result<User, DbError> {
    let (id, sign_in) = (cells.int()?, cells.int()?);
    Ok(User {
        id,
        password_expired: sign_in & 1 != 0,
        two_factor: sign_in & 2 != 0,
        password_initial: sign_in & 4 != 0,
        username: cells.text()?,
        name: cells.text()?,
        email: cells.text()?,
        kind: UserKind::parse(&cells.text()?),
        state: UserState::parse(&cells.text()?),
        admin: cells.bool()?,
        external: cells.bool()?,
        can_create_group: cells.bool()?,
        projects_limit: cells.int()?,
        private_profile: cells.bool()?,
        bio: cells.text()?,
        public_email: cells.opt_text()?,
        note: cells.opt_text()?,
        created_at: cells.time()?,
        created_by_id: cells.opt_int()?,
        bot_project_id: cells.opt_int()?,
        last_activity_on: cells.opt_text()?,
        updated_at: cells.time()?,
    })
}

fn one(conn: &mut dyn Conn, sql: &str, arg: Value) -> Result<Option<User>, DbError> {
    conn.row(sql, &[arg])?.map(|row| read(&mut row.cells())).transpose()
}

/// The user of this number.
pub fn by_id(conn: &mut dyn Conn, id: i64) -> Result<Option<User>, DbError> {
    one(conn, BY_ID, id.into())
}

/// The user of this name, whatever its case.
pub fn by_username(conn: &mut dyn Conn, username: &str) -> Result<Option<User>, DbError> {
    one(conn, BY_USERNAME, username.to_lowercase().into())
}

/// The user of this address, whatever its case.
pub fn by_email(conn: &mut dyn Conn, email: &str) -> Result<Option<User>, DbError> {
    one(conn, BY_EMAIL, email.to_lowercase().into())
}

/// The Ghost User, once it was made.
pub fn ghost(conn: &mut dyn Conn) -> Result<Option<User>, DbError> {
    conn.row(GHOST, &[])?.map(|row| read(&mut row.cells())).transpose()
}

/// Whether another user, group or project stands at this name (`except`: the user asking, or 0).
pub fn username_taken(conn: &mut dyn Conn, username: &str, except: i64) -> Result<bool, DbError> {
    Ok(conn.row(USERNAME_TAKEN, &[username.to_lowercase().into(), except.into()])?.is_some())
}

/// Whether another user has this address.
pub fn email_taken(conn: &mut dyn Conn, email: &str, except: i64) -> Result<bool, DbError> {
    Ok(conn.row(EMAIL_TAKEN, &[email.to_lowercase().into(), except.into()])?.is_some())
}

/// What a new user starts with.
#[derive(Clone)]
pub struct NewUser {
    /// Its unique name.
    pub username: String,
    /// Its display name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// The kind of account.
    pub kind: UserKind,
    /// Whether it administers the instance.
    pub admin: bool,
    /// Whether internal projects are closed to it.
    pub external: bool,
    /// Whether it may create groups.
    pub can_create_group: bool,
    /// Whether others see only its name.
    pub private_profile: bool,
    /// How many personal projects it may own.
    pub projects_limit: i64,
    /// Its password's hash, if it has a password.
    pub password_hash: Option<String>,
    /// Whether that password must be changed first.
    pub password_expired: bool,
    /// What it says of itself.
    pub bio: String,
    /// The address it shows.
    pub public_email: Option<String>,
    /// An administrator's remark.
    pub note: Option<String>,
    /// The project of a bot.
    pub bot_project_id: Option<i64>,
    /// Who made it.
    pub created_by_id: Option<i64>,
}

/// Stores a new user and returns its number.
///
/// # Errors
/// [`DbError::Taken`] when the name or address is.
pub fn insert(conn: &mut dyn Conn, user: &NewUser, now: Timestamp) -> Result<i64, DbError> {
    let args = [
        Value::from(&user.username),
        user.username.to_lowercase().into(),
        Value::from(&user.name),
        Value::from(&user.email),
        user.email.to_lowercase().into(),
        user.kind.name().into(),
        UserState::Active.name().into(),
        user.admin.into(),
        user.external.into(),
        user.can_create_group.into(),
        user.private_profile.into(),
        user.projects_limit.into(),
        user.password_hash.clone().into(),
        i64::from(user.password_expired).into(),
        Value::from(&user.bio),
        user.public_email.clone().into(),
        user.note.clone().into(),
        user.bot_project_id.into(),
        user.created_by_id.into(),
        now.into(),
    ];
    conn.insert(INSERT, &args)
}

/// Stores the changeable fields of a user.
///
/// # Errors
/// [`DbError::Taken`] when the new name or address is.
pub fn update(conn: &mut dyn Conn, user: &User, now: Timestamp) -> Result<(), DbError> {
    let args = [
        user.id.into(),
        Value::from(&user.username),
        user.username.to_lowercase().into(),
        Value::from(&user.name),
        Value::from(&user.email),
        user.email.to_lowercase().into(),
        user.admin.into(),
        user.external.into(),
        user.can_create_group.into(),
        user.private_profile.into(),
        user.projects_limit.into(),
        Value::from(&user.bio),
        user.public_email.clone().into(),
        user.note.clone().into(),
        now.into(),
    ];
    conn.exec(UPDATE, &args).map(drop)
}

/// Changes whether a user may act.
pub fn set_state(conn: &mut dyn Conn, id: i64, state: UserState, now: Timestamp) -> Result<(), DbError> {
    conn.exec(SET_STATE, &[id.into(), state.name().into(), now.into()]).map(drop)
}

/// Gives a user a password. Who is signed in with the former one is so no longer.
pub fn set_password(conn: &mut dyn Conn, id: i64, hash: &str, expired: bool, now: Timestamp) -> Result<(), DbError> {
    super::sessions::end_all(conn, id)?;
    conn.exec(SET_PASSWORD, &[id.into(), hash.into(), i64::from(expired).into(), now.into()]).map(drop)
}

/// Marks the password as the one that the server made at the first start.
pub fn mark_password_initial(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(MARK_INITIAL, &[id.into()]).map(drop)
}

/// Opens or closes internal projects to a user.
pub fn set_external(conn: &mut dyn Conn, id: i64, external: bool) -> Result<(), DbError> {
    conn.exec(SET_EXTERNAL, &[id.into(), external.into()]).map(drop)
}

/// Removes a user's row; everything that pointed at it must be moved before.
pub fn delete(conn: &mut dyn Conn, id: i64) -> Result<(), DbError> {
    conn.exec(DELETE, &[id.into()]).map(drop)
}

/// Whether there is any person yet.
pub fn any_person(conn: &mut dyn Conn) -> Result<bool, DbError> {
    Ok(conn.row(ANY_PERSON, &[])?.is_some())
}

/// How many people administer the instance.
pub fn administrators(conn: &mut dyn Conn) -> Result<i64, DbError> {
    conn.number(ADMINISTRATORS, &[])
}

/// The bots of a project that are not on their way out.
pub fn bots_of_project(conn: &mut dyn Conn, project_id: i64) -> Result<Vec<User>, DbError> {
    conn.rows(BOTS_OF_PROJECT, &[project_id.into()])?.into_iter().map(|row| read(&mut row.cells())).collect()
}

/// Remembers the day on which a user was last seen.
pub fn seen(conn: &mut dyn Conn, id: i64, day: Date) -> Result<(), DbError> {
    conn.exec(SEEN, &[id.into(), day.into()]).map(drop)
}

/// What a list of users is narrowed to (semantics sheet 3.4).
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// The exact username.
    pub username: Option<String>,
    /// Part of the name or username, or the exact address.
    pub search: Option<String>,
    /// Whether the searcher may find people by address, and bots by name.
    pub search_email: bool,
    /// Only active, or only blocked ones.
    pub states: Vec<&'static str>,
    /// Only external ones (false: none).
    pub external: Option<bool>,
    /// Only humans (false: none).
    pub humans: Option<bool>,
    /// Only administrators.
    pub admins: bool,
    /// Only those with a second factor (false: those without).
    pub two_factor: Option<bool>,
    /// Without bots of projects.
    pub without_project_bots: bool,
    /// Without members of any project or group.
    pub without_projects: bool,
    /// Without the Ghost User.
    pub exclude_internal: bool,
    /// Without active ones.
    pub exclude_active: bool,
    /// Made after.
    pub created_after: Option<Timestamp>,
    /// Made before.
    pub created_before: Option<Timestamp>,
}

/// Lists users; `order` is one of [`ORDERS`].
pub fn list(
    conn: &mut dyn Conn,
    wanted: &UserFilter,
    order: &'static str,
    slice: Slice,
) -> Result<Listed<User>, DbError> {
    filter(wanted).list(conn, order, slice, |row: Row| read(&mut row.cells()))
}

/// The orders that a list may have, newest first by default.
pub const ORDERS: &[(&str, &str, &str)] = &[
    ("id", "u.id", "u.id DESC"),
    ("name", "u.name, u.id", "u.name DESC, u.id DESC"),
    ("username", "u.username, u.id", "u.username DESC, u.id DESC"),
    ("created_at", "u.created_at, u.id", "u.created_at DESC, u.id DESC"),
    ("updated_at", "u.updated_at, u.id", "u.updated_at DESC, u.id DESC"),
];

/// The list query that a filter stands for.
pub fn filter(wanted: &UserFilter) -> Filter {
    let mut filter = Filter::new(COLUMNS, "users u", &[]);
    filter.and("u.state <> 'ghosted'", &[]);
    filter.and_some("u.username_key = ?", wanted.username.as_ref().map(|name| name.to_lowercase()));
    if let Some(text) = wanted.search.as_ref().filter(|text| !text.is_empty()) {
        let pattern = Value::from(containing(text));
        if wanted.search_email {
            filter.and(
                "LOWER(u.name) LIKE ? ESCAPE '\\' OR u.username_key LIKE ? ESCAPE '\\' OR u.email_key = ?",
                &[pattern.clone(), pattern, text.to_lowercase().into()],
            );
        } else {
            // The name of a bot is that of its token, which is its project's business alone.
            filter.and(
                "(u.kind <> 'project_bot' AND LOWER(u.name) LIKE ? ESCAPE '\\') OR u.username_key LIKE ? ESCAPE '\\'",
                &[pattern.clone(), pattern],
            );
        }
    }
    for state in &wanted.states {
        filter.and("u.state = ?", &[(*state).into()]);
    }
    filter.and_some("u.external = ?", wanted.external);
    match wanted.humans {
        Some(true) => filter.and("u.kind = 'human'", &[]),
        Some(false) => filter.and("u.kind <> 'human'", &[]),
        None => &mut filter,
    };
    if wanted.admins {
        filter.and("u.admin = TRUE", &[]);
    }
    filter.and_some("(u.sign_in & 2) = ?", wanted.two_factor.map(|on| 2 * i64::from(on)));
    if wanted.without_project_bots {
        filter.and("u.kind <> 'project_bot'", &[]);
    }
    if wanted.without_projects {
        filter.and("NOT EXISTS (SELECT 1 FROM members m WHERE m.user_id = u.id)", &[]);
    }
    if wanted.exclude_internal {
        filter.and("u.kind <> 'ghost'", &[]);
    }
    if wanted.exclude_active {
        filter.and("u.state <> 'active'", &[]);
    }
    filter.and_some("u.created_at >= ?", wanted.created_after);
    filter.and_some("u.created_at <= ?", wanted.created_before);
    filter
}
