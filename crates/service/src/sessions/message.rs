//! What the next page says once: that something was done, or a secret that is told this one time. It waits sealed in
//! the session's row, for one page and a few minutes, and whoever takes it takes it away.

use serde_json::{Value, json};
use tessera_model::caller::Caller;
use tessera_model::{Error, Result};
use tessera_store::query;
use zeroize::Zeroizing;

use super::of;
use crate::{Service, Trouble, Tx, fault};

/// Seconds for which it waits.
const WAITS: i64 = 300;

/// What is said once. It cannot be printed: it may hold a secret.
pub struct Message {
    /// The path of the page that says it.
    pub to: String,
    /// What was done.
    pub text: String,
    /// A secret that is told this once.
    pub secret: Option<Zeroizing<String>>,
    /// The number of what it is about, of a token say.
    pub subject: Option<i64>,
}

/// Leaves a message to the session that asks, in the transaction that does what it tells of: with that it is there or
/// not.
///
/// # Errors
/// 401 for a caller without a session.
pub fn leave(tx: &mut Tx<'_>, message: &Message) -> Result<()> {
    let id = of(&tx.caller)?.id;
    let text = Zeroizing::new(
        json!({
            "to": message.to,
            "text": message.text,
            "secret": message.secret.as_ref().map(|secret| secret.as_str()),
            "subject": message.subject,
        })
        .to_string(),
    );
    let sealed = tx.core.vault.seal(&place(id), text.as_bytes(), &*tx.core.entropy)?;
    let until = tx.now.plus_seconds(WAITS);
    query::sessions::leave_message(tx.conn, id, sealed, until).map_err(fault)
}

fn place(id: i64) -> String {
    format!("message of session {id}")
}

fn read(text: &[u8]) -> Option<Message> {
    let fields: Value = serde_json::from_slice(text).ok()?;
    let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
    Some(Message {
        to: text("to")?,
        text: text("text")?,
        secret: text("secret").map(Zeroizing::new),
        subject: fields.get("subject").and_then(Value::as_i64),
    })
}

impl Service {
    /// Takes the message that waits for this caller on this page, if one does; nobody else can after that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_message(&self, caller: &Caller, path: &str) -> Result<Option<Message>> {
        let Some(session) = caller.session().filter(|session| session.has_message) else { return Ok(None) };
        let (core, id, now, path) = (self.core().clone(), session.id, self.now(), path.to_owned());
        let taken = self.store().write(move |conn| {
            let Some(sealed) = query::sessions::message(conn, id, now)? else { return Ok(None) };
            let text = core.vault.open(&place(id), &sealed).map_err(Trouble)?;
            let message =
                read(&text).ok_or_else(|| Error::internal("a message of a session cannot be read"))?;
            if message.to != path || !query::sessions::take_message(conn, id)? {
                return Ok(None);
            }
            Ok(Some(message))
        });
        taken.await.map_err(|trouble: Trouble| trouble.0)
    }
}
