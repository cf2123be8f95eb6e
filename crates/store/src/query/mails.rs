//! Mails on their way out: written in the transaction that causes them, sent afterwards.

use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError};

queries! {
    ADD = "INSERT INTO mails (message_id, recipient, recipient_name, subject, letter, state,
        next_try_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6)";
    // What is being handed over has no error; what waits for another attempt has one.
    CLAIM = "UPDATE mails SET attempts = attempts + 1, next_try_at = ?2, last_error = NULL
        WHERE id = (SELECT m.id FROM mails m WHERE m.state = 'waiting' AND m.next_try_at <= ?1
            ORDER BY m.next_try_at, m.id LIMIT 1)
        AND state = 'waiting' AND next_try_at <= ?1
        RETURNING id, message_id, recipient, recipient_name, subject, letter, attempts, created_at";
    SENT = "UPDATE mails SET state = 'sent', sent_at = ?2, last_error = NULL WHERE id = ?1";
    PUT_BACK = "UPDATE mails SET state = ?2, next_try_at = ?3, last_error = ?4 WHERE id = ?1";
    REVIVE = "UPDATE mails SET state = 'waiting', next_try_at = ?1
        WHERE state IN ('waiting', 'refused') AND last_error IS NOT NULL";
    FORGET = "DELETE FROM mails WHERE id IN (SELECT m.id FROM mails m
        WHERE m.state = 'sent' AND m.sent_at <= ?1 ORDER BY m.id LIMIT ?2)";
    DUE = "SELECT 1 FROM mails m WHERE m.state = 'waiting' AND m.next_try_at <= ?1 LIMIT 1";
    LIST_UNSENT = "SELECT m.recipient, m.subject, m.state, m.attempts, m.next_try_at, m.last_error FROM mails m
        WHERE m.state <> 'sent' ORDER BY m.id DESC LIMIT ?1";
    UNSENT = "SELECT m.state, COUNT(*) FROM mails m WHERE m.state <> 'sent' GROUP BY m.state ORDER BY m.state";
}

/// What a new mail is made of.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// The Message-ID, without its angle brackets; it stays the same however often the mail is tried.
    pub message_id: &'a str,
    /// Address and name of whom it goes to.
    pub to: (&'a str, &'a str),
    /// The subject.
    pub subject: &'a str,
    /// What it says, in the form that the caller reads back.
    pub letter: &'a str,
}

/// A mail in the sender's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedMail {
    /// Its number.
    pub id: i64,
    /// The Message-ID, without its angle brackets.
    pub message_id: String,
    /// Address and name of whom it goes to.
    pub to: (String, String),
    /// The subject.
    pub subject: String,
    /// What it says, as it was given.
    pub letter: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Timestamp,
}

/// Writes a mail; it is due at once.
pub fn add(conn: &mut dyn Conn, mail: &NewMail<'_>, now: Timestamp) -> Result<(), DbError> {
    let args = [
        mail.message_id.into(),
        mail.to.0.into(),
        mail.to.1.into(),
        mail.subject.into(),
        mail.letter.into(),
        now.into(),
    ];
    conn.exec(ADD, &args).map(drop)
}

/// Whether a mail is due.
pub fn due(conn: &mut dyn Conn, now: Timestamp) -> Result<bool, DbError> {
    Ok(conn.row(DUE, &[now.into()])?.is_some())
}

/// Takes the next due mail; if its sender dies, another one takes it from `until` on.
pub fn claim(conn: &mut dyn Conn, now: Timestamp, until: Timestamp) -> Result<Option<ClaimedMail>, DbError> {
    let Some(row) = conn.row(CLAIM, &[now.into(), until.into()])? else { return Ok(None) };
    let mut cells = row.cells();
    Ok(Some(ClaimedMail {
        id: cells.int()?,
        message_id: cells.text()?,
        to: (cells.text()?, cells.text()?),
        subject: cells.text()?,
        letter: cells.text()?,
        attempts: cells.int()?,
        created_at: cells.time()?,
    }))
}

/// The mail was accepted.
pub fn sent(conn: &mut dyn Conn, id: i64, now: Timestamp) -> Result<(), DbError> {
    conn.exec(SENT, &[id.into(), now.into()]).map(drop)
}

/// The mail was not accepted: it is tried again at a time, or, when it was refused for good, kept until somebody asks.
pub fn put_back(
    conn: &mut dyn Conn,
    id: i64,
    refused: bool,
    next_try_at: Timestamp,
    error: &str,
) -> Result<(), DbError> {
    let state = if refused { "refused" } else { "waiting" };
    conn.exec(PUT_BACK, &[id.into(), state.into(), next_try_at.into(), error.into()]).map(drop)
}

/// Makes every mail that waits for another attempt due, those too that were refused for good; not what is being
/// handed over at this moment.
pub fn revive(conn: &mut dyn Conn, now: Timestamp) -> Result<(), DbError> {
    conn.exec(REVIVE, &[now.into()]).map(drop)
}

/// Removes at most so many of those that were accepted before a time, and says how many.
pub fn forget(conn: &mut dyn Conn, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    conn.exec(FORGET, &[before.into(), limit.into()])
}

/// How many mails wait, and how many were refused for good.
pub fn unsent(conn: &mut dyn Conn) -> Result<(i64, i64), DbError> {
    let (mut waiting, mut refused) = (0, 0);
    for row in conn.rows(UNSENT, &[])? {
        let mut cells = row.cells();
        let (state, count) = (cells.text()?, cells.int()?);
        *(if state == "refused" { &mut refused } else { &mut waiting }) = count;
    }
    Ok((waiting, refused))
}

/// A mail that was not accepted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The address of whom it goes to.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// Whether it was refused for good; it waits otherwise.
    pub refused: bool,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub next_try_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

/// The mails that were not accepted yet, the newest first, at most so many.
pub fn list_unsent(conn: &mut dyn Conn, limit: i64) -> Result<Vec<Unsent>, DbError> {
    let rows = conn.rows(LIST_UNSENT, &[limit.into()])?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            Ok(Unsent {
                recipient: cells.text()?,
                subject: cells.text()?,
                refused: cells.text()? == "refused",
                attempts: cells.int()?,
                next_try_at: cells.time()?,
                last_error: cells.opt_text()?,
            })
        })
        .collect()
}
