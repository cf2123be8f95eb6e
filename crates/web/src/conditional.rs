//! Deleting only what did not change meanwhile: `If-Unmodified-Since`.

use http::HeaderMap;
use http::header::IF_UNMODIFIED_SINCE;
use jiff::fmt::rfc2822::DateTimeParser;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};

/// The time of the header; one that is no date is passed over, as HTTP has it.
pub(crate) fn unmodified_since(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(IF_UNMODIFIED_SINCE)?.to_str().ok()?;
    let parsed = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim());
    let time = parsed.or_else(|_| text.trim().parse::<jiff::Timestamp>());
    time.ok().map(|time| Timestamp(time.as_microsecond()))
}

/// Refuses when the object changed after the time. The header has whole seconds, and so has the comparison.
///
/// # Errors
/// [`Error::PreconditionFailed`].
pub(crate) fn check(changed: Timestamp, unmodified_since: Option<Timestamp>) -> Result<()> {
    match unmodified_since {
        Some(time) if changed.seconds() > time.seconds() => Err(Error::PreconditionFailed),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<i64> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_UNMODIFIED_SINCE, text.parse().unwrap());
        unmodified_since(&headers).map(Timestamp::seconds)
    }

    #[test]
    fn dates_of_http_are_read_and_others_passed_over() {
        assert_eq!(read("Thu, 23 Jul 2020 14:31:31 GMT"), Some(1_595_514_691));
        assert_eq!(read("2020-07-23T14:31:31Z"), Some(1_595_514_691));
        assert_eq!(read("yesterday"), None);
        assert_eq!(unmodified_since(&HeaderMap::new()), None);
    }

    #[test]
    fn a_change_within_the_second_is_no_later_one() {
        let changed = Timestamp(1_595_514_691_729_000);
        assert!(check(changed, None).is_ok());
        assert!(check(changed, Some(Timestamp::from_seconds(1_595_514_691))).is_ok());
        let earlier = Some(Timestamp::from_seconds(1_595_514_690));
        assert!(matches!(check(changed, earlier), Err(Error::PreconditionFailed)));
    }
}
