//! How many tokens end when, for monitors: counted now and then, however often it is asked.

use std::collections::BTreeMap;

use tessera_model::Result;
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::{KINDS, TokenKind, expiry_is_enforced};
use tessera_store::query;

use crate::{Service, Trouble, settings};

/// Days to the end, and the name of those up to them.
const BUCKETS: &[(i64, &str)] =
    &[(1, "0-1"), (7, "2-7"), (30, "8-30"), (60, "31-60"), (90, "61-90"), (i64::MAX, "91+")];
const NEVER: &str = "never";

/// For how long a count does, in seconds; tokens without an end take a walk along all of them.
const FRESH: i64 = 60;
const ENDLESS_FRESH: i64 = 600;

/// Living tokens by their kind and the days to their end, each with zero at least.
pub type TokenEnds = BTreeMap<(&'static str, &'static str), i64>;

/// What was counted last, and when.
#[derive(Default)]
pub(crate) struct Ends {
    counted: Option<(Timestamp, TokenEnds)>,
    endless: Option<(Timestamp, Vec<(TokenKind, i64)>)>,
}

/// The name of so many days.
fn bucket(days: i64) -> &'static str {
    BUCKETS.iter().find(|(most, _)| days <= *most).map_or(NEVER, |(_, name)| name)
}

fn tally(
    ending: &[(Date, TokenKind, i64)],
    endless: &[(TokenKind, i64)],
    today: Date,
    enforced: bool,
) -> TokenEnds {
    let mut ends = TokenEnds::new();
    for kind in KINDS {
        let names = BUCKETS.iter().map(|(_, name)| *name).chain([NEVER]);
        ends.extend(names.map(|name| ((kind.name(), name), 0)));
    }
    let mut add = |kind: TokenKind, bucket, count| *ends.entry((kind.name(), bucket)).or_default() += count;
    for (kind, count) in endless {
        add(*kind, NEVER, *count);
    }
    for (date, kind, count) in ending {
        if !expiry_is_enforced(*kind, enforced) {
            add(*kind, NEVER, *count);
        } else if *date > today {
            add(*kind, bucket(today.days_until(*date)), *count);
        }
    }
    ends
}

fn fresh<T: Clone>(known: Option<&(Timestamp, T)>, now: Timestamp, seconds: i64) -> Option<T> {
    known.filter(|(at, _)| *at <= now && now < at.plus_seconds(seconds)).map(|(_, known)| known.clone())
}

impl Service {
    /// Living tokens by their kind and the days to their end, as they were a minute ago at most (those without an end:
    /// ten). Expired and revoked ones are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn token_ends(&self) -> Result<TokenEnds> {
        let now = self.now();
        // Whoever asks meanwhile waits and takes what was counted.
        let mut known = self.ends().lock().await;
        if let Some(ends) = fresh(known.counted.as_ref(), now, FRESH) {
            return Ok(ends);
        }
        let remembered = fresh(known.endless.as_ref(), now, ENDLESS_FRESH);
        let walk = remembered.is_none();
        let counted = self.store().read(move |conn| {
            let enforced = settings::value(conn, "enforce_pat_expiration")?.as_bool().unwrap_or(true);
            let today = now.date();
            // Where ends are not enforced, tokens live on after theirs.
            let after = if enforced { today } else { Timestamp(0).date() };
            let ending = query::ends::ending(conn, after)?;
            let endless = if walk { query::ends::endless(conn)? } else { Vec::new() };
            Ok::<_, Trouble>((ending, endless, enforced))
        });
        let (ending, walked, enforced) = counted.await.map_err(|trouble| trouble.0)?;
        let endless = remembered.unwrap_or_else(|| {
            known.endless = Some((now, walked.clone()));
            walked
        });
        let ends = tally(&ending, &endless, now.date(), enforced);
        known.counted = Some((now, ends.clone()));
        Ok(ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn days_fall_into_their_buckets() {
        let names: Vec<&str> = [1, 2, 7, 8, 30, 31, 60, 61, 90, 91, 4000].map(bucket).into();
        let expected =
            ["0-1", "2-7", "2-7", "8-30", "8-30", "31-60", "31-60", "61-90", "61-90", "91+", "91+"];
        assert_eq!(names, expected);
    }

    #[test]
    fn ends_that_are_not_enforced_are_none() {
        let ending = [
            (date("2027-03-04"), TokenKind::Personal, 1),
            (date("2027-03-04"), TokenKind::Project, 2),
            (date("2027-03-05"), TokenKind::Personal, 4),
            (date("2027-03-05"), TokenKind::Project, 8),
        ];
        let count = |enforced: bool| {
            let ends = tally(&ending, &[(TokenKind::Personal, 16)], date("2027-03-04"), enforced);
            let of = |kind: TokenKind, bucket| ends[&(kind.name(), bucket)];
            [of(TokenKind::Personal, "0-1"), of(TokenKind::Personal, NEVER), of(TokenKind::Project, "0-1")]
        };
        assert_eq!(count(true), [4, 16, 8]);
        assert_eq!(count(false), [0, 21, 8]);
    }

    #[test]
    fn what_is_old_or_from_the_future_is_not_fresh() {
        let known = (Timestamp::from_seconds(100), 1);
        let at = |second| fresh(Some(&known), Timestamp::from_seconds(second), 60);
        assert_eq!([99, 100, 159, 160].map(at), [None, Some(1), Some(1), None]);
    }
}
