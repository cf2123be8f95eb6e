//! Sets of numbers written as ranges: `1-57,60`.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write as _};

/// Numbers from the first to the last, both included.
pub type Range = (i64, i64);

/// The numbers of a seal's records, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(Vec<Range>);

impl Ranges {
    /// Of numbers that rise.
    pub fn of(ids: impl IntoIterator<Item = i64>) -> Self {
        let mut ranges: Vec<Range> = Vec::new();
        for id in ids {
            match ranges.last_mut() {
                Some(last) if last.1.checked_add(1) == Some(id) => last.1 = id,
                _ => ranges.push((id, id)),
            }
        }
        Self(ranges)
    }

    /// Reads what [`Ranges`] writes; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut ranges = Vec::new();
        let mut before = None;
        for part in text.split(',').filter(|_| !text.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let range: Range = (first.parse().ok()?, last.parse().ok()?);
            if range.0 > range.1 || before.is_some_and(|before| before >= range.0) {
                return None;
            }
            before = Some(range.1);
            ranges.push(range);
        }
        Some(Self(ranges))
    }

    /// How many numbers there are.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(first, last)| last.abs_diff(*first).saturating_add(1)).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first and the last number.
    pub fn ends(&self) -> Option<Range> {
        Some((self.0.first()?.0, self.0.last()?.1))
    }

    /// What is here and not there. The work grows with the ranges, not with the numbers.
    #[must_use]
    pub fn without(&self, others: &Self) -> Self {
        let mut left = Vec::new();
        let mut other = others.0.iter().peekable();
        for &(mut first, last) in &self.0 {
            loop {
                while other.next_if(|range| range.1 < first).is_some() {}
                match other.peek() {
                    Some(range) if range.0 <= last => {
                        if first < range.0 {
                            left.push((first, range.0 - 1));
                        }
                        if range.1 >= last {
                            break;
                        }
                        first = range.1 + 1;
                    }
                    _ => {
                        left.push((first, last));
                        break;
                    }
                }
            }
        }
        Self(left)
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_char(',')?;
            }
            if first == last { write!(f, "{first}")? } else { write!(f, "{first}-{last}")? }
        }
        Ok(())
    }
}

/// Which records of which process were seen. Processes count, so that it stays small: one range for each
/// stretch between transactions that were rolled back.
#[derive(Default)]
pub(super) struct Seen(HashMap<i64, BTreeMap<i64, i64>>);

impl Seen {
    /// Takes one in; says whether it is new.
    pub(super) fn insert(&mut self, writer: i64, number: i64) -> bool {
        let ranges = self.0.entry(writer).or_default();
        let below = ranges.range(..=number).next_back().map(|(first, last)| (*first, *last));
        if below.is_some_and(|(_, last)| last >= number) {
            return false;
        }
        let first = match below {
            Some((first, last)) if last + 1 == number => first,
            _ => number,
        };
        let last = number.checked_add(1).and_then(|next| ranges.remove(&next)).unwrap_or(number);
        ranges.insert(first, last);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_and_read() {
        for (ids, text) in
            [(vec![], ""), (vec![7], "7"), (vec![1, 2, 3, 5, 9, 10], "1-3,5,9-10"), (vec![1, 2, 2], "1-2,2")]
        {
            let ranges = Ranges::of(ids.clone());
            assert_eq!(ranges.to_string(), text);
            if ids.is_sorted_by(|a, b| a < b) {
                assert_eq!(Ranges::parse(text), Some(ranges.clone()));
                assert_eq!(ranges.len(), ids.len() as u64);
            }
        }
        for text in ["1-", "-1-", "3-1", "1,1", "5,2", "1-3,3", "a", ",", "1,"] {
            assert_eq!(Ranges::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_found() {
        let without =
            |a: &str, b: &str| Ranges::parse(a).unwrap().without(&Ranges::parse(b).unwrap()).to_string();
        assert_eq!(without("1-10", ""), "1-10");
        assert_eq!(without("1-10", "1-10"), "");
        assert_eq!(without("1-10", "1,3-4,10"), "2,5-9");
        assert_eq!(without("1-3,7-9", "2-8"), "1,9");
        assert_eq!(without("5", "1-4,6-9"), "5");
        assert_eq!(without("1-2,4-5,8", "1-100"), "");
    }

    #[test]
    fn a_record_is_new_once() {
        let mut seen = Seen::default();
        for number in [1, 2, 5, 4, 3, 9] {
            assert!(seen.insert(7, number), "{number}");
        }
        for number in [1, 2, 3, 4, 5, 9] {
            assert!(!seen.insert(7, number), "{number}");
        }
        assert!(seen.insert(8, 1), "another process counts for itself");
        assert_eq!(seen.0[&7].len(), 2, "neighbours are one range");
    }
}
