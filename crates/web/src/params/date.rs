//! The forms of dates and points in time that clients send.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

/// A date in any of the forms `2027-02-03`, `2027/2/3`, `2027.02.03`, `20270203`, `03-02-2027` (day first),
/// `3 Feb 2027`, `Feb 3, 2027`, `Wed, 03 Feb 2027`; a time after it is cut off, whatever its zone.
pub(super) fn day(text: &str) -> Option<Date> {
    numeric(text).or_else(|| worded(text))
}

fn numeric(text: &str) -> Option<Date> {
    let (first, rest) = digits(text)?;
    if first.len() == 8 {
        let (year, month_day) = first.split_at(4);
        let (month, day) = month_day.split_at(2);
        return time_or_end(rest).then(|| date(year, month, day)).flatten();
    }
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (month, rest) = digits(&rest[1..])?;
    let (last, rest) = digits(rest.strip_prefix(separator)?)?;
    if !time_or_end(rest) {
        return None;
    }
    match (first.len(), last.len()) {
        (4, 1..=2) => date(first, month, last),
        (1..=2, 4) => date(last, month, first),
        _ => None,
    }
}

/// The run of digits a text starts with, and the rest.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Whether what follows a date is nothing, or looks like a time.
fn time_or_end(rest: &str) -> bool {
    match rest.strip_prefix(['T', 't', ' ']) {
        Some(time) => time.trim_start().starts_with(|c: char| c.is_ascii_digit()),
        None => rest.is_empty(),
    }
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Dates with the English name of the month, in either order, after an optional day of the week.
fn worded(text: &str) -> Option<Date> {
    let mut words = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).peekable();
    words.next_if(|word| is_weekday(word));
    let (first, second, year) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some_and(|time| !time.starts_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let (day, month) = match (month(first), month(second)) {
        (None, Some(month)) => (first, month),
        (Some(month), None) => (second, month),
        _ => return None,
    };
    let day = ["st", "nd", "rd", "th"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !plain(year) || !plain(day) {
        return None;
    }
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn is_weekday(word: &str) -> bool {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    abbreviates(word, &NAMES).is_some()
}

fn month(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    abbreviates(word, &NAMES).and_then(|at| i8::try_from(at + 1).ok())
}

/// The place of the name that a word is, or is the first three letters of.
fn abbreviates(word: &str, names: &[&str]) -> Option<usize> {
    let word = word.to_ascii_lowercase();
    names.iter().position(|name| *name == word || (word.len() == 3 && name.starts_with(&word)))
}

/// A point in time in microseconds since 1970 UTC: ISO 8601 with a zone, or without (then UTC), RFC 2822, or
/// any form of [`day`] alone (then its midnight UTC).
pub(super) fn moment(text: &str) -> Option<i64> {
    let text = zone_as_sent(text);
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_microsecond());
    }
    if let Some(civil) = without_zone(&text) {
        return utc(civil);
    }
    if let Ok(zoned) = rfc2822::parse(&text) {
        return Some(zoned.timestamp().as_microsecond());
    }
    let only_date = !text.contains(':');
    only_date
        .then(|| day(&text))
        .flatten()
        .and_then(|day| utc(day.to_datetime(jiff::civil::Time::midnight())))
}

/// Mends two spellings of the zone: a `+` that a query turned into a space, and ` UTC` in words.
fn zone_as_sent(text: &str) -> String {
    if let Some(bare) = text.strip_suffix(" UTC").filter(|bare| bare.contains(':')) {
        return format!("{}Z", bare.trim_end());
    }
    match text.rsplit_once(' ') {
        Some((time, zone)) if is_offset(zone) && time.contains(['T', 't']) => format!("{time}+{zone}"),
        _ => text.to_owned(),
    }
}

fn is_offset(zone: &str) -> bool {
    matches!(zone.as_bytes(), [a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

fn without_zone(text: &str) -> Option<DateTime> {
    // The parser would pass over an offset it cannot use; here a colon and no zone are what is wanted.
    let has_time = text.contains(':') && !text.contains('[');
    has_time.then(|| text.parse::<DateTime>().ok()).flatten()
}

fn utc(civil: DateTime) -> Option<i64> {
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_understood() {
        for text in [
            "2027-02-03",
            "2027/02/03",
            "2027.02.03",
            "2027-2-3",
            "20270203",
            "03-02-2027",
            "3/2/2027",
            "2027-02-03T23:59:59Z",
            "2027-02-03T00:30:00+14:00",
            "2027-02-03t10:00",
            "2027-02-03 10:00:00",
            "2027-02-03 10:00:00.123 UTC",
            "20270203T101500Z",
            "3 Feb 2027",
            "03 february 2027",
            "3-Feb-2027",
            "Feb 3 2027",
            "February 3rd, 2027",
            "Wed, 03 Feb 2027",
            "Wed, 03 Feb 2027 10:00:00 GMT",
            "Wednesday 3 Feb 2027",
        ] {
            assert_eq!(day(text), Some(Date::constant(2027, 2, 3)), "{text}");
        }
        assert_eq!(day("2028-02-29"), Some(Date::constant(2028, 2, 29)));
    }

    #[test]
    fn days_that_are_not() {
        for text in [
            "",
            " ",
            "x",
            "tomorrow",
            "2027",
            "2027-02",
            "2027-02-30",
            "2027-13-01",
            "2027-00-10",
            "2027-02-03x",
            "2027-02/03",
            "27-02-03",
            "12345-01-01",
            "2027-02-03 next",
            "-2027-02-03",
            "99999999",
            "2027020",
            "3 Foo 2027",
            "Feb Feb 2027",
            "3 Feb 27",
            "32 Feb 2027",
            "Feb 3 2027 x",
            "\u{662}\u{660}27-02-03",
            "2027-02-",
            "1e9-01-01",
            "3 Feb +2027",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn moments() {
        let noon = 1_801_648_800_000_000; // 2027-02-03T10:00:00Z
        for (text, expected) in [
            ("2027-02-03T10:00:00Z", noon),
            ("2027-02-03T10:00:00.000001Z", noon + 1),
            ("2027-02-03t10:00:00z", noon),
            ("2027-02-03T10:00:00+00:00", noon),
            ("2027-02-03T12:00:00+02:00", noon),
            ("2027-02-03T12:00:00 02:00", noon),
            ("2027-02-03T05:00:00-0500", noon),
            ("2027-02-03T10:00:00", noon),
            ("2027-02-03T10:00", noon),
            ("2027-02-03 10:00:00", noon),
            ("2027-02-03 10:00:00 UTC", noon),
            ("Wed, 03 Feb 2027 10:00:00 GMT", noon),
            ("Wed, 03 Feb 2027 12:00:00 +0200", noon),
            ("2027-02-03", noon - 36_000_000_000),
            ("2027/02/03", noon - 36_000_000_000),
            ("3 Feb 2027", noon - 36_000_000_000),
            ("1969-12-31T23:59:59Z", -1_000_000),
        ] {
            assert_eq!(moment(text), Some(expected), "{text}");
        }
        for text in ["", "x", "now", "2027-02-30T00:00:00Z", "2027-02-03T25:00:00Z", "10:00:00", "1801648800"]
        {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
