//! Walking along the chain: the one place that says whether history is whole.

use super::ids::Seen;
use super::{ContentHash, Head, Ranges, Seal, SealKey, Stored};
use crate::time::Timestamp;

/// How much older than the last seal that retention took a record may be, in seconds: one that was written
/// just before a crash is sealed by the next process.
const LATE: i64 = 3600;
/// How many problems are told in words; the rest is counted.
const TOLD: usize = 50;

/// What a walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Sealed records that were looked at.
    pub records: u64,
    /// Seals that were looked at.
    pub seals: u64,
    /// Records that no seal covers yet.
    pub unsealed: u64,
    /// The newest seal.
    pub newest: Option<i64>,
    /// The seal up to which retention removed the records.
    pub retained_after: Option<i64>,
    /// What is wrong, from the oldest to the newest; the first of them.
    pub problems: Vec<String>,
    /// How many problems there are.
    pub problem_count: u64,
}

impl Report {
    /// Whether history is as it was written.
    pub fn is_whole(&self) -> bool {
        self.problem_count == 0
    }

    fn problem(&mut self, text: String) {
        if self.problems.len() < TOLD {
            self.problems.push(text);
        }
        self.problem_count += 1;
    }
}

/// The seal whose records are being looked at.
struct Open {
    number: i64,
    expected: Option<Ranges>,
    content: Vec<u8>,
    anchored: bool,
    ids: Vec<i64>,
    hash: ContentHash,
}

/// Takes in all seals in order, after each the records that say they are its own, in the order of their
/// numbers. It keeps one seal's numbers in memory and one range per process that wrote.
pub struct Verifier<'k> {
    key: &'k SealKey,
    head: Option<Head>,
    pub(super) before: Option<(i64, Vec<u8>)>,
    /// Records from before this time were removed by retention.
    oldest: Option<Timestamp>,
    open: Option<Open>,
    seen: Seen,
    report: Report,
}

impl<'k> Verifier<'k> {
    /// Begins a walk that must come by `head`.
    pub fn new(key: &'k SealKey, head: Option<Head>) -> Self {
        Self {
            key,
            head,
            before: None,
            oldest: None,
            open: None,
            seen: Seen::default(),
            report: Report::default(),
        }
    }

    /// The next seal.
    pub fn seal(&mut self, seal: &Seal) {
        self.close();
        self.report.seals += 1;
        self.report.newest = Some(seal.number);
        let anchored = self.key.is_anchor(seal);
        self.link(seal, anchored);
        let number = seal.number;
        if let Some(head) = self.head.take_if(|head| head.number <= number) {
            let cut = anchored && head.number < number;
            if !cut && (head.number != number || head.code != seal.code) {
                self.report.problem(format!("seal {} is not the one that was laid", head.number));
            }
        }
        self.open = Some(Open {
            number,
            expected: Ranges::parse(&seal.ids),
            content: seal.content.clone(),
            anchored,
            ids: Vec::new(),
            hash: ContentHash::default(),
        });
        self.before = Some((number, seal.code.clone()));
    }

    /// Whether a seal follows on the one before it.
    fn link(&mut self, seal: &Seal, anchored: bool) {
        let number = seal.number;
        if anchored {
            // What was before is gone, and the mark cannot have been made without the key.
            self.report.retained_after = Some(number);
            self.oldest = Some(seal.sealed_at.plus_seconds(-LATE));
            if self.before.is_some() {
                self.report.problem(format!("seals before {number}, removed by retention, came back"));
            }
            return;
        }
        if seal.anchor.is_some() {
            self.report.problem(format!("seal {number} was marked as retained by another hand"));
        }
        let expected = self.before.as_ref().map_or(Some(1), |(before, _)| before.checked_add(1));
        if expected == Some(number) {
            let before = self.before.as_ref().map(|(_, code)| code.as_slice());
            if !self.key.seal_fits(seal, before) {
                self.report.problem(format!("seal {number} was changed, or the one before it"));
            }
        } else {
            let first = expected.unwrap_or(number);
            let gone = if first + 1 == number {
                format!("seal {first} is missing, and its records with it")
            } else {
                format!("seals {first} to {} are missing, and their records with them", number - 1)
            };
            self.report.problem(gone);
        }
    }

    /// A record that says it is covered by a seal: the one before it, or none that there is.
    pub fn record(&mut self, stored: &Stored) {
        self.report.records += 1;
        let id = stored.id;
        match &mut self.open {
            Some(open) if stored.seal == Some(open.number) => {
                open.ids.push(id);
                open.hash.add(id, &stored.code);
                if open.anchored {
                    self.report.problem(format!("record {id}, removed by retention, came back"));
                    return;
                }
            }
            _ => {
                let seal = stored.seal.unwrap_or_default();
                self.report
                    .problem(format!("record {id} says it is covered by seal {seal}, which is not there"));
            }
        }
        self.look_at(stored);
    }

    /// A record that names a seal beyond the newest one, which is `newest`.
    pub fn stray(&mut self, id: i64, newest: i64) {
        self.report.problem(format!("record {id} names a seal after {newest}, the newest there is"));
    }

    /// A record that no seal covers yet.
    pub fn unsealed(&mut self, stored: &Stored) {
        self.close();
        self.report.unsealed += 1;
        self.look_at(stored);
    }

    fn look_at(&mut self, stored: &Stored) {
        let (id, record) = (stored.id, &stored.record);
        if !self.key.fits(record, &stored.code) {
            self.report
                .problem(format!("record {id} ({}) was changed or added by another hand", record.action));
        } else if !self.seen.insert(record.writer, record.number) {
            self.report.problem(format!("record {id} ({}) is a copy of another one", record.action));
        } else if self.oldest.is_some_and(|oldest| record.created_at < oldest) {
            self.report.problem(format!("record {id} ({}), removed by retention, came back", record.action));
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let number = open.number;
        if open.anchored {
            return;
        }
        let Some(expected) = open.expected else {
            self.report.problem(format!("seal {number} names no records that can be read"));
            return;
        };
        let found = Ranges::of(open.ids.iter().copied());
        let (missing, added) = (expected.without(&found), found.without(&expected));
        for (ids, what) in [(&missing, "missing"), (&added, "not covered by it")] {
            if !ids.is_empty() {
                let noun = if ids.len() == 1 { "record" } else { "records" };
                let verb = if ids.len() == 1 { "is" } else { "are" };
                self.report.problem(format!("seal {number}: {noun} {ids} {verb} {what}"));
            }
        }
        if missing.is_empty() && added.is_empty() && open.hash.finish().as_slice() != open.content {
            let (first, last) = expected.ends().unwrap_or_default();
            self.report
                .problem(format!("seal {number}: a record from {first} to {last} was changed or moved"));
        }
    }

    /// The end: what the head knows must have come by.
    pub fn finish(mut self) -> Report {
        self.close();
        if let Some(head) = self.head.take() {
            let first = self.before.as_ref().map_or(1, |(number, _)| number.saturating_add(1));
            let text = if first == head.number {
                format!("the end was cut off: seal {first} is missing, and its records with it")
            } else {
                format!(
                    "the end was cut off: seals {first} to {} are missing, with their records",
                    head.number
                )
            };
            self.report.problem(text);
        }
        self.report
    }
}
