//! An answer as tests look at it.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

/// An answer. It prints as its status and its body on one line, without any secret.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes of the body.
    pub body: Bytes,
    /// The body, where it is JSON; else null.
    pub json: Value,
    /// What was asked, for messages of failed tests.
    pub asked: String,
}

impl Reply {
    pub(crate) fn new(asked: String, status: u16, headers: HeaderMap, body: Bytes) -> Self {
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Self { status, headers, body, json, asked }
    }

    /// The JSON of an answer of this status.
    ///
    /// # Panics
    /// When the status is another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {self}", self.asked);
        self.json
    }

    /// The JSON of a 200.
    #[track_caller]
    pub fn ok(self) -> Value {
        self.expect(200)
    }

    /// The JSON of a 201.
    #[track_caller]
    pub fn created(self) -> Value {
        self.expect(201)
    }

    /// A 204, which has no body.
    #[track_caller]
    pub fn gone(self) {
        assert!(self.body.is_empty(), "{}: {self}", self.asked);
        self.expect(204);
    }

    /// The text of a header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The members of a list that have this key, as text: `ids("id")`, `ids("name")`.
    pub fn each(&self, key: &str) -> Vec<String> {
        let list = self.json.as_array().unwrap_or_else(|| panic!("{}: no list: {self}", self.asked));
        list.iter()
            .map(|item| item[key].as_str().map_or_else(|| item[key].to_string(), str::to_owned))
            .collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// `400 {"error":"name is missing"}`
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if self.body.is_empty() {
            return Ok(());
        }
        if self.json.is_null() {
            return write!(f, " {}", self.text().trim_end());
        }
        write!(f, " {}", shown(&self.json))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.asked)
    }
}

/// The JSON with secrets blotted out.
pub(crate) fn shown(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let fields = object.iter().map(|(key, value)| {
                let secret = key == "token" && value.is_string();
                (key.clone(), if secret { Value::from("[token]") } else { shown(value) })
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(shown).collect()),
        other => other.clone(),
    }
}
