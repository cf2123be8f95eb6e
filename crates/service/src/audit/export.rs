//! Reading the log out, a page at a time, in the order in which it was sealed: so nothing is left out
//! that comes to light later than its number says.

use serde_json::{Value, json};
use tessera_model::Result;
use tessera_model::audit::Stored;
use tessera_model::secret::hex;
use tessera_store::query;

use crate::{Service, Trouble};

/// Records of one page.
const PAGE: i64 = 500;

/// Where a page ends: a seal and the number of its last record.
pub type Cursor = (i64, i64);

/// Some records, each as a JSON object.
#[derive(Clone, Debug)]
pub struct Page {
    /// The records.
    pub records: Vec<Value>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Cursor>,
}

impl Service {
    /// The sealed records after a point, none for the beginning; what is new is sealed before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn export_audit(&self, after: Option<Cursor>) -> Result<Page> {
        if after.is_none() {
            self.seal_audit().await?;
        }
        let after = after.unwrap_or((0, 0));
        let read =
            self.store().read(move |conn| query::audit::sealed(conn, after, PAGE).map_err(Trouble::from));
        let found = read.await?;
        let next = found.last().map(|last| (last.seal.unwrap_or(i64::MAX), last.id));
        Ok(Page { records: found.iter().map(line).collect(), next })
    }
}

/// A record whole, with the code over it and the number of its seal.
fn line(stored: &Stored) -> Value {
    let record = &stored.record;
    json!({
        "id": stored.id,
        "created_at": record.created_at,
        "action": record.action,
        "actor_id": record.actor_id,
        "actor": record.actor_username,
        "token_id": record.token_id,
        "target_kind": record.target_kind,
        "target_id": record.target_id,
        "target": record.target_name,
        "entity_kind": record.entity_kind,
        "entity_id": record.entity_id,
        "address": record.address,
        "request_id": record.request_id,
        "surface": record.surface,
        "details": serde_json::from_str(&record.details).unwrap_or(Value::String(record.details.clone())),
        "seal": stored.seal,
        "code": hex(&stored.code),
    })
}
