//! Instants, dates and the clock, which is always an argument.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Where the present comes from. Tests give a clock that they move by hand.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment, never going back; for measuring durations only.
    fn monotonic(&self) -> Duration;
}

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The civil date in UTC on which this instant lies.
    pub fn date(self) -> Date {
        let days = self.0.div_euclid(SECONDS_PER_DAY * MICROS_PER_SECOND);
        Date::from_days(days)
    }

    /// Whole seconds since the epoch, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// This instant moved by a number of whole seconds (negative: back).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)))
    }

    /// Reads a point in time as RFC 3339 has it; without a zone, as databases write it out, it is UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix("UTC").map_or(text, str::trim_end);
        let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
            let civil: jiff::civil::DateTime = text.parse().ok()?;
            civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        })?;
        Some(Self(instant.as_microsecond()))
    }

    /// The instant of a number of seconds since the epoch.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }
}

/// ISO 8601 in UTC with milliseconds and `Z`, as GitLab's REST API writes times.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second_of_day = self.seconds().rem_euclid(SECONDS_PER_DAY);
        let millis = self.0.rem_euclid(MICROS_PER_SECOND) / 1000;
        let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z", self.date())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A civil date, meant in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn from_days(days_since_epoch: i64) -> Self {
        let epoch = jiff::civil::Date::constant(1970, 1, 1);
        Self(epoch.saturating_add(days(days_since_epoch)))
    }

    /// This date moved by a number of days; saturates at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, count: i64) -> Self {
        Self(self.0.saturating_add(days(count)))
    }

    /// Days from this date to a later one (negative: it lies before).
    pub fn days_until(self, later: Self) -> i64 {
        self.0.duration_until(later.0).as_hours() / 24
    }

    /// 00:00:00 UTC of this date.
    pub fn midnight(self) -> Timestamp {
        let days = jiff::civil::Date::constant(1970, 1, 1).duration_until(self.0).as_hours() / 24;
        Timestamp::from_seconds(days * SECONDS_PER_DAY)
    }
}

/// A span of days, cut to what the calendar holds (20,000 years).
fn days(count: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_hours(count.clamp(-7_400_000, 7_400_000) * 24)
}

impl From<jiff::civil::Date> for Date {
    fn from(date: jiff::civil::Date) -> Self {
        Self(date)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_prints_as_gitlab_prints_it() {
        assert_eq!(Timestamp(1_595_514_691_729_000).to_string(), "2020-07-23T14:31:31.729Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn points_in_time_are_read_as_databases_and_people_write_them() {
        let read = |text: &str| Timestamp::parse(text).map(|time| time.to_string());
        let same = Some("2021-02-03T04:05:06.123Z".to_owned());
        for text in [
            "2021-02-03T04:05:06.123456Z",
            "2021-02-03T05:05:06.123456+01:00",
            "2021-02-03 04:05:06.123456",
            "2021-02-03 04:05:06.123456+00",
            "2021-02-03 04:05:06.123 UTC",
        ] {
            assert_eq!(read(text), same, "{text}");
        }
        assert_eq!(read("2021-02-03"), Some("2021-02-03T00:00:00.000Z".to_owned()));
        assert_eq!(read("tomorrow"), None);
        assert_eq!(read("2021-02-30T00:00:00Z"), None);
    }

    #[test]
    fn midnight_belongs_to_the_new_day() {
        let midnight = Date::parse("2027-03-01").unwrap().midnight();
        assert_eq!(midnight.date().to_string(), "2027-03-01");
        assert_eq!(Timestamp(midnight.0 - 1).date().to_string(), "2027-02-28");
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        let start = Date::parse("2027-12-31").unwrap();
        assert_eq!(start.plus_days(366).to_string(), "2028-12-31");
        assert_eq!(start.days_until(start.plus_days(366)), 366);
        assert_eq!(start.plus_days(i64::MAX).to_string(), "9999-12-31");
    }
}
