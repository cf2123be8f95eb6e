//! `application/json` bodies.

use serde_json::{Map, Value};

use super::ParamError;
use super::form::refuse_nul;

/// How many values one document may hold. A value takes many times the room of the two bytes that can ask
/// for it, so the limit on the body's size alone would not bound memory.
const MAX_VALUES: usize = 131_072;

/// Reads an object; nothing at all, or white space, is an empty one.
pub(super) fn parse(input: &[u8]) -> Result<Map<String, Value>, ParamError> {
    if input.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    if values(input) > MAX_VALUES {
        return Err(ParamError::malformed(format!(
            "Too many values in the JSON body: at most {MAX_VALUES} are accepted"
        )));
    }
    match serde_json::from_slice(input) {
        Ok(Value::Object(map)) => {
            // NUL can only have come in by its escape, so most bodies need no second walk.
            if input.windows(6).any(|six| six == b"\\u0000") {
                refuse_nul_within(&map)?;
            }
            Ok(map)
        }
        Ok(_) => Err(ParamError::malformed("The JSON body must be an object")),
        Err(_) => Err(ParamError::bad_json()),
    }
}

/// An upper estimate of the values in a document, made before any is allocated.
fn values(input: &[u8]) -> usize {
    let (mut count, mut quoted, mut escaped) = (0, false, false);
    for &byte in input {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => quoted = true,
                b',' | b'[' | b'{' => count += 1,
                _ => {}
            }
        }
    }
    count
}

fn refuse_nul_within(map: &Map<String, Value>) -> Result<(), ParamError> {
    map.iter().try_for_each(|(name, value)| refuse_nul(name).and_then(|()| refuse_nul_in(value)))
}

// Goes no deeper than the parser, which stops at 128 levels.
fn refuse_nul_in(value: &Value) -> Result<(), ParamError> {
    match value {
        Value::String(text) => refuse_nul(text),
        Value::Array(items) => items.iter().try_for_each(refuse_nul_in),
        Value::Object(map) => refuse_nul_within(map),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::BAD_JSON;
    use super::*;

    #[test]
    fn reads_objects_and_empty_bodies() {
        for (input, expected) in [
            ("", "{}"),
            (" \r\n", "{}"),
            ("{}", "{}"),
            (
                r#"{"b":1,"a":[null,true,1.5,"x"],"c":{"d":{}}}"#,
                r#"{"b":1,"a":[null,true,1.5,"x"],"c":{"d":{}}}"#,
            ),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"a":"\\u0000 is not NUL"}"#, r#"{"a":"\\u0000 is not NUL"}"#),
        ] {
            assert_eq!(Value::Object(parse(input.as_bytes()).unwrap()).to_string(), expected);
        }
    }

    #[test]
    fn refuses_the_rest() {
        let nul = "Invalid parameters: string contains null byte";
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for (input, expected) in [
            ("{", BAD_JSON),
            ("{\"a\":1,}", BAD_JSON),
            ("name=x", BAD_JSON),
            ("{} {}", BAD_JSON),
            (deep.as_str(), BAD_JSON),
            ("{\"a\":\"\u{0}\"}", BAD_JSON),
            ("[]", "The JSON body must be an object"),
            ("null", "The JSON body must be an object"),
            ("\"x\"", "The JSON body must be an object"),
            (r#"{"a":"\u0000"}"#, nul),
            (r#"{"a":[{"b":"x\u0000"}]}"#, nul),
            (r#"{"a\u0000":1}"#, nul),
        ] {
            assert_eq!(parse(input.as_bytes()), Err(ParamError::malformed(expected)), "{input}");
        }
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(ParamError::bad_json()));
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let within = format!("{{\"a\":[{}0]}}", "0,".repeat(1000));
        assert!(parse(within.as_bytes()).is_ok());
        let beyond = format!("{{\"a\":[{}0]}}", "0,".repeat(MAX_VALUES));
        assert!(parse(beyond.as_bytes()).unwrap_err().to_string().starts_with("Too many values"));
        let commas_in_text = format!("{{\"a\":\"{}\\\",\"}}", ",".repeat(MAX_VALUES));
        assert!(parse(commas_in_text.as_bytes()).is_ok());
    }
}
