//! The audit log as a chain that only the holder of a key can make.
//!
//! Every record carries a code (HMAC) over all that it says, made in the transaction that it tells of. A
//! moment later a seal is laid over the records that are new: it names them, covers their codes and the
//! seal before it. Whoever can write the database, but does not hold the key, can neither make nor change
//! a record or a seal that passes, and what is taken out is missing in a seal. That the end was not cut
//! off is told by a [`Head`], which is kept where the key is kept.

mod ids;
mod key;
#[cfg(test)]
mod tests;
mod verifier;

pub use ids::{Range, Ranges};
pub use key::{Code, ContentHash, SealKey};
pub use verifier::{Report, Verifier};

use crate::time::Timestamp;

/// The kind of object that a record belongs to, by which it is found: one of these.
pub mod entity {
    /// The whole instance.
    pub const INSTANCE: &str = "instance";
    /// A project, with its tokens and bots.
    pub const PROJECT: &str = "project";
    /// A group.
    pub const GROUP: &str = "group";
    /// A user.
    pub const USER: &str = "user";
}

/// What happened, to what, by whom, from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When, by the clock of the transaction.
    pub created_at: Timestamp,
    /// What was done, as `noun.verb`.
    pub action: String,
    /// The number of who did it.
    pub actor_id: Option<i64>,
    /// Their username.
    pub actor_username: String,
    /// With which token.
    pub token_id: Option<i64>,
    /// To what kind of thing.
    pub target_kind: String,
    /// Its number.
    pub target_id: Option<i64>,
    /// Its name.
    pub target_name: String,
    /// The kind of object that it belongs to, see [`entity`].
    pub entity_kind: String,
    /// The number of that object.
    pub entity_id: Option<i64>,
    /// From which address.
    pub address: String,
    /// In which request.
    pub request_id: String,
    /// Through which door.
    pub surface: String,
    /// What else there is to know, as JSON text.
    pub details: String,
    /// The process that wrote it: a number drawn at its start.
    pub writer: i64,
    /// Which of that process' records it is; the two make a record unlike any other.
    pub number: i64,
}

/// A record as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number.
    pub id: i64,
    /// What it says.
    pub record: Record,
    /// The code over it.
    pub code: Vec<u8>,
    /// The seal that covers it, once there is one.
    pub seal: Option<i64>,
}

/// A seal over some records and the seal before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Its number; seals are numbered without gaps.
    pub number: i64,
    /// When it was laid.
    pub sealed_at: Timestamp,
    /// The numbers of its records, see [`Ranges`].
    pub ids: String,
    /// The hash of its records' numbers and codes.
    pub content: Vec<u8>,
    /// The code over all of this and the code of the seal before.
    pub code: Vec<u8>,
    /// Set where retention has removed the records of this seal and all before it: a code that says so.
    pub anchor: Option<Vec<u8>>,
}

/// The newest seal that was seen, kept beside the key, out of the database's reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: i64,
    /// Its code.
    pub code: Vec<u8>,
}
