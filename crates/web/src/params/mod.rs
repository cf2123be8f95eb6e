//! The REST parameter layer: from a request to typed values, by the rules and in the words of Grape, which
//! GitLab's API is built on and whose refusals its clients know.
//!
//! [`collect()`] gathers query, body and path into [`Params`] and refuses what is malformed; [`Reader`] then
//! reads the declared parameters one line each and reports every failing one at once.

mod coerce;
mod collect;
mod date;
mod error;
mod field;
mod form;
mod items;
mod json;
mod multipart;
mod nested;
mod nesting;
mod query;
mod reader;

use std::fmt;

use bytes::Bytes;
use serde_json::{Map, Value};

pub use collect::collect;
pub use error::ParamError;
pub use field::{Change, Field};
pub use items::Items;
pub use nested::Nested;
pub use reader::Reader;

/// A request's parameters: a tree of values in order of first mention, and beside it the files of a form.
#[derive(Clone, Default)]
pub struct Params {
    fields: Map<String, Value>,
    files: Vec<Upload>,
}

impl Params {
    /// The value under a top-level name; null is a value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// The text under a top-level name, when it is text and more than white space: how credentials and other
    /// parameters that no route declares are looked up.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|text| !text.trim().is_empty())
    }

    /// Whether a name was given at all, as a value (even null) or as a file.
    pub fn contains(&self, name: &str) -> bool {
        self.fields.contains_key(name) || self.file(name).is_some()
    }

    /// The last file sent under a name, spelled as the form did (`package[file]` for a nested one).
    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().rev().find(|file| file.name == name)
    }

    /// Top-level names and values, in order of first mention.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.files.is_empty()
    }

    /// Gives a top-level name a value in place of any other.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.fields.insert(name.into(), value);
    }

    /// Takes over everything of `other`, which wins where both have a name.
    fn merge(&mut self, other: Self) {
        if self.fields.is_empty() {
            self.fields = other.fields;
        } else {
            self.fields.extend(other.fields);
        }
        self.files.extend(other.files);
    }
}

/// Names only: the values may hold credentials.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Params")
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .field("files", &self.files)
            .finish()
    }
}

impl From<Map<String, Value>> for Params {
    fn from(fields: Map<String, Value>) -> Self {
        Self { fields, files: Vec::new() }
    }
}

/// A file of a multipart form, held in memory.
#[derive(Clone)]
pub struct Upload {
    /// The form field's name.
    pub name: String,
    /// The file's own name, without any folders the client put before it; never empty.
    pub filename: String,
    /// The media type the client gave, unverified.
    pub content_type: Option<String>,
    /// The content.
    pub bytes: Bytes,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("name", &self.name)
            .field("filename", &self.filename)
            .field("content_type", &self.content_type)
            .field("len", &self.bytes.len())
            .finish()
    }
}

#[cfg(test)]
mod robustness;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn look_up() {
        let mut params = Params::default();
        assert!(params.is_empty());
        params.set("a", json!("x"));
        params.set("n", Value::Null);
        params.set("blank", json!("  "));
        params.set("number", json!(3));
        assert!(params.contains("n") && !params.contains("m"));
        assert_eq!(params.text("a"), Some("x"));
        assert_eq!(params.text("blank"), None);
        assert_eq!(params.text("number"), None);
        assert_eq!(params.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "n", "blank", "number"]);
    }

    #[test]
    fn debug_shows_no_values() {
        let mut params = Params::default();
        params.set("private_token", json!("very-secret"));
        params.files.push(Upload {
            name: "content".into(),
            filename: "a.txt".into(),
            content_type: None,
            bytes: Bytes::from_static(b"very-secret"),
        });
        let shown = format!("{params:?}");
        assert!(shown.contains("private_token") && shown.contains("a.txt"));
        assert!(!shown.contains("very-secret"), "{shown}");
    }
}
