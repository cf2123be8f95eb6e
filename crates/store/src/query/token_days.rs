//! How often tokens were used, day by day: counted from the ledger when a day is over, and kept in one row for each
//! token. A page of fifty tokens then reads fifty rows for a month of them; a row for each day would be fifteen hundred.

use crate::sql::{Conn, DbError};

queries! {
    ONE = "SELECT day, uses, failed FROM token_days WHERE token_id = ?1";
    PUT = "INSERT INTO token_days (token_id, day, uses, failed) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (token_id) DO UPDATE SET day = excluded.day, uses = excluded.uses, failed = excluded.failed";
    /// The next tokens of the ledger, found by one seek each, with the days on which they were used; a token that was
    /// not stands alone.
    OF_LEDGER = "WITH RECURSIVE used (id, place) AS (
            SELECT MIN(f.token_id), CAST(1 AS BIGINT) FROM token_uses f WHERE f.token_id > ?1
            UNION ALL SELECT (SELECT MIN(n.token_id) FROM token_uses n WHERE n.token_id > used.id), used.place + 1
                FROM used WHERE used.id IS NOT NULL AND used.place < ?2)
        SELECT used.id, u.minute / 1440, CAST(SUM(u.uses) AS BIGINT),
            CAST(SUM(CASE WHEN u.class >= 4 THEN u.uses ELSE 0 END) AS BIGINT)
        FROM used LEFT JOIN token_uses u ON u.token_id = used.id AND u.minute >= ?3 AND u.minute < ?4
        WHERE used.id IS NOT NULL GROUP BY used.id, u.minute / 1440 ORDER BY used.id, u.minute / 1440";
    FORGET = "DELETE FROM token_days WHERE token_id IN (SELECT d.token_id FROM token_days d ORDER BY d.token_id LIMIT ?1)";
}

/// How many days are kept: with the one that goes on they are thirty.
pub const KEPT: usize = 29;
const MINUTES: i64 = 1440;

/// How often something was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// In all.
    pub uses: i64,
    /// Of that, without success: the answer's status was 400 or above.
    pub failed: i64,
}

impl Count {
    /// Reads the two numbers of a text, as queries join them.
    pub(super) fn read(text: &str) -> Self {
        let numbers = numbers(text);
        let number = |place: usize| numbers.get(place).copied().unwrap_or(0);
        Self { uses: number(0), failed: number(1) }
    }
}

/// The days of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The last of them, in days since 1970.
    last: i64,
    /// Up to that day, which stands at the end.
    counts: Vec<Count>,
}

impl Days {
    pub(super) fn read(last: i64, uses: &str, failed: &str) -> Self {
        let count = |(uses, failed)| Count { uses, failed };
        Self { last, counts: numbers(uses).into_iter().zip(numbers(failed)).map(count).collect() }
    }

    /// What is known of a day.
    pub fn on(&self, day: i64) -> Count {
        let back = usize::try_from(self.last - day).ok();
        let place = back.and_then(|back| self.counts.len().checked_sub(back + 1));
        place.and_then(|place| self.counts.get(place)).copied().unwrap_or_default()
    }

    /// Takes in what was counted for a day. It may have been counted before: lines of a day only become more until they
    /// are forgotten, so the higher number is the right one.
    pub fn take_in(&mut self, day: i64, count: Count) {
        if self.counts.is_empty() {
            (self.last, self.counts) = (day, vec![count]);
            return;
        }
        let first = self.last.max(day) - i64::try_from(KEPT).unwrap_or(i64::MAX) + 1;
        let older = self.last - i64::try_from(self.counts.len()).unwrap_or(i64::MAX) + 1;
        if day < first {
            return;
        }
        let last = self.last.max(day);
        let counts = (older.min(day).max(first)..=last).map(|each| {
            let known = self.on(each);
            if each == day {
                Count { uses: known.uses.max(count.uses), failed: known.failed.max(count.failed) }
            } else {
                known
            }
        });
        (self.counts, self.last) = (counts.collect(), last);
    }
}

fn numbers(text: &str) -> Vec<i64> {
    text.split(' ').filter_map(|number| number.parse().ok()).collect()
}

fn text(counts: &[Count], number: fn(&Count) -> i64) -> String {
    counts.iter().map(|count| number(count).to_string()).collect::<Vec<_>>().join(" ")
}

/// The days of a token; none if it was never used.
pub fn one(conn: &mut dyn Conn, token_id: i64) -> Result<Days, DbError> {
    let Some(row) = conn.row(ONE, &[token_id.into()])? else { return Ok(Days::default()) };
    let mut cells = row.cells();
    Ok(Days::read(cells.int()?, &cells.text()?, &cells.text()?))
}

/// Writes down the days of a token.
pub fn put(conn: &mut dyn Conn, token_id: i64, days: &Days) -> Result<(), DbError> {
    let uses = text(&days.counts, |count| count.uses);
    let failed = text(&days.counts, |count| count.failed);
    conn.exec(PUT, &[token_id.into(), days.last.into(), uses.into(), failed.into()]).map(drop)
}

/// What the ledger has of some tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The number of the last token that was looked at; `None` when there was none.
    pub last: Option<i64>,
    /// Token, day since 1970, and count, in that order; only days with uses.
    pub days: Vec<(i64, i64, Count)>,
}

/// Counts the uses of the next `limit` tokens after a number, on each day from `first` to before `end`.
pub fn of_ledger(
    conn: &mut dyn Conn,
    after: i64,
    limit: i64,
    first: i64,
    end: i64,
) -> Result<Counted, DbError> {
    let args = [after.into(), limit.into(), (first * MINUTES).into(), (end * MINUTES).into()];
    let mut counted = Counted::default();
    for row in conn.rows(OF_LEDGER, &args)? {
        let mut cells = row.cells();
        let token_id = cells.int()?;
        counted.last = Some(token_id);
        let Some(day) = cells.opt_int()? else { continue };
        counted.days.push((token_id, day, Count { uses: cells.int()?, failed: cells.int()? }));
    }
    Ok(counted)
}

/// Forgets the days of at most so many tokens; returns how many went.
pub fn forget(conn: &mut dyn Conn, limit: i64) -> Result<u64, DbError> {
    conn.exec(FORGET, &[limit.into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(uses: i64) -> Count {
        Count { uses, failed: uses / 10 }
    }

    fn uses(days: &Days) -> (i64, Vec<i64>) {
        (days.last, days.counts.iter().map(|count| count.uses).collect())
    }

    #[test]
    fn days_without_use_stand_between() {
        let mut days = Days::default();
        days.take_in(100, count(50));
        days.take_in(103, count(7));
        assert_eq!(uses(&days), (103, vec![50, 0, 0, 7]));
        assert_eq!([99, 100, 101, 103, 104].map(|day| days.on(day).uses), [0, 50, 0, 7, 0]);
        assert_eq!(days.on(100).failed, 5);
    }

    #[test]
    fn a_day_that_is_counted_again_is_never_less() {
        let mut days = Days::default();
        days.take_in(100, count(50));
        days.take_in(101, count(1));
        days.take_in(100, count(20));
        assert_eq!(uses(&days), (101, vec![50, 1]), "lines of it were forgotten meanwhile");
        days.take_in(100, count(60));
        assert_eq!(uses(&days), (101, vec![60, 1]), "lines of it came late");
        days.take_in(98, count(3));
        assert_eq!(uses(&days), (101, vec![3, 0, 60, 1]));
    }

    #[test]
    fn a_month_is_kept() {
        let mut days = Days::default();
        for day in 100..200 {
            days.take_in(day, count(day));
        }
        assert_eq!(uses(&days), (199, (171..200).collect()));
        days.take_in(170, count(1));
        assert_eq!(uses(&days), (199, (171..200).collect()), "too old to be kept");
        days.take_in(500, count(9));
        assert_eq!((days.on(500).uses, days.on(199).uses, days.counts.len()), (9, 0, KEPT));
    }

    #[test]
    fn what_is_written_is_read() {
        let mut days = Days::default();
        days.take_in(100, count(50));
        days.take_in(102, count(7));
        let written = (text(&days.counts, |count| count.uses), text(&days.counts, |count| count.failed));
        assert_eq!(written, ("50 0 7".to_owned(), "5 0 0".to_owned()));
        assert_eq!(Days::read(102, &written.0, &written.1), days);
        assert_eq!(Count::read("12 3"), Count { uses: 12, failed: 3 });
    }
}
