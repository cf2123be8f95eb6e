//! Passwords and second factors. They are read where a password is tried or a factor is changed; the look-up of a
//! token reads no more than the bits of `sign_in`.

use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError};

queries! {
    SIGN_IN = "SELECT u.password_hash, u.otp_grace_period_started_at FROM users u WHERE u.id = ?1";
    FACTOR = "SELECT u.otp_secret, u.otp_secret_expires_at, u.otp_consumed_timestep FROM users u WHERE u.id = ?1";
    START = "UPDATE users SET otp_secret = ?2, otp_secret_expires_at = ?3, otp_consumed_timestep = NULL
        WHERE id = ?1 AND (sign_in & 2) = 0";
    ENABLE = "UPDATE users SET sign_in = sign_in | 2, otp_secret_expires_at = NULL,
        otp_consumed_timestep = ?2, otp_grace_period_started_at = NULL WHERE id = ?1 AND otp_secret IS NOT NULL";
    CONSUME = "UPDATE users SET otp_consumed_timestep = ?2
        WHERE id = ?1 AND (otp_consumed_timestep IS NULL OR otp_consumed_timestep < ?2)";
    DISABLE = "UPDATE users SET sign_in = sign_in & 5, otp_secret = NULL, otp_secret_expires_at = NULL,
        otp_consumed_timestep = NULL, otp_grace_period_started_at = NULL WHERE id = ?1";
    BEGIN_GRACE = "UPDATE users SET otp_grace_period_started_at = ?2
        WHERE id = ?1 AND otp_grace_period_started_at IS NULL";
    FORGET_GRACE = "UPDATE users SET otp_grace_period_started_at = NULL WHERE otp_grace_period_started_at IS NOT NULL";
    ADD_CODE = "INSERT INTO otp_backup_codes (user_id, digest) VALUES (?1, ?2)";
    USE_CODE = "DELETE FROM otp_backup_codes WHERE user_id = ?1 AND digest = ?2";
    DROP_CODES = "DELETE FROM otp_backup_codes WHERE user_id = ?1";
    CODES_LEFT = "SELECT COUNT(*) FROM otp_backup_codes WHERE user_id = ?1";
}

/// What decides, beside what every look-up reads, whether a password does.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SignIn {
    /// The password's hash, if there is a password.
    pub password_hash: Option<String>,
    /// When the time for setting a second factor up began.
    pub grace_started_at: Option<Timestamp>,
}

/// What decides whether a user's password does; nothing for a user who is not there.
pub fn sign_in(conn: &mut dyn Conn, user_id: i64) -> Result<SignIn, DbError> {
    let Some(row) = conn.row(SIGN_IN, &[user_id.into()])? else { return Ok(SignIn::default()) };
    let mut cells = row.cells();
    Ok(SignIn { password_hash: cells.opt_text()?, grace_started_at: cells.opt_time()? })
}

/// The secret of a second factor as it is stored, whether the factor is on or not.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Factor {
    /// The sealed secret.
    pub sealed: Option<Vec<u8>>,
    /// Until when it waits to be confirmed.
    pub expires_at: Option<Timestamp>,
    /// The last step whose code was taken.
    pub consumed: Option<i64>,
}

/// A user's second factor; nothing for a user who is not there.
pub fn factor(conn: &mut dyn Conn, user_id: i64) -> Result<Factor, DbError> {
    let Some(row) = conn.row(FACTOR, &[user_id.into()])? else { return Ok(Factor::default()) };
    let mut cells = row.cells();
    Ok(Factor { sealed: cells.opt_bytes()?, expires_at: cells.opt_time()?, consumed: cells.opt_int()? })
}

/// Keeps a sealed secret that is to be confirmed until `expires_at`; false where the factor is on already.
pub fn start(
    conn: &mut dyn Conn,
    user_id: i64,
    sealed: Vec<u8>,
    expires_at: Timestamp,
) -> Result<bool, DbError> {
    Ok(conn.exec(START, &[user_id.into(), sealed.into(), expires_at.into()])? > 0)
}

/// Turns a factor on whose secret was confirmed with the code of this step.
pub fn enable(conn: &mut dyn Conn, user_id: i64, step: i64) -> Result<(), DbError> {
    conn.exec(ENABLE, &[user_id.into(), step.into()]).map(drop)
}

/// Takes the code of this step, once; false if it or a later one was taken before.
pub fn consume(conn: &mut dyn Conn, user_id: i64, step: i64) -> Result<bool, DbError> {
    Ok(conn.exec(CONSUME, &[user_id.into(), step.into()])? > 0)
}

/// Turns a factor off and forgets everything of it.
pub fn disable(conn: &mut dyn Conn, user_id: i64) -> Result<(), DbError> {
    drop_codes(conn, user_id)?;
    conn.exec(DISABLE, &[user_id.into()]).map(drop)
}

/// Begins the time that somebody has for setting a factor up, if it has not begun.
pub fn begin_grace(conn: &mut dyn Conn, user_id: i64, now: Timestamp) -> Result<(), DbError> {
    conn.exec(BEGIN_GRACE, &[user_id.into(), now.into()]).map(drop)
}

/// Lets everybody's time begin anew.
pub fn forget_grace(conn: &mut dyn Conn) -> Result<(), DbError> {
    conn.exec(FORGET_GRACE, &[]).map(drop)
}

/// Adds a recovery code.
pub fn add_code(conn: &mut dyn Conn, user_id: i64, digest: [u8; 32]) -> Result<(), DbError> {
    conn.exec(ADD_CODE, &[user_id.into(), digest.into()]).map(drop)
}

/// Takes a recovery code, once; false if there is none such.
pub fn use_code(conn: &mut dyn Conn, user_id: i64, digest: [u8; 32]) -> Result<bool, DbError> {
    Ok(conn.exec(USE_CODE, &[user_id.into(), digest.into()])? > 0)
}

/// Takes all recovery codes of a user away.
pub fn drop_codes(conn: &mut dyn Conn, user_id: i64) -> Result<(), DbError> {
    conn.exec(DROP_CODES, &[user_id.into()]).map(drop)
}

/// How many recovery codes a user has left.
pub fn codes_left(conn: &mut dyn Conn, user_id: i64) -> Result<i64, DbError> {
    conn.number(CODES_LEFT, &[user_id.into()])
}
