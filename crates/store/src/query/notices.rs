//! Who is to be told that tokens end, or have ended. First the people of every token are written down and the token
//! is marked; then each person gets one mail with all of theirs, in the transaction that takes those rows away.

use tessera_model::time::{Date, Timestamp};
use tessera_model::token::Token;
use tessera_model::user::User;

use super::{tokens, users};
use crate::sql::{Conn, DbError, Row};

/// What there is to tell of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It ends in 31 to 60 days.
    Sixty,
    /// It ends in 8 to 30 days.
    Thirty,
    /// It ends in a week or less.
    Seven,
    /// It has ended.
    Expired,
}

macro_rules! due {
    ($mark:literal) => {
        concat!(
            "SELECT ",
            token_columns!(),
            " FROM tokens t WHERE t.revoked = FALSE AND t.expires_on > ?1 AND t.expires_on <= ?2 AND t.",
            $mark,
            " IS NULL AND t.kind <> 'impersonation' AND t.id > ?3 ORDER BY t.id LIMIT ?4"
        )
    };
}

queries! {
    DUE_60 = due!("notice_60_at");
    DUE_30 = due!("notice_30_at");
    DUE_7 = due!("notice_7_at");
    DUE_EXPIRED = due!("expired_notice_at");
    MARK_60 = "UPDATE tokens SET notice_60_at = ?2 WHERE id = ?1";
    MARK_30 = "UPDATE tokens SET notice_30_at = ?2 WHERE id = ?1";
    MARK_7 = "UPDATE tokens SET notice_7_at = ?2 WHERE id = ?1";
    MARK_EXPIRED = "UPDATE tokens SET expired_notice_at = ?2 WHERE id = ?1";
    ADD = "INSERT INTO token_notices (user_id, token_id, notice) VALUES (?1, ?2, ?3)
        ON CONFLICT (user_id, notice, token_id) DO NOTHING";
    NEXT = "SELECT MIN(n.user_id) FROM token_notices n WHERE n.notice = ?1";
    OF_USER = concat!("SELECT ", token_columns!(), " FROM token_notices n JOIN tokens t ON t.id = n.token_id
        WHERE n.user_id = ?1 AND n.notice = ?2 AND t.revoked = FALSE ORDER BY t.expires_on, t.id");
    TOLD = "DELETE FROM token_notices WHERE user_id = ?1 AND notice = ?2";
    DIRECT = concat!("SELECT ", user_columns!(), " FROM members m JOIN users u ON u.id = m.user_id
        WHERE m.project_id = ?1 AND m.person = TRUE AND m.access_level >= 40
            AND (m.expires_on IS NULL OR m.expires_on > ?2) AND u.kind = 'human' AND u.state = 'active'");
    // CROSS JOIN keeps SQLite's order: it would go through everybody.
    INHERITED = concat!("WITH RECURSIVE chain (id, parent_id) AS (
            SELECT n.id, n.parent_id FROM projects p JOIN namespaces n ON n.id = p.namespace_id WHERE p.id = ?1
            UNION ALL SELECT n.id, n.parent_id FROM namespaces n JOIN chain ON n.id = chain.parent_id)
        SELECT ", user_columns!(), "
        FROM chain CROSS JOIN members m CROSS JOIN users u
        WHERE m.namespace_id = chain.id AND u.id = m.user_id AND m.access_level >= 40 AND (m.expires_on IS NULL OR m.expires_on > ?2)
            AND u.kind = 'human' AND u.state = 'active'");
    MAKER = concat!("SELECT ", user_columns!(), " FROM users b JOIN users u ON u.id = b.created_by_id
        WHERE b.id = ?1 AND u.kind = 'human' AND u.state = 'active'");
}

impl Notice {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sixty => "60",
            Self::Thirty => "30",
            Self::Seven => "7",
            Self::Expired => "expired",
        }
    }
}

fn read(rows: Vec<Row>) -> Result<Vec<Token>, DbError> {
    rows.into_iter().map(|row| tokens::read(&mut row.cells())).collect()
}

/// Tokens that end after one date and up to another, of which nobody was told this yet; by their numbers from `after`
/// on. Revoked ones and impersonation tokens, of which their users know nothing, are left out.
pub fn due(
    conn: &mut dyn Conn,
    notice: Notice,
    ends: (Date, Date),
    after: i64,
    limit: i64,
) -> Result<Vec<Token>, DbError> {
    let sql = match notice {
        Notice::Sixty => DUE_60,
        Notice::Thirty => DUE_30,
        Notice::Seven => DUE_7,
        Notice::Expired => DUE_EXPIRED,
    };
    read(conn.rows(sql, &[ends.0.into(), ends.1.into(), after.into(), limit.into()])?)
}

/// Remembers that the people of a token are being told.
pub fn mark(conn: &mut dyn Conn, notice: Notice, token_id: i64, now: Timestamp) -> Result<(), DbError> {
    let sql = match notice {
        Notice::Sixty => MARK_60,
        Notice::Thirty => MARK_30,
        Notice::Seven => MARK_7,
        Notice::Expired => MARK_EXPIRED,
    };
    conn.exec(sql, &[token_id.into(), now.into()]).map(drop)
}

/// Writes down that a person is to be told of a token.
pub fn add(conn: &mut dyn Conn, notice: Notice, user_id: i64, token_id: i64) -> Result<(), DbError> {
    conn.exec(ADD, &[user_id.into(), token_id.into(), notice.name().into()]).map(drop)
}

/// The next person who is to be told.
pub fn next(conn: &mut dyn Conn, notice: Notice) -> Result<Option<i64>, DbError> {
    conn.row(NEXT, &[notice.name().into()])?.map_or(Ok(None), |row| row.cells().opt_int())
}

/// The tokens of which a person is to be told, those first that end first; what was revoked meanwhile is left out.
pub fn of_user(conn: &mut dyn Conn, notice: Notice, user_id: i64) -> Result<Vec<Token>, DbError> {
    read(conn.rows(OF_USER, &[user_id.into(), notice.name().into()])?)
}

/// The person is told.
pub fn told(conn: &mut dyn Conn, notice: Notice, user_id: i64) -> Result<(), DbError> {
    conn.exec(TOLD, &[user_id.into(), notice.name().into()]).map(drop)
}

/// The active people who are Maintainer or Owner of a project; with `inherited` those of the groups above it too.
/// Somebody who is both stands in it twice.
pub fn managers(
    conn: &mut dyn Conn,
    project_id: i64,
    inherited: bool,
    today: Date,
) -> Result<Vec<User>, DbError> {
    let mut rows = conn.rows(DIRECT, &[project_id.into(), today.into()])?;
    if inherited {
        rows.extend(conn.rows(INHERITED, &[project_id.into(), today.into()])?);
    }
    rows.into_iter().map(|row| users::read(&mut row.cells())).collect()
}

/// Who made a bot, if that is an active person.
pub fn maker(conn: &mut dyn Conn, bot_id: i64) -> Result<Option<User>, DbError> {
    conn.row(MAKER, &[bot_id.into()])?.map(|row| users::read(&mut row.cells())).transpose()
}
