//! Values into the scalar types that parameters are declared with.

use jiff::civil::Date;
use serde_json::Value;

use super::date;

/// What became of a value that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coerced<T> {
    /// Null, or the empty string where the type has no empty value.
    Null,
    /// Of the type.
    Value(T),
    /// Not of the type.
    Wrong,
}

impl<T> Coerced<T> {
    fn of(found: Option<T>) -> Self {
        found.map_or(Self::Wrong, Self::Value)
    }
}

/// Any scalar is text; lists and maps are not.
pub(super) fn text(value: &Value) -> Coerced<String> {
    match value {
        Value::Null => Coerced::Null,
        Value::String(text) => Coerced::Value(text.clone()),
        Value::Number(number) => Coerced::Value(number.to_string()),
        Value::Bool(flag) => Coerced::Value(flag.to_string()),
        Value::Array(_) | Value::Object(_) => Coerced::Wrong,
    }
}

/// A whole number that fits 64 bits, as a JSON number or in decimal digits.
pub(super) fn integer(value: &Value) -> Coerced<i64> {
    match value {
        Value::Null => Coerced::Null,
        Value::Number(number) => Coerced::of(number.as_i64()),
        Value::String(text) if text.is_empty() => Coerced::Null,
        Value::String(text) => Coerced::of(text.trim_ascii().parse().ok()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Coerced::Wrong,
    }
}

/// The spellings that dry-types knows.
pub(super) fn boolean(value: &Value) -> Coerced<bool> {
    let spelled = match value {
        Value::Null => return Coerced::Null,
        Value::Bool(flag) => return Coerced::Value(*flag),
        Value::Number(number) => return Coerced::of(number.as_i64().and_then(one_or_zero)),
        Value::String(text) => text.as_str(),
        Value::Array(_) | Value::Object(_) => return Coerced::Wrong,
    };
    match spelled {
        "" => Coerced::Null,
        "1" | "on" | "On" | "ON" | "t" | "T" | "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes"
        | "YES" => Coerced::Value(true),
        "0" | "off" | "Off" | "OFF" | "f" | "F" | "false" | "False" | "FALSE" | "n" | "N" | "no" | "No"
        | "NO" => Coerced::Value(false),
        _ => Coerced::Wrong,
    }
}

fn one_or_zero(number: i64) -> Option<bool> {
    match number {
        1 => Some(true),
        0 => Some(false),
        _ => None,
    }
}

/// A calendar date; of a point in time, its date as written.
pub(super) fn day(value: &Value) -> Coerced<Date> {
    parsed(value, date::day)
}

/// A point in time as microseconds since 1970 UTC; without a zone it is UTC, without a time midnight.
pub(super) fn moment(value: &Value) -> Coerced<i64> {
    parsed(value, date::moment)
}

fn parsed<T>(value: &Value, parse: fn(&str) -> Option<T>) -> Coerced<T> {
    match value {
        Value::Null => Coerced::Null,
        Value::String(text) if text.is_empty() => Coerced::Null,
        Value::String(text) => Coerced::of(parse(text.trim_ascii())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Coerced::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts() {
        for (given, expected) in [
            (json!(null), Coerced::Null),
            (json!(""), Coerced::Value(String::new())),
            (json!("a"), Coerced::Value("a".to_owned())),
            (json!(12), Coerced::Value("12".to_owned())),
            (json!(1.5), Coerced::Value("1.5".to_owned())),
            (json!(true), Coerced::Value("true".to_owned())),
            (json!([]), Coerced::Wrong),
            (json!({"a": 1}), Coerced::Wrong),
        ] {
            assert_eq!(text(&given), expected, "{given}");
        }
    }

    #[test]
    fn integers() {
        for (given, expected) in [
            (json!(null), Coerced::Null),
            (json!(""), Coerced::Null),
            (json!(30), Coerced::Value(30)),
            (json!("30"), Coerced::Value(30)),
            (json!(" 30\n"), Coerced::Value(30)),
            (json!("+5"), Coerced::Value(5)),
            (json!("-5"), Coerced::Value(-5)),
            (json!("010"), Coerced::Value(10)),
            (json!(i64::MAX), Coerced::Value(i64::MAX)),
            (json!(u64::MAX), Coerced::Wrong),
            (json!("9223372036854775808"), Coerced::Wrong),
            (json!(1.5), Coerced::Wrong),
            (json!(2.0), Coerced::Wrong),
            (json!("1.5"), Coerced::Wrong),
            (json!("0x10"), Coerced::Wrong),
            (json!("ten"), Coerced::Wrong),
            (json!(" "), Coerced::Wrong),
            (json!(true), Coerced::Wrong),
            (json!([1]), Coerced::Wrong),
            (json!({}), Coerced::Wrong),
        ] {
            assert_eq!(integer(&given), expected, "{given}");
        }
    }

    #[test]
    fn booleans() {
        for yes in ["1", "t", "on", "yes", "TRUE", "true", "True", "y", "Y", "On", "ON", "T", "Yes", "YES"] {
            assert_eq!(boolean(&json!(yes)), Coerced::Value(true), "{yes}");
        }
        for no in ["0", "f", "off", "no", "FALSE", "false", "False", "n", "N", "Off", "OFF", "F", "No", "NO"]
        {
            assert_eq!(boolean(&json!(no)), Coerced::Value(false), "{no}");
        }
        for (given, expected) in [
            (json!(true), Coerced::Value(true)),
            (json!(false), Coerced::Value(false)),
            (json!(1), Coerced::Value(true)),
            (json!(0), Coerced::Value(false)),
            (json!(null), Coerced::Null),
            (json!(""), Coerced::Null),
            (json!(2), Coerced::Wrong),
            (json!("tRuE"), Coerced::Wrong),
            (json!("2"), Coerced::Wrong),
            (json!(" true"), Coerced::Wrong),
            (json!([true]), Coerced::Wrong),
        ] {
            assert_eq!(boolean(&given), expected, "{given}");
        }
    }

    #[test]
    fn dates_and_moments_come_from_text_alone() {
        assert_eq!(day(&json!("")), Coerced::Null);
        assert_eq!(day(&json!(null)), Coerced::Null);
        assert_eq!(day(&json!(20_270_203)), Coerced::Wrong);
        assert_eq!(day(&json!(" 2027-02-03 ")), Coerced::Value(Date::constant(2027, 2, 3)));
        assert_eq!(moment(&json!("1970-01-01")), Coerced::Value(0));
        assert_eq!(moment(&json!(0)), Coerced::Wrong);
        assert_eq!(moment(&json!("")), Coerced::Null);
    }
}
