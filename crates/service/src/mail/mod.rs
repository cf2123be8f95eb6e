//! Mails: written in the transaction that causes them, sent outside of any, never lost.

mod deliver;
mod letter;
pub(crate) mod people;
pub(crate) mod token_changed;
pub(crate) mod token_lines;
pub(crate) mod two_factor_changed;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;

use tessera_model::secret::hex;
use tessera_model::time::Timestamp;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::mails::NewMail;

pub use deliver::Delivered;
pub(crate) use letter::Letter;

use crate::{Tx, fault};

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The Message-ID, without its angle brackets. A mail that is sent again bears the same.
    pub message_id: String,
    /// The address that it goes to.
    pub to: String,
    /// The name of whom it goes to, without control characters.
    pub to_name: String,
    /// The subject.
    pub subject: String,
    /// The plain body.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// Why a mail was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing can be sent now: the server is away, or does not take us. It says nothing of this mail.
    #[error("{0}")]
    Unavailable(String),
    /// This mail is to be tried again later.
    #[error("{0}")]
    Later(String),
    /// This mail is refused, and would be again.
    #[error("{0}")]
    Refused(String),
}

/// The outcome of handing a mail over.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// Where mails go: a mail server, a folder of files, or the memory of a test.
pub trait Outbox: Send + Sync + 'static {
    /// Hands a mail over. With `Ok` it was accepted, and is never handed over again.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}

/// Writes a mail in this transaction; it is sent when that is committed.
pub(crate) fn queue(tx: &mut Tx<'_>, to: &User, subject: &str, letter: &Letter) -> Result<()> {
    let mut number = [0_u8; 16];
    tx.core.entropy.fill(&mut number)?;
    let message_id = format!("{}@{}", hex(&number), tx.core.host());
    let name = letter::printable(&to.name);
    let letter = serde_json::to_string(letter).map_err(|error| Error::internal(error.to_string()))?;
    let mail = NewMail { message_id: &message_id, to: (&to.email, &name), subject, letter: &letter };
    query::mails::add(tx.conn, &mail, tx.now).map_err(fault)?;
    tx.core.mail_written.store(true, Ordering::Release);
    Ok(())
}
