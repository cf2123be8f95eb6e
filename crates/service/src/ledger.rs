//! The ledger of tokens: counted beside the requests, written in batches, never in a request's path. What cannot be
//! kept is counted too, so that nothing is missing without being told.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tessera_model::time::Timestamp;
use tessera_store::query::ledger::Entry;
use tessera_store::{Store, query};

use crate::Trouble;

/// The setting that says for how many days lines are kept; 0: none is.
pub(crate) const LEDGER_DAYS: &str = "token_usage_retention_days";
/// Lines that wait in memory, at most; uses that would need another one are counted as dropped.
const MOST: usize = 400_000;
/// Lines that one step writes: some milliseconds of the writer's time.
const STEP: usize = 5000;

/// A token's use, as a door saw it end.
#[derive(Clone, Copy, Debug)]
pub struct TokenUse<'a> {
    /// The number of the token.
    pub token_id: i64,
    /// The address from which it came.
    pub address: &'a str,
    /// The name of the operation.
    pub operation: &'static str,
    /// The project that was asked for, if there is one.
    pub project_id: Option<i64>,
    /// The status of the answer.
    pub status: u16,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Line {
    token_id: i64,
    minute: i64,
    address: IpAddr,
    operation: &'static str,
    project_id: Option<i64>,
    class: u8,
}

/// Uses that wait to be written.
#[derive(Default)]
pub(crate) struct Ledger {
    waiting: Mutex<HashMap<Line, u64>>,
    dropped: AtomicU64,
}

impl Ledger {
    fn waiting(&self) -> MutexGuard<'_, HashMap<Line, u64>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a use. The answer says that the next batch is long enough to be written now.
    pub(crate) fn note(&self, used: &TokenUse<'_>, now: Timestamp) -> bool {
        let line = Line {
            token_id: used.token_id,
            minute: now.seconds().div_euclid(60),
            address: used.address.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            operation: used.operation,
            project_id: used.project_id,
            class: u8::try_from(used.status / 100).unwrap_or(0),
        };
        let mut waiting = self.waiting();
        self.count(&mut waiting, line, 1);
        waiting.len() == MOST / 2
    }

    fn count(&self, waiting: &mut HashMap<Line, u64>, line: Line, uses: u64) {
        let full = waiting.len() >= MOST;
        match waiting.get_mut(&line) {
            Some(count) => *count += uses,
            None if full => {
                self.dropped.fetch_add(uses, Ordering::Relaxed);
            }
            None => {
                waiting.insert(line, uses);
            }
        }
    }

    /// How many uses could not be kept since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Writes what waits, in steps between which others get their turn. What the database did not take waits
    /// again.
    pub(crate) async fn flush(&self, store: &Store) {
        let mut lines: Vec<(Line, u64)> = std::mem::take(&mut *self.waiting()).into_iter().collect();
        lines.sort_unstable();
        while !lines.is_empty() {
            let step = lines.split_off(lines.len().saturating_sub(STEP));
            let entries: Vec<Entry> = step.iter().map(|(line, uses)| entry(line, *uses)).collect();
            let written = store.write(move |conn| {
                entries.iter().try_for_each(|entry| query::ledger::add(conn, entry)).map_err(Trouble::from)
            });
            if let Err(trouble) = written.await {
                tracing::warn!(error = %trouble.0, "the ledger of tokens could not be written; it is tried again");
                let mut waiting = self.waiting();
                for (line, uses) in step.into_iter().chain(lines) {
                    self.count(&mut waiting, line, uses);
                }
                return;
            }
        }
    }
}

fn entry(line: &Line, uses: u64) -> Entry {
    Entry {
        token_id: line.token_id,
        minute: line.minute,
        address: line.address.to_string(),
        operation: line.operation.to_owned(),
        project_id: line.project_id,
        class: i64::from(line.class),
        uses: i64::try_from(uses).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(token_id: i64) -> TokenUse<'static> {
        TokenUse {
            token_id,
            address: "192.0.2.1",
            operation: "GetCurrentUser",
            project_id: None,
            status: 200,
        }
    }

    #[test]
    fn uses_of_a_minute_are_one_line() {
        let ledger = Ledger::default();
        let now = Timestamp::parse("2026-11-20T12:00:30Z").unwrap();
        for seconds in 0..=30 {
            ledger.note(&used(1), now.plus_seconds(seconds));
        }
        assert_eq!(ledger.waiting().len(), 2, "the minute turns after 30 seconds");
        ledger.note(&TokenUse { status: 404, ..used(1) }, now);
        ledger.note(&TokenUse { project_id: Some(7), ..used(1) }, now);
        ledger.note(&TokenUse { address: "192.0.2.2", ..used(1) }, now);
        assert_eq!(ledger.waiting().len(), 5);
    }

    #[test]
    fn what_cannot_be_kept_is_counted() {
        let ledger = Ledger::default();
        let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
        let mut called = 0;
        for token in 0..i64::try_from(MOST).unwrap() + 3 {
            called += usize::from(ledger.note(&used(token), now));
        }
        ledger.note(&used(1), now);
        assert_eq!((ledger.waiting().len(), ledger.dropped(), called), (MOST, 3, 1));
    }
}
