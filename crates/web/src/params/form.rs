//! `application/x-www-form-urlencoded`, in a query or in a body.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::ParamError;
use super::nesting::Tree;

/// Reads `a=1&b[]=2&c`. A name without `=` has the value null. Broken escapes, bytes that are not UTF-8 and
/// NUL are refused: guessing at them would make one request mean two things to two readers.
pub(super) fn parse(input: &[u8]) -> Result<Map<String, Value>, ParamError> {
    let mut tree = Tree::default();
    for pair in input.split(|&byte| byte == b'&') {
        if pair.is_empty() {
            continue;
        }
        tree.count()?;
        let (name, value) = match pair.iter().position(|&byte| byte == b'=') {
            Some(at) => (&pair[..at], Some(&pair[at + 1..])),
            None => (pair, None),
        };
        let name = decode(name)?;
        let value = match value {
            Some(raw) => Value::String(decode(raw)?.into_owned()),
            None => Value::Null,
        };
        tree.insert(&name, value)?;
    }
    Ok(tree.into_map())
}

fn decode(raw: &[u8]) -> Result<Cow<'_, str>, ParamError> {
    let plain = !raw.iter().any(|&byte| matches!(byte, b'%' | b'+'));
    let text = if plain {
        std::str::from_utf8(raw).map(Cow::Borrowed).map_err(|_| not_utf8())?
    } else {
        Cow::Owned(String::from_utf8(unescape(raw)?).map_err(|_| not_utf8())?)
    };
    refuse_nul(&text)?;
    Ok(text)
}

fn unescape(raw: &[u8]) -> Result<Vec<u8>, ParamError> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(&byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high * 16 + low,
                _ => return Err(ParamError::malformed("Invalid parameters: invalid %-encoding")),
            },
            other => other,
        });
    }
    Ok(out)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "fits the iterator over a slice")]
fn hex(byte: &u8) -> Option<u8> {
    char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn not_utf8() -> ParamError {
    ParamError::malformed("Invalid parameters: not valid UTF-8")
}

/// Refuses a NUL character, which no stored text may contain.
pub(super) fn refuse_nul(text: &str) -> Result<(), ParamError> {
    if text.as_bytes().contains(&0) {
        return Err(ParamError::malformed("Invalid parameters: string contains null byte"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pairs() {
        let table: &[(&[u8], &str)] = &[
            (b"", "{}"),
            (b"&&", "{}"),
            (b"a=1&b=2", r#"{"a":"1","b":"2"}"#),
            (b"a", r#"{"a":null}"#),
            (b"a=", r#"{"a":""}"#),
            (b"a=b=c", r#"{"a":"b=c"}"#),
            (b"a%5B%5D=x+y&a[]=%2B", r#"{"a":["x y","+"]}"#),
            ("n=\u{e9}&m=%C3%A9".as_bytes(), "{\"n\":\"\u{e9}\",\"m\":\"\u{e9}\"}"),
            (b"path=group%2Fproject", r#"{"path":"group/project"}"#),
        ];
        for (input, expected) in table {
            let map = parse(input).unwrap();
            assert_eq!(Value::Object(map).to_string(), *expected);
        }
    }

    #[test]
    fn refuses_what_has_no_one_meaning() {
        let table: &[(&[u8], &str)] = &[
            (b"a=%", "Invalid parameters: invalid %-encoding"),
            (b"a=%4", "Invalid parameters: invalid %-encoding"),
            (b"a=%zz", "Invalid parameters: invalid %-encoding"),
            (b"a=%+1", "Invalid parameters: invalid %-encoding"),
            (b"%=1", "Invalid parameters: invalid %-encoding"),
            (b"a=%ff", "Invalid parameters: not valid UTF-8"),
            (b"a=\xff", "Invalid parameters: not valid UTF-8"),
            (b"a=%00", "Invalid parameters: string contains null byte"),
            (b"a%00=1", "Invalid parameters: string contains null byte"),
            (b"a=\x00", "Invalid parameters: string contains null byte"),
        ];
        for (input, expected) in table {
            assert_eq!(parse(input), Err(ParamError::Malformed((*expected).to_owned())), "{input:?}");
        }
    }
}
