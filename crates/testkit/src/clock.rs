//! A clock that stands until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tessera_model::time::{Clock, Date, Timestamp};

/// When every test begins: 2027-03-04 at 08:15:30.120 UTC, a Thursday.
pub const START: Timestamp = Timestamp(1_804_148_130_120_000);

/// The clock of a test. Civil time moves by hand only; the measuring of durations goes on.
pub struct TestClock {
    now: AtomicI64,
    begun: Instant,
}

impl TestClock {
    #[expect(clippy::disallowed_methods, reason = "durations within a test are real")]
    pub(crate) fn new() -> Self {
        Self { now: AtomicI64::new(START.0), begun: Instant::now() }
    }

    /// Moves on.
    pub fn advance(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).unwrap();
        self.now.fetch_add(micros, Ordering::SeqCst);
    }

    /// Moves to one second before 00:00:00 UTC of a date.
    pub fn to_eve_of(&self, date: &str) {
        let midnight = Date::parse(date).unwrap().midnight();
        self.now.store(midnight.plus_seconds(-1).0, Ordering::SeqCst);
    }

    /// The date of today plus a number of days, as requests write it.
    pub fn in_days(&self, days: i64) -> String {
        self.now().date().plus_days(days).to_string()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        self.begun.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_begins_on_the_same_morning() {
        assert_eq!(START.to_string(), "2027-03-04T08:15:30.120Z");
        let clock = TestClock::new();
        clock.to_eve_of("2027-03-05");
        assert_eq!(clock.now().to_string(), "2027-03-04T23:59:59.000Z");
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.in_days(0), "2027-03-05");
    }
}
