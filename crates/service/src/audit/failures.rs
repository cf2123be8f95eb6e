//! Failed authentications and refusals, which no transaction tells of (D30): gathered in memory, merged per
//! address, account, reason and minute with a count, and written beside the requests. The first of a kind in
//! a minute is written at once, the rest of that minute when it is over: at most two records, whatever the flood.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tessera_model::audit::{Record, entity};
use tessera_model::error::Unauthenticated;
use tessera_model::operation::{Refusal, Row};
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_store::{Conn, query};

use super::{Audit, printable};
use crate::request::{Ask, Meta};
use crate::{Credential, Service, Trouble, fault};

/// How many different ones are told apart at a time; what comes beyond is counted together, by its reason.
const MOST: usize = 1000;
/// The longest name of an account that a stranger can have written down.
const LONGEST: usize = 255;

/// What it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    /// Nobody was found out: 401, or an account that may not act.
    Authentication,
    /// Somebody asked for what they may not have.
    Refusal,
}

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kind {
    what: What,
    reason: &'static str,
    /// What was asked for, where somebody was refused it.
    operation: &'static str,
    address: String,
    account: (Option<i64>, String),
    token_id: Option<i64>,
    /// Whether it stands for many that were not told apart.
    merged: bool,
    minute: i64,
}

/// How often, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Count {
    /// Not written yet.
    waiting: u64,
    /// Whether any was written.
    told: bool,
    first: Timestamp,
    last: Timestamp,
    /// The last one's request and door.
    request_id: String,
    surface: &'static str,
}

/// What waits to be written.
#[derive(Default)]
pub(super) struct Failures(Mutex<HashMap<Kind, Count>>);

impl Failures {
    fn note(&self, kind: Kind, meta: &Meta, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = if known.len() < MOST || known.contains_key(&kind) { kind } else { kind.merged() };
        let fresh = || Count {
            waiting: 0,
            told: false,
            first: now,
            last: now,
            request_id: String::new(),
            surface: meta.surface_name(),
        };
        let count = known.entry(kind).or_insert_with(fresh);
        if count.waiting == 0 {
            count.first = now;
        }
        count.waiting += 1;
        count.last = now;
        count.request_id.clone_from(&meta.request_id);
    }

    /// Takes out what is to be written now; at the `end` everything.
    fn take(&self, now: Timestamp, end: bool) -> Vec<(Kind, Count)> {
        let minute = minute(now);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = Vec::new();
        known.retain(|kind, count| {
            let over = end || kind.minute != minute;
            if count.waiting > 0 && (over || !count.told) {
                due.push((kind.clone(), count.clone()));
                count.waiting = 0;
                count.told = true;
            }
            !over
        });
        due
    }

    /// Puts back what could not be written.
    fn give_back(&self, due: Vec<(Kind, Count)>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, count) in due {
            let kind = if known.len() < MOST || known.contains_key(&kind) { kind } else { kind.merged() };
            match known.entry(kind) {
                Entry::Vacant(place) => drop(place.insert(count)),
                Entry::Occupied(mut place) => {
                    let here = place.get_mut();
                    here.waiting += count.waiting;
                    here.first = here.first.min(count.first);
                    here.told = false;
                }
            }
        }
    }
}

impl Kind {
    /// What counts for all that cannot be told apart any more.
    fn merged(self) -> Self {
        Self {
            operation: "",
            address: String::new(),
            account: (None, String::new()),
            token_id: None,
            merged: true,
            ..self
        }
    }

    fn record(&self, count: &Count, audit: &Audit) -> Record {
        let mut details = json!({
            "reason": self.reason,
            "count": count.waiting,
            "first_at": count.first,
            "last_at": count.last,
        });
        if let (true, Some(object)) = (self.merged, details.as_object_mut()) {
            object.insert("several_addresses".to_owned(), json!(true));
        }
        let account = printable(&self.account.1);
        let known = self.account.0;
        // Whoever fails to show who they are has done nothing: the account is what it was tried on.
        let (action, actor, target) = match self.what {
            What::Authentication => {
                ("authentication.fail", (None, "anonymous".to_owned()), ("user", known, account))
            }
            What::Refusal => {
                ("access.refuse", (known, account), ("operation", None, self.operation.to_owned()))
            }
        };
        Record {
            created_at: count.last,
            action: action.to_owned(),
            actor_id: actor.0,
            actor_username: actor.1,
            token_id: self.token_id,
            target_kind: target.0.to_owned(),
            target_id: target.1,
            target_name: target.2,
            entity_kind: known.map_or(entity::INSTANCE, |_| entity::USER).to_owned(),
            entity_id: known,
            address: self.address.clone(),
            request_id: count.request_id.clone(),
            surface: count.surface.to_owned(),
            details: details.to_string(),
            writer: audit.writer,
            number: audit.next_number(),
        }
    }
}

fn minute(now: Timestamp) -> i64 {
    now.seconds().div_euclid(60)
}

/// What an error says of who asked, if it is worth a record.
fn reason(ask: &Ask, row: &Row, error: &Error) -> Option<(What, &'static str)> {
    use What::{Authentication, Refusal as Refused};
    let known = ask.principal().is_some();
    let (what, reason) = match error {
        Error::Unauthenticated(why) => match why {
            // Nobody came, or somebody who is led to what is to be done first.
            Unauthenticated::Missing | Unauthenticated::Gate(_) => return None,
            Unauthenticated::Unknown | Unauthenticated::PasswordsOff => {
                (Authentication, "unknown_credential")
            }
            Unauthenticated::Expired => (Authentication, "expired_token"),
            Unauthenticated::Revoked => (Authentication, "revoked_token"),
            Unauthenticated::ImpersonationOff => (Authentication, "impersonation_off"),
            Unauthenticated::TwoFactor => (Authentication, "second_factor_required"),
            Unauthenticated::NotPermitted => (Refused, "not_permitted"),
        },
        Error::TooMany(_) if !known => (Authentication, "too_many_attempts"),
        _ if matches!(ask.credential, Credential::Anonymous | Credential::Operator) => return None,
        Error::Forbidden(_) if !known => (Authentication, "account_barred"),
        Error::Forbidden(_) => (Refused, "forbidden"),
        Error::InsufficientScope(_) => (Refused, "insufficient_scope"),
        Error::MethodNotAllowed => (Refused, "wrong_kind_of_token"),
        Error::BadRequest(text) if is_refusal(row, text.as_deref()) => (Refused, "forbidden"),
        _ => (Refused, ask.refused_by()?),
    };
    let named = ask.refused_by().filter(|_| what == Refused);
    Some((what, named.unwrap_or(reason)))
}

/// Whether a 400 is what this row answers to those who may not.
fn is_refusal(row: &Row, text: Option<&str>) -> bool {
    match row.refusal {
        Refusal::BadRequestNamed => text.is_none_or(|text| text.contains(" cannot delete ")),
        Refusal::BadRequest(refusal) => text == Some(refusal),
        _ => false,
    }
}

impl Service {
    /// Takes note of an outcome that is a failed authentication or a refusal. It costs no write: what
    /// gathers is written by [`Service::keep_audit`].
    pub fn note_refusal(&self, ask: &Ask, row: &Row, error: &Error) {
        self.note(ask, row, error, None);
    }

    /// As [`Service::note_refusal`], of whoever gave this name for their own.
    pub(crate) fn note(&self, ask: &Ask, row: &Row, error: &Error, login: Option<&str>) {
        let Some((what, reason)) = reason(ask, row, error) else { return };
        let now = self.now();
        let found = ask.account();
        let account = found.map(|found| (Some(found.user_id), found.username.clone()));
        let claimed = || (None, login.unwrap_or_default().chars().take(LONGEST).collect());
        let kind = Kind {
            what,
            reason,
            operation: if what == What::Refusal { row.name } else { "" },
            address: ask.meta.address.clone(),
            account: account.unwrap_or_else(claimed),
            token_id: found.and_then(|found| found.token_id),
            merged: false,
            minute: minute(now),
        };
        self.core().audit.failures.note(kind, &ask.meta, now);
    }

    /// Writes down the failures that are due; at the `end` all of them.
    pub(super) async fn flush_failures(&self, end: bool) -> Result<()> {
        let core = Arc::clone(self.core());
        let due = Arc::new(core.audit.failures.take(self.now(), end));
        if due.is_empty() {
            return Ok(());
        }
        let (writing, rows) = (Arc::clone(&core), Arc::clone(&due));
        let written = self.store().write(move |conn| write(conn, &writing.audit, &rows).map_err(Trouble));
        written.await.map_err(|trouble| {
            core.audit.failures.give_back(due.to_vec());
            trouble.0
        })
    }
}

fn write(conn: &mut dyn Conn, audit: &Audit, rows: &[(Kind, Count)]) -> Result<()> {
    for (kind, count) in rows {
        let record = kind.record(count, audit);
        let code = audit.key.record(&record);
        query::audit::add(conn, &record, code).map_err(fault)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tessera_model::operation::Surface;

    use super::*;

    fn kind(address: &str, minute: i64) -> Kind {
        Kind {
            what: What::Authentication,
            reason: "unknown_credential",
            operation: "",
            address: address.to_owned(),
            account: (None, String::new()),
            token_id: None,
            merged: false,
            minute,
        }
    }

    fn meta() -> Meta {
        Meta {
            address: String::new(),
            request_id: "r".to_owned(),
            received_at: Timestamp(0),
            surface: Some(Surface::Rest),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn counts(due: &[(Kind, Count)]) -> Vec<u64> {
        due.iter().map(|(_, count)| count.waiting).collect()
    }

    #[test]
    fn a_minute_of_one_kind_is_two_records_and_none_is_lost() {
        let failures = Failures::default();
        for second in 0..60 {
            failures.note(kind("192.0.2.1", 0), &meta(), at(second));
            let due = failures.take(at(second), false);
            assert_eq!(counts(&due), if second == 0 { vec![1] } else { vec![] });
        }
        let rest = failures.take(at(60), false);
        assert_eq!(counts(&rest), [59]);
        assert_eq!((rest[0].1.first, rest[0].1.last), (at(1), at(59)));
        assert!(failures.0.lock().unwrap().is_empty(), "what is over is forgotten");
    }

    #[test]
    fn a_flood_from_everywhere_is_counted_and_stays_small() {
        let failures = Failures::default();
        for number in 0..100_000 {
            failures.note(kind(&number.to_string(), 0), &meta(), at(0));
        }
        assert_eq!(failures.0.lock().unwrap().len(), MOST + 1);
        let due = failures.take(at(1), true);
        assert_eq!(due.iter().map(|(_, count)| count.waiting).sum::<u64>(), 100_000);
        let (_, rest) = due.iter().find(|(kind, _)| kind.merged).unwrap();
        assert_eq!(rest.waiting, 100_000 - MOST as u64);
    }

    #[test]
    fn what_could_not_be_written_waits_on() {
        let failures = Failures::default();
        failures.note(kind("a", 0), &meta(), at(1));
        let due = failures.take(at(2), false);
        failures.note(kind("a", 0), &meta(), at(3));
        failures.give_back(due);
        assert_eq!(counts(&failures.take(at(4), false)), [2]);
        assert_eq!(counts(&failures.take(at(5), true)), Vec::<u64>::new());
    }
}
