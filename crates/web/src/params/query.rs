//! Parameters back into a query, for the links of a paginated list.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Params;

/// Everything but RFC 3986's unreserved characters.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl Params {
    /// The query that says these parameters, sorted as Rails does, without the names of `leave_out` and with
    /// those of `replace` in place of any value given. Files are left out.
    pub fn to_query(&self, leave_out: &[&str], replace: &[(&str, String)]) -> String {
        let replaced = |name: &str| replace.iter().any(|(other, _)| *other == name);
        let mut pairs: Vec<String> = self
            .iter()
            .filter(|(name, _)| !leave_out.contains(name) && !replaced(name))
            .map(|(name, value)| spell(name, value))
            .chain(replace.iter().map(|(name, value)| pair(name, value)))
            .filter(|pair| !pair.is_empty())
            .collect();
        pairs.sort_unstable();
        pairs.join("&")
    }
}

/// One value under its full name; depth is bounded by what the parsers let in.
fn spell(name: &str, value: &Value) -> String {
    match value {
        Value::Null => pair(name, ""),
        Value::Bool(flag) => pair(name, if *flag { "true" } else { "false" }),
        Value::Number(number) => pair(name, &number.to_string()),
        Value::String(text) => pair(name, text),
        Value::Array(items) if items.is_empty() => pair(&format!("{name}[]"), ""),
        Value::Array(items) => {
            let name = format!("{name}[]");
            items.iter().map(|item| spell(&name, item)).collect::<Vec<_>>().join("&")
        }
        Value::Object(map) => {
            let mut inner: Vec<String> =
                map.iter().map(|(key, item)| spell(&format!("{name}[{key}]"), item)).collect();
            inner.retain(|pair| !pair.is_empty());
            inner.sort_unstable();
            inner.join("&")
        }
    }
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", escape(name), escape(value))
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string().replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params(value: Value) -> Params {
        match value {
            Value::Object(map) => Params::from(map),
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn spells_sorted_and_escaped() {
        for (given, expected) in [
            (json!({}), ""),
            (json!({"b": 1, "a": "x y"}), "a=x+y&b=1"),
            (json!({"n": null, "t": true}), "n=&t=true"),
            (json!({"s[": "a&b=c"}), "s%5B=a%26b%3Dc"),
            (json!({"a": ["2", "1"], "e": []}), "a%5B%5D=2&a%5B%5D=1&e%5B%5D="),
            (json!({"o": {"y": 1, "x": {"z": 2}}}), "o%5Bx%5D%5Bz%5D=2&o%5By%5D=1"),
            (json!({"empty": {}, "a": 1}), "a=1"),
            (json!({"u": "\u{e9}~-_.*"}), "u=%C3%A9~-_.%2A"),
        ] {
            assert_eq!(params(given).to_query(&[], &[]), expected);
        }
    }

    #[test]
    fn leaves_out_and_replaces() {
        let given = params(json!({"private_token": "secret", "page": "7", "id": "52"}));
        assert_eq!(
            given.to_query(&["private_token"], &[("page", "8".to_owned()), ("per_page", "20".to_owned())]),
            "id=52&page=8&per_page=20"
        );
    }

    #[test]
    fn a_query_reads_back_as_it_was() {
        let text = "a%5B%5D=1&a%5B%5D=2&o%5Bk%5D=v+w&z=%C3%A9";
        let map = super::super::form::parse(text.as_bytes()).unwrap();
        assert_eq!(Params::from(map).to_query(&[], &[]), text);
    }
}
