//! The audit log, written in the transaction that it tells of: what is not written down is not done.
//! `seal` covers what is new, `verify` walks along it, `retention` ends it.

pub mod browse;
mod export;
mod failures;
mod head;
pub mod list;
mod retention;
mod seal;
mod verify;

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Map, Value, json};
use tessera_model::Result;
use tessera_model::audit::{Record, SealKey, entity};
use tessera_model::secret::Entropy;
use tessera_store::query;

pub use self::export::{Cursor, Page};
use self::failures::Failures;
use self::head::HeadFile;
pub(crate) use self::seal::free_lease;
use crate::keys::Keys;
use crate::{Service, Tx, fault};

/// What happened, as a use case tells it; who, when and from where the transaction knows.
pub(crate) struct Event<'a> {
    /// What was done, as `noun.verb`.
    pub(crate) action: &'a str,
    /// To what: its kind, number and name.
    pub(crate) target: (&'a str, Option<i64>, &'a str),
    /// In which project.
    pub(crate) project_id: Option<i64>,
    /// What else there is to know; never a secret.
    pub(crate) details: Value,
}

/// What a record belongs to where neither its project nor its target says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entity {
    /// A group.
    Group(i64),
    /// A user.
    User(i64),
}

/// What the log is written with.
pub(crate) struct Audit {
    key: SealKey,
    head: HeadFile,
    /// A number of this process' own, and how many records it wrote.
    writer: i64,
    count: AtomicI64,
    failures: Failures,
    /// The seal whose loss was told in the log.
    missed: AtomicI64,
}

impl Audit {
    pub(crate) fn new(keys: &Keys, entropy: &dyn Entropy) -> Result<Self> {
        let mut drawn = [0_u8; 8];
        entropy.fill(&mut drawn)?;
        let writer = i64::from_le_bytes(drawn) & i64::MAX;
        let head = HeadFile::new(keys.secrets());
        Ok(Self {
            key: keys.seal_key(),
            head,
            writer,
            count: AtomicI64::new(0),
            failures: Failures::default(),
            missed: AtomicI64::new(0),
        })
    }

    /// The number of the next record that this process writes.
    fn next_number(&self) -> i64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }
}

impl Service {
    /// What is done for the audit log beside the requests, twice a second.
    pub async fn keep_audit(&self) {
        if let Err(error) = self.flush_failures(false).await {
            tracing::warn!(%error, "failed authentications could not be written down");
        }
        if let Err(error) = self.seal_audit().await {
            tracing::warn!(%error, "the audit log could not be sealed");
        }
    }
}

/// Writes an event down as that of its project or target.
pub(crate) fn record(tx: &mut Tx<'_>, event: &Event<'_>) -> Result<()> {
    let (kind, id, _) = event.target;
    let of = match (event.project_id, kind) {
        (Some(project), _) => (entity::PROJECT, Some(project)),
        (None, "user") => (entity::USER, id),
        (None, "group") => (entity::GROUP, id),
        (None, _) => (entity::INSTANCE, None),
    };
    write(tx, event, of)
}

/// Writes an event down as that of a group or user; one that names a project is that project's.
pub(crate) fn record_of(tx: &mut Tx<'_>, of: Entity, event: &Event<'_>) -> Result<()> {
    let of = match (event.project_id, of) {
        (Some(project), _) => (entity::PROJECT, Some(project)),
        (None, Entity::Group(id)) => (entity::GROUP, Some(id)),
        (None, Entity::User(id)) => (entity::USER, Some(id)),
    };
    write(tx, event, of)
}

fn write(tx: &mut Tx<'_>, event: &Event<'_>, of: (&str, Option<i64>)) -> Result<()> {
    let actor_id = tx.caller.sudo_by.as_ref().map(|(id, _)| *id).or_else(|| tx.caller.user_id());
    let mut details = event.details.clone();
    if let (Some(_), Some(user)) = (&tx.caller.sudo_by, &tx.caller.user)
        && let Some(object) = details.as_object_mut()
    {
        object.insert("on_behalf_of".to_owned(), json!(user.username));
    }
    let audit = &tx.core.audit;
    let record = Record {
        created_at: tx.now,
        action: event.action.to_owned(),
        actor_id,
        actor_username: printable(tx.actor()),
        token_id: tx.caller.token().map(|token| token.id),
        target_kind: event.target.0.to_owned(),
        target_id: event.target.1,
        target_name: printable(event.target.2),
        entity_kind: of.0.to_owned(),
        entity_id: of.1,
        address: tx.meta.address.clone(),
        request_id: tx.meta.request_id.clone(),
        surface: tx.meta.surface_name().to_owned(),
        details: printable(&details.to_string()),
        writer: audit.writer,
        number: audit.next_number(),
    };
    let code = audit.key.record(&record);
    query::audit::add(tx.conn, &record, code).map_err(fault)
}

/// The fields that differ, each with what it was and what it is.
pub(crate) fn differences(
    fields: impl IntoIterator<Item = (&'static str, Value, Value)>,
) -> Map<String, Value> {
    let changed = fields.into_iter().filter(|(_, from, to)| from != to);
    changed.map(|(name, from, to)| (name.to_owned(), json!({ "from": from, "to": to }))).collect()
}

/// Names go into the log without control characters, so that none can forge a line of it.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_name_can_forge_a_line() {
        assert_eq!(super::printable("a\r\nb\u{1b}[2Jc"), "a\u{fffd}\u{fffd}b\u{fffd}[2Jc");
    }
}
