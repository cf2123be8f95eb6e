//! When and from where tokens were last used (U10, D18): remembered on the side, written in batches,
//! never a write or a wait in a request's path.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tessera_model::secret::Digest;
use tessera_model::time::Timestamp;
use tessera_model::token::Token;
use tessera_store::{Conn, DbError, Store, query};

use crate::Trouble;

/// How many addresses of a token are kept.
const ADDRESSES: usize = 5;
/// A new address of a known token is written no sooner than this after the last one, in seconds.
const ADDRESS_SECONDS: i64 = 60;

/// Rows that one step writes: some milliseconds of the writer's time. Every commit makes readers of a large file
/// map it anew, so that small steps would cost the requests more than they save them.
const STEP: usize = 2000;

/// Uses that wait to be written.
#[derive(Default)]
pub(crate) struct Usage {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    uses: HashMap<i64, Use>,
    adopted: HashMap<i64, (Digest, i64)>,
}

#[derive(Clone)]
struct Use {
    user_id: i64,
    at: Timestamp,
    addresses: String,
}

impl Usage {
    /// Takes a use into account if it is worth a write: the token was never used, or not within the
    /// refresh interval, or it comes from a new address.
    pub(crate) fn note(&self, token: &Token, address: &str, now: Timestamp, refresh_hours: i64) {
        let due = token.last_used_at.is_none_or(|last| last.plus_seconds(refresh_hours * 3600) <= now);
        let moved = token.last_used_ips.iter().all(|known| known != address)
            && token.last_used_at.is_none_or(|last| last.plus_seconds(ADDRESS_SECONDS) <= now);
        if !due && !moved {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = waiting.uses.get_mut(&token.id) {
            known.at = known.at.max(now);
            return;
        }
        let mut addresses: Vec<&str> = vec![address];
        addresses.extend(token.last_used_ips.iter().map(String::as_str).filter(|known| *known != address));
        addresses.truncate(ADDRESSES);
        let addresses = addresses.join(" ");
        waiting.uses.insert(token.id, Use { user_id: token.bearer_id, at: now, addresses });
    }

    /// Remembers that an imported token was seen, so that it gets a digest of our own.
    pub(crate) fn adopt(&self, token_id: i64, digest: Digest, key_id: i64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.adopted.insert(token_id, (digest, key_id));
    }

    /// Writes what waits, in steps between which others get their turn. A step that is lost costs freshness
    /// only.
    pub(crate) async fn flush(&self, store: &Store) {
        let Waiting { uses, adopted } =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let mut users = HashMap::new();
        for used in uses.values() {
            let day = users.entry(used.user_id).or_insert(used.at.date());
            *day = used.at.date().max(*day);
        }
        // In the order of the table: neighbours share pages.
        let mut uses: Vec<_> = uses.into_iter().collect();
        uses.sort_unstable_by_key(|(token_id, _)| *token_id);
        in_steps(store, uses, |conn, (token_id, used)| {
            query::tokens::used(conn, *token_id, used.at, &used.addresses)
        })
        .await;
        in_steps(store, users.into_iter().collect(), |conn, (user_id, day)| {
            query::users::seen(conn, *user_id, *day)
        })
        .await;
        in_steps(store, adopted.into_iter().collect(), |conn, (token_id, (digest, key_id))| {
            query::tokens::adopt(conn, *token_id, digest, *key_id)
        })
        .await;
    }
}

/// Writes rows, some in each transaction.
async fn in_steps<T, F>(store: &Store, mut rows: Vec<T>, write: F)
where
    T: Send + Sync + 'static,
    F: Fn(&mut dyn Conn, &T) -> Result<(), DbError> + Copy + Send + 'static,
{
    while !rows.is_empty() {
        let step = rows.split_off(rows.len().saturating_sub(STEP));
        let written =
            store.write(move |conn| step.iter().try_for_each(|row| write(conn, row)).map_err(Trouble::from));
        if let Err(trouble) = written.await {
            tracing::warn!(error = %trouble.0, "the last uses of tokens could not be written");
        }
    }
}
