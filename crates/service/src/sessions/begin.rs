//! Signing in.

use serde_json::json;
use tessera_model::caller::Via;
use tessera_model::error::Unauthenticated;
use tessera_model::operation::Operation;
use tessera_model::session::SessionSecret;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::sessions::NewSession;

use crate::audit::Event;
use crate::{Authorized, Credential, Service, Tx, fault};

/// Longest text that is kept of what a browser calls itself, in characters.
const LONGEST_AGENT: usize = 300;

/// That a password was right a moment ago.
pub struct Proved {
    user_id: i64,
    hash: String,
}

/// A session that has begun.
pub struct Begun {
    /// What the cookie holds.
    pub secret: SessionSecret,
    /// Whether the second factor is still to come.
    pub pending: bool,
}

impl Service {
    /// Tries a user name (or address) and a password.
    ///
    /// # Errors
    /// 401 when they do not fit, 429 when there were too many that did not.
    pub async fn prove_sign_in(&self, login: &str, password: String, address: &str) -> Result<Proved> {
        match self.password(login, password, address).await? {
            Credential::Password { user_id, hash } => Ok(Proved { user_id, hash }),
            _ => Err(Error::Unauthenticated(Unauthenticated::Unknown)),
        }
    }
}

/// Begins a session in place of the one that the browser had.
///
/// # Errors
/// 401 when the password is another by now, 403 for an account that may not act.
pub fn begin<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    proved: &Proved,
    user_agent: &str,
) -> Result<Begun> {
    let known = query::two_factor::sign_in(tx.conn, proved.user_id).map_err(fault)?;
    let user = query::users::by_id(tx.conn, proved.user_id).map_err(fault)?;
    let user = user.filter(|_| known.password_hash.as_ref() == Some(&proved.hash));
    let user = user.ok_or(Error::Unauthenticated(Unauthenticated::Unknown))?;
    if let Some(why) = user.shut_out() {
        return Err(Error::forbidden(why));
    }
    let former = tx.caller.session().map(|session| session.id);
    if let Some(former) = former {
        query::sessions::end(tx.conn, former).map_err(fault)?;
    }
    let pending = user.two_factor;
    let secret = open(tx, user.id, pending, user_agent)?;
    if !pending {
        tx.caller.user = Some(user);
        signed_in(tx, "password")?;
    }
    Ok(Begun { secret, pending })
}

/// Writes a session down. The caller goes on in it: what is left to be said is said there.
pub(super) fn open(tx: &mut Tx<'_>, user_id: i64, pending: bool, user_agent: &str) -> Result<SessionSecret> {
    let secret = SessionSecret::generate(&*tx.core.entropy)?;
    let user_agent: String = user_agent.chars().take(LONGEST_AGENT).collect();
    let session = NewSession {
        user_id,
        digest: tx.core.keys.session.digest(&secret),
        pending,
        address: &tx.meta.address,
        user_agent: &user_agent,
    };
    let id = query::sessions::add(tx.conn, &session, tx.now).map_err(fault)?;
    if let Via::Session(facts) = &mut tx.caller.via {
        facts.id = id;
    }
    Ok(secret)
}

/// Writes into the audit log that the caller signed in.
pub(super) fn signed_in(tx: &mut Tx<'_>, with: &str) -> Result<()> {
    let Some(user) = tx.caller.user.clone() else { return Ok(()) };
    query::users::seen(tx.conn, user.id, tx.now.date()).map_err(fault)?;
    tx.audit(&Event {
        action: "user.sign_in",
        target: ("user", Some(user.id), &user.username),
        project_id: None,
        details: json!({ "with": with }),
    })
}
