//! Sessions: people in their browsers. A session opens pages and nothing else (D24).

mod begin;
pub mod list;
pub mod message;
mod new_password;
mod second_factor;

use tessera_model::caller::{Caller, Via};
use tessera_model::error::Unauthenticated;
use tessera_model::operation::Row;
use tessera_model::session::{Gate, SessionFacts, SessionSecret};
use tessera_model::time::Timestamp;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query::sessions::Found;
use tessera_store::{Conn, DbError, query};

pub use begin::{Begun, Proved, begin};
pub use new_password::set_new_password;
pub use second_factor::pass_second_factor;
pub use tessera_store::query::sessions::Shown;

use crate::request::Ask;
use crate::service::Core;
use crate::{Service, Trouble, two_factor};

/// Seconds after which a session that nobody uses ends: a week, as GitLab has it.
const IDLE: i64 = 7 * 86_400;
/// Seconds after which every session ends.
const WHOLE: i64 = 30 * 86_400;
/// Seconds within which the second factor must follow the password.
const PENDING: i64 = 600;
/// Seconds for which "last seen" may be behind.
const FRESH: i64 = 300;

/// The time before which a session must have been seen, to count no more.
pub(crate) fn idle_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-IDLE)
}

/// Who comes with a cookie. One that counts no more is nobody's: its bearer is led to where one signs in.
pub(crate) fn caller(
    conn: &mut dyn Conn,
    core: &Core,
    secret: &SessionSecret,
    now: Timestamp,
) -> Result<Caller, DbError> {
    let found = query::sessions::by_digest(conn, core.keys.session.digest(secret))?;
    let Some(found) = found.filter(|found| counts(found, now)) else { return Ok(Caller::ANONYMOUS) };
    let gate = gate(conn, &found.user, found.pending, now)?;
    let facts = SessionFacts {
        id: found.id,
        gate,
        has_message: found.has_message,
        is_stale: found.last_seen_at <= now.plus_seconds(-FRESH),
    };
    Ok(Caller { user: Some(found.user), via: Via::Session(facts), sudo_by: None })
}

fn counts(found: &Found, now: Timestamp) -> bool {
    let longest = if found.pending { PENDING } else { WHOLE };
    found.user.shut_out().is_none()
        && found.created_at > now.plus_seconds(-longest)
        && found.last_seen_at > idle_since(now)
}

/// What must be done first.
fn gate(conn: &mut dyn Conn, user: &User, pending: bool, now: Timestamp) -> Result<Option<Gate>, DbError> {
    if pending {
        return Ok(Some(Gate::SecondFactor));
    }
    if user.password_expired || user.password_initial {
        return Ok(Some(Gate::NewPassword));
    }
    if user.two_factor {
        return Ok(None);
    }
    let asked = two_factor::enforcement(conn)?;
    if !asked.required {
        return Ok(None);
    }
    let known = query::two_factor::sign_in(conn, user.id)?;
    Ok(asked.closes(known.grace_started_at, now).then_some(Gate::SetUpTwoFactor))
}

/// The session of a caller.
///
/// # Errors
/// 401 for a caller without one.
fn of(caller: &Caller) -> Result<&SessionFacts> {
    caller.session().ok_or(Error::Unauthenticated(Unauthenticated::Missing))
}

impl Service {
    /// What a browser is known by: a session that is to begin, or a form before there is one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new_session_secret(&self) -> Result<SessionSecret> {
        Ok(SessionSecret::generate(&*self.core().entropy)?)
    }

    /// What the forms of a page carry.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn form_token(&self, secret: &SessionSecret) -> Result<String> {
        let core = self.core();
        Ok(core.keys.session.form_token(secret, &*core.entropy)?)
    }

    /// Whether a form was given to this browser.
    pub fn is_form_token(&self, secret: &SessionSecret, given: &str) -> bool {
        self.core().keys.session.is_form_token(secret, given)
    }

    /// Takes note of a sign-in that failed, by whoever gave this name for their own.
    pub fn note_failed_sign_in(&self, ask: &Ask, row: &Row, error: &Error, login: &str) {
        self.note(ask, row, error, Some(login));
    }

    /// Notes that a session and its owner were seen, if that was long ago. What is lost costs nothing but freshness.
    pub async fn session_seen(&self, caller: &Caller, ask: &Ask) {
        let Some(session) = caller.session().filter(|session| session.is_stale) else { return };
        let (id, user_id, address, now) =
            (session.id, caller.user_id(), ask.meta.address.clone(), self.now());
        let noted = self.store().write(move |conn| {
            query::sessions::seen(conn, id, now, &address)?;
            if let Some(user_id) = user_id {
                query::users::seen(conn, user_id, now.date())?;
            }
            Ok::<_, Trouble>(())
        });
        if let Err(trouble) = noted.await {
            tracing::warn!(error = %trouble.0, "the use of a session could not be noted");
        }
    }
}
