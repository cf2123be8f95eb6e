//! Times, as pages say them: in words, with the exact time in UTC beside.

use tessera_model::time::{Date, Timestamp};

/// A time in three forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// For machines: ISO 8601.
    pub(crate) iso: String,
    /// To the minute, in UTC.
    pub(crate) exact: String,
    /// From now, such as `in 12 days` or `3 hours ago`.
    pub(crate) words: String,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date such as `3 Dec 2026`.
pub(crate) fn day(date: Date) -> String {
    let iso = date.to_string();
    let mut parts = iso.split('-');
    let year = parts.next().unwrap_or_default();
    let month = parts.next().and_then(|month| month.parse::<usize>().ok()).unwrap_or(1);
    let day = parts.next().unwrap_or_default().trim_start_matches('0');
    format!("{day} {} {year}", MONTHS.get(month.wrapping_sub(1)).copied().unwrap_or_default())
}

impl When {
    /// An instant, seen from now.
    pub(crate) fn at(time: Timestamp, now: Timestamp) -> Self {
        let iso = time.to_string();
        let clock = iso.get(11..16).unwrap_or_default();
        Self {
            exact: format!("{}, {clock} UTC", day(time.date())),
            words: words(time.seconds() - now.seconds()),
            iso,
        }
    }

    /// The end of something that ends when a date begins (D10).
    pub(crate) fn end(date: Date, now: Timestamp) -> Self {
        let days = now.date().days_until(date);
        let words = match days {
            0 => "today".to_owned(),
            1 => "in 1 day".to_owned(),
            -1 => "1 day ago".to_owned(),
            2.. => format!("in {days} days"),
            _ => format!("{} days ago", -days),
        };
        Self { iso: format!("{date}T00:00:00Z"), exact: format!("{}, 00:00 UTC", day(date)), words }
    }
}

/// A distance in seconds, to the past where it is negative.
fn words(seconds: i64) -> String {
    let size = seconds.unsigned_abs().cast_signed();
    let (count, unit) = match size {
        0..MINUTE => {
            return if seconds <= 0 { "just now".to_owned() } else { "in less than a minute".to_owned() };
        }
        MINUTE..HOUR => (size / MINUTE, "minute"),
        HOUR..DAY => (size / HOUR, "hour"),
        _ if size < 60 * DAY => (size / DAY, "day"),
        _ if size < 730 * DAY => (size / (30 * DAY), "month"),
        _ => (size / (365 * DAY), "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if seconds < 0 { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T12:00:00Z").unwrap()
    }

    #[test]
    fn distances_in_words() {
        let table = [
            (0, "just now"),
            (-59, "just now"),
            (-60, "1 minute ago"),
            (-7200, "2 hours ago"),
            (-86_400, "1 day ago"),
            (-59 * 86_400, "59 days ago"),
            (-90 * 86_400, "3 months ago"),
            (-800 * 86_400, "2 years ago"),
            (90, "in 1 minute"),
        ];
        for (seconds, text) in table {
            assert_eq!(When::at(now().plus_seconds(seconds), now()).words, text);
        }
    }

    #[test]
    fn an_end_is_the_first_moment_of_its_date() {
        let end = When::end(Date::parse("2026-12-03").unwrap(), now());
        assert_eq!(
            (&*end.words, &*end.exact, &*end.iso),
            ("in 12 days", "3 Dec 2026, 00:00 UTC", "2026-12-03T00:00:00Z")
        );
        assert_eq!(When::end(Date::parse("2026-11-21").unwrap(), now()).words, "today");
        assert_eq!(When::end(Date::parse("2026-11-20").unwrap(), now()).words, "1 day ago");
        assert_eq!(
            When::at(Timestamp::parse("2026-11-21T09:05:59Z").unwrap(), now()).exact,
            "21 Nov 2026, 09:05 UTC"
        );
    }
}
