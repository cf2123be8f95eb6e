//! Whoever holds the database and not the key changes nothing unseen.

use super::{ContentHash, Head, Ranges, Record, Report, Seal, SealKey, Stored, Verifier};
use crate::time::Timestamp;

const SECRET: [u8; 32] = [42; 32];

/// A log as a database holds it, and the head as `secrets/` holds it.
#[derive(Clone)]
struct Log {
    records: Vec<Stored>,
    seals: Vec<Seal>,
    head: Option<Head>,
}

fn record(number: i64) -> Record {
    Record {
        created_at: Timestamp(1_780_000_000_000_000 + number),
        action: "token.create".to_owned(),
        actor_id: Some(1),
        actor_username: "root".to_owned(),
        token_id: Some(number + 7),
        target_kind: "token".to_owned(),
        target_id: Some(number),
        target_name: format!("token {number}"),
        entity_kind: "project".to_owned(),
        entity_id: Some(3),
        address: "192.0.2.1".to_owned(),
        request_id: format!("r{number}"),
        surface: "rest".to_owned(),
        details: format!("{{\"n\":{number}}}"),
        writer: 5,
        number,
    }
}

impl Log {
    fn of(count: i64, per_seal: usize) -> Self {
        let key = SealKey::derive(&SECRET);
        let new = |id: i64| {
            let record = record(id - 1);
            let code = key.record(&record).to_vec();
            Stored { id, record, code, seal: None }
        };
        let mut log = Self { records: Vec::new(), seals: Vec::new(), head: None };
        let all: Vec<Stored> = (1..=count).map(new).collect();
        for chunk in all.chunks(per_seal) {
            log.lay(&key, chunk.to_vec());
        }
        log
    }

    fn lay(&mut self, key: &SealKey, mut records: Vec<Stored>) {
        let number = self.seals.last().map_or(1, |seal| seal.number + 1);
        let mut content = ContentHash::default();
        for stored in &mut records {
            stored.seal = Some(number);
            content.add(stored.id, &stored.code);
        }
        let mut seal = Seal {
            number,
            sealed_at: records.last().unwrap().record.created_at,
            ids: Ranges::of(records.iter().map(|stored| stored.id)).to_string(),
            content: content.finish().to_vec(),
            code: Vec::new(),
            anchor: None,
        };
        let before = self.seals.last().map(|seal| seal.code.as_slice());
        seal.code = key.seal(&seal, before).to_vec();
        self.head = Some(Head { number, code: seal.code.clone() });
        self.seals.push(seal);
        self.records.extend(records);
    }

    /// Walks as the service does: records in the order of their seals and numbers.
    fn walk(&self) -> Report {
        self.walk_after(&SealKey::derive(&SECRET), None)
    }

    /// The same along a part of a log, what comes before it being as it was.
    fn walk_after(&self, key: &SealKey, before: Option<&Seal>) -> Report {
        let mut sealed: Vec<&Stored> = self.records.iter().filter(|stored| stored.seal.is_some()).collect();
        sealed.sort_by_key(|stored| (stored.seal, stored.id));
        let mut seals: Vec<&Seal> = self.seals.iter().collect();
        seals.sort_by_key(|seal| seal.number);
        let mut verifier = Verifier::new(key, self.head.clone());
        verifier.before = before.map(|seal| (seal.number, seal.code.clone()));
        let mut next = sealed.into_iter().peekable();
        for seal in seals {
            while let Some(stored) = next.next_if(|stored| stored.seal < Some(seal.number)) {
                verifier.record(stored);
            }
            verifier.seal(seal);
            while let Some(stored) = next.next_if(|stored| stored.seal == Some(seal.number)) {
                verifier.record(stored);
            }
        }
        for stored in next {
            verifier.record(stored);
        }
        for stored in self.records.iter().filter(|stored| stored.seal.is_none()) {
            verifier.unsealed(stored);
        }
        verifier.finish()
    }

    /// Changes a copy and tells what the walk says of it.
    fn after(&self, change: impl FnOnce(&mut Self)) -> Vec<String> {
        let mut log = self.clone();
        change(&mut log);
        let report = log.walk();
        assert_eq!(report.problem_count, report.problems.len() as u64);
        report.problems
    }
}

/// Every column of a record, changed.
const EDITS: &[fn(&mut Stored)] = &[
    |s| s.record.created_at.0 += 1,
    |s| s.record.action.push('x'),
    |s| s.record.actor_id = None,
    |s| s.record.actor_id = Some(2),
    |s| s.record.actor_username = "eve".to_owned(),
    |s| s.record.token_id = Some(0),
    |s| s.record.token_id = None,
    |s| s.record.target_kind = "user".to_owned(),
    |s| s.record.target_id = Some(-1),
    |s| s.record.target_name.clear(),
    |s| s.record.entity_kind = "group".to_owned(),
    |s| s.record.entity_id = None,
    |s| s.record.address = "192.0.2.2".to_owned(),
    |s| s.record.request_id.clear(),
    |s| s.record.surface = "git".to_owned(),
    |s| s.record.details = "{}".to_owned(),
    |s| s.record.writer += 1,
    |s| s.record.number += 1_000_000,
    |s| s.code[31] ^= 1,
    |s| s.code.clear(),
    |s| s.id += 1_000_000,
    |s| s.seal = None,
    |s| s.seal = s.seal.map(|seal| seal + 1),
    |s| s.seal = s.seal.map(|seal| seal - 1),
    |s| s.seal = Some(0),
    |s| s.seal = Some(i64::MAX),
    // What one field loses the next one gains.
    |s| {
        let last = s.record.target_kind.pop();
        s.record.target_name.insert(0, last.unwrap());
    },
];

const EDITS_OF_SEALS: &[fn(&mut Seal)] = &[
    |s| s.sealed_at.0 += 1,
    |s| s.ids.push_str(",999999"),
    |s| s.ids.clear(),
    |s| s.content[0] ^= 1,
    |s| s.code[0] ^= 1,
    |s| s.number += 1000,
    |s| s.anchor = Some(vec![0; 32]),
];

#[test]
fn a_log_that_nobody_touched_is_whole() {
    let report = Log::of(1000, 30).walk();
    assert_eq!((report.records, report.seals, report.newest), (1000, 34, Some(34)));
    assert_eq!(report.problems, Vec::<String>::new());
    let empty = Log::of(0, 1).walk();
    assert!(empty.is_whole());
}

#[test]
fn every_edit_of_a_record_or_seal_is_seen() {
    let log = Log::of(300, 20);
    for place in [0, 1, 19, 20, 150, 298, 299] {
        for (number, edit) in EDITS.iter().enumerate() {
            let found = log.after(|log| edit(&mut log.records[place]));
            assert!(!found.is_empty(), "edit {number} of record {}", place + 1);
        }
    }
    for place in [0, 7, 13, 14] {
        for (number, edit) in EDITS_OF_SEALS.iter().enumerate() {
            let found = log.after(|log| edit(&mut log.seals[place]));
            assert!(!found.is_empty(), "edit {number} of seal {}", place + 1);
        }
    }
}

#[test]
fn the_place_of_an_edit_is_told() {
    let log = Log::of(100, 10);
    let edited = log.after(|log| log.records[41].record.details = "{}".to_owned());
    assert_eq!(edited, ["record 42 (token.create) was changed or added by another hand"]);
    let removed = log.after(|log| drop(log.records.drain(41..44)));
    assert_eq!(removed, ["seal 5: records 42-44 are missing"]);
    let last = log.after(|log| drop(log.records.pop()));
    assert_eq!(last, ["seal 10: record 100 is missing"]);
    let cut = log.after(|log| {
        log.records.truncate(80);
        log.seals.truncate(8);
    });
    assert_eq!(cut, ["the end was cut off: seals 9 to 10 are missing, with their records"]);
    let everything = log.after(|log| (log.records, log.seals) = (Vec::new(), Vec::new()));
    assert_eq!(everything, ["the end was cut off: seals 1 to 10 are missing, with their records"]);
    let middle = log.after(|log| {
        log.records.drain(30..40);
        log.seals.remove(3);
    });
    assert_eq!(middle, ["seal 4 is missing, and its records with it"]);
    let start = log.after(|log| {
        log.records.drain(..20);
        log.seals.drain(..2);
    });
    assert_eq!(start, ["seals 1 to 2 are missing, and their records with them"]);
}

#[test]
fn what_is_swapped_copied_or_invented_is_seen() {
    let log = Log::of(100, 10);
    let contents = |log: &mut Log, one: usize, other: usize| {
        let (first, second) = (log.records[one].clone(), log.records[other].clone());
        (log.records[one].record, log.records[one].code) = (second.record, second.code);
        (log.records[other].record, log.records[other].code) = (first.record, first.code);
    };
    assert!(!log.after(|log| contents(log, 3, 4)).is_empty(), "within a seal");
    assert!(!log.after(|log| contents(log, 3, 77)).is_empty(), "between seals");
    let numbers = log.after(|log| {
        (log.records[3].id, log.records[4].id) = (5, 4);
    });
    assert_eq!(numbers, ["seal 1: a record from 1 to 10 was changed or moved"]);
    // A record of one's own, and a copy, neither covered by a seal yet.
    let mut invented = log.records[5].clone();
    (invented.id, invented.seal) = (101, None);
    let copy = invented.clone();
    assert_eq!(
        log.after(|log| log.records.push(copy)),
        ["record 101 (token.create) is a copy of another one"]
    );
    invented.record.details = "{\"n\":0}".to_owned();
    let found = log.after(|log| log.records.push(invented));
    assert_eq!(found, ["record 101 (token.create) was changed or added by another hand"]);
}

#[test]
fn what_was_sealed_by_the_running_server_meanwhile_is_seen() {
    let key = SealKey::derive(&SECRET);
    let mut log = Log::of(100, 10);
    // A record is taken out, put back as a new one, sealed, and the old one put back as well.
    let mut copy = log.records[5].clone();
    copy.id = 101;
    log.lay(&key, vec![copy]);
    assert_eq!(log.walk().problems, ["record 101 (token.create) is a copy of another one"]);
    // The end is cut off and the server goes on: it does not give the numbers of the seals away again.
    let mut log = Log::of(100, 10);
    let (taken, gone) = (log.seals.split_off(8), log.records.split_off(80));
    let mut last = gone[19].clone();
    last.record = record(500);
    (last.id, last.code) = (101, key.record(&last.record).to_vec());
    let before = taken[1].clone();
    log.seals.push(before);
    log.lay(&key, vec![last]);
    log.seals.remove(8);
    let found = log.walk().problems;
    assert_eq!(found, ["seals 9 to 10 are missing, and their records with them"]);
}

#[test]
fn another_key_makes_no_seal() {
    let mut log = Log::of(50, 10);
    let other = SealKey::derive(&[43; 32]);
    // Everything made anew by a key of one's own, from the second seal on.
    let mut before = log.seals[0].code.clone();
    for seal in &mut log.seals[1..] {
        seal.code = other.seal(seal, Some(&before)).to_vec();
        before.clone_from(&seal.code);
    }
    for stored in &mut log.records[10..] {
        stored.code = other.record(&stored.record).to_vec();
    }
    assert!(log.walk().problem_count > 40);
}

#[test]
fn retention_leaves_a_chain_that_only_it_can_shorten() {
    let key = SealKey::derive(&SECRET);
    let full = Log::of(100, 10);
    let mut log = full.clone();
    log.records.drain(..30);
    log.seals.drain(..2);
    let code = key.anchor(&log.seals[0]).to_vec();
    log.seals[0].anchor = Some(code.clone());
    let report = log.walk();
    assert_eq!((report.problems.len(), report.retained_after, report.records), (0, Some(3), 70));
    // The same by somebody without the key, or with the mark of another seal.
    let forged = full.after(|log| {
        log.records.drain(..40);
        log.seals.drain(..3);
        log.seals[0].anchor = Some(code.clone());
    });
    assert!(!forged.is_empty());
    // What was removed does not come back.
    let back = log.after(|log| log.records.insert(0, full.records[5].clone()));
    assert_eq!(back.len(), 1, "{back:?}");
    let back = log.after(|log| log.records.insert(0, full.records[25].clone()));
    assert_eq!(back, ["record 26, removed by retention, came back"]);
    let mut again = full.records[5].clone();
    again.record.created_at.0 -= 3_601_000_000;
    (again.id, again.seal, again.code) = (200, None, key.record(&again.record).to_vec());
    let back = log.after(|log| log.records.push(again));
    assert_eq!(back, ["record 200 (token.create), removed by retention, came back"]);
    for (number, edit) in EDITS_OF_SEALS.iter().enumerate() {
        assert!(!log.after(|log| edit(&mut log.seals[0])).is_empty(), "edit {number} of the anchor");
    }
    // A head that is older than the anchor says nothing against it.
    log.head = Some(Head { number: 2, code: full.seals[1].code.clone() });
    assert!(log.walk().is_whole());
}

/// Records in a seal of the log in which every record is altered: few, so that looking at one seal is quick.
const FEW: usize = 4;

/// The seal of a record and the one after it, cut out of a log; what comes before is as it was.
fn part_around(log: &Log, record: usize, seals: usize) -> (Log, Option<&Seal>) {
    let first = record / FEW;
    let last = (first + seals).min(log.seals.len());
    let records = log.records[first * FEW..(last * FEW).min(log.records.len())].to_vec();
    let newest = &log.seals[last - 1];
    let head = Some(Head { number: newest.number, code: newest.code.clone() });
    let part = Log { records, seals: log.seals[first..last].to_vec(), head };
    (part, first.checked_sub(1).map(|before| &log.seals[before]))
}

/// Looks at the removal of a record, at an edit, and at its taking the place of its neighbour.
fn each_alteration_is_seen(log: &Log, key: &SealKey, number: usize) {
    let (part, before) = part_around(log, number, 1);
    let place = number % FEW;
    let (id, seal) = (part.records[place].id, part.seals[0].number);

    let mut removed = part.clone();
    removed.records.remove(place);
    let told = removed.walk_after(key, before).problems;
    assert_eq!(told, [format!("seal {seal}: record {id} is missing")]);

    let mut edited = part;
    EDITS[number % EDITS.len()](&mut edited.records[place]);
    let edit = number % EDITS.len();
    assert!(!edited.walk_after(key, before).is_whole(), "edit {edit} of record {id}");

    // What one says stands where its neighbour was, and the other way round.
    let one = number.min(log.records.len() - 2);
    let (mut swapped, before) = part_around(log, one, 2);
    let (first, second) = swapped.records[one % FEW..].split_at_mut(1);
    std::mem::swap(&mut first[0].id, &mut second[0].id);
    std::mem::swap(&mut first[0].seal, &mut second[0].seal);
    assert!(!swapped.walk_after(key, before).is_whole(), "record {id} swapped with its neighbour");
}

/// The alteration of a record touches what is said of its seal and of the one after it alone: the walk along these two
/// tells what the walk along all would.
#[test]
fn each_edit_swap_and_removal_of_each_of_a_hundred_thousand_records_is_seen() {
    const RECORDS: usize = 100_000;
    let log = Log::of(100_000, FEW);
    assert!(log.walk().is_whole());
    assert_eq!(log.records.len(), RECORDS);
    std::thread::scope(|scope| {
        for first in 0..4 {
            let log = &log;
            scope.spawn(move || {
                let key = SealKey::derive(&SECRET);
                (first..RECORDS).step_by(4).for_each(|number| each_alteration_is_seen(log, &key, number));
            });
        }
    });
    let key = SealKey::derive(&SECRET);
    // The newest, in every way there is.
    for (number, edit) in EDITS.iter().enumerate() {
        let (mut part, before) = part_around(&log, RECORDS - 1, 1);
        edit(part.records.last_mut().unwrap());
        assert!(!part.walk_after(&key, before).is_whole(), "edit {number} of the newest record");
    }
}
