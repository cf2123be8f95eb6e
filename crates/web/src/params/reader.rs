//! Declared parameters, read one line each, with every failure reported at once.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::coerce::{self, Coerced};
use super::field::{Field, Given};
use super::{Items, Nested, ParamError, Params, Upload};

/// How many failures one answer lists; a list of a hundred thousand bad elements needs no answer as long.
const MAX_ERRORS: usize = 64;

/// Reads typed parameters and collects what is wrong with them, in the order they are read, which is the
/// order of declaration. Each read gives a usable value even after a failure, so that an operation reads as a
/// list of lines; [`Reader::finish`] then tells whether any of them counts.
///
/// ```
/// # use tessera_web::params::{ParamError, Params, Reader};
/// # let params = Params::default();
/// let mut p = Reader::new(&params);
/// let name = p.string("name").required();
/// let scopes = p.strings("scopes").comma().among(&["api", "read_api"]).required();
/// let level = p.integer("access_level").among(&[10, 20, 30, 40]).or(40);
/// let expires = p.date("expires_at").optional();
/// # let _ = (name, scopes, level, expires);
/// assert_eq!(p.finish(), Err(ParamError::Invalid("name is missing, scopes is missing".to_owned())));
/// ```
#[derive(Debug)]
#[must_use = "failures are only seen by `finish`"]
pub struct Reader<'a> {
    fields: &'a Map<String, Value>,
    files: &'a [Upload],
    /// The full name of the map being read, empty at the top.
    prefix: String,
    errors: Vec<String>,
}

/// What a name has.
pub(super) enum Entry<'a> {
    Absent,
    File,
    Value(&'a Value),
}

impl<'a> Reader<'a> {
    /// A reader of a request's parameters.
    pub fn new(params: &'a Params) -> Self {
        Self { fields: &params.fields, files: &params.files, prefix: String::new(), errors: Vec::new() }
    }

    /// Reads a map within the parameters; failures go on with this reader's.
    pub(super) fn within<T>(
        &mut self,
        prefix: String,
        fields: &'a Map<String, Value>,
        read: impl FnOnce(&mut Reader<'a>) -> T,
    ) -> T {
        let errors = std::mem::take(&mut self.errors);
        let mut inner = Reader { fields, files: &[], prefix, errors };
        let out = read(&mut inner);
        self.errors = inner.errors;
        out
    }

    pub(super) fn is_top(&self) -> bool {
        self.prefix.is_empty()
    }

    pub(super) fn entry(&self, name: &str) -> Entry<'a> {
        match self.fields.get(name) {
            Some(value) => Entry::Value(value),
            None if self.files.iter().any(|file| file.name == name) => Entry::File,
            None => Entry::Absent,
        }
    }

    /// The name as it is reported: `actions[0][path]` within a list.
    pub(super) fn full_name(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.prefix) }
    }

    fn push(&mut self, text: String) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(text);
        }
    }

    /// Refuses every name but these, where a misspelt one passed over would be worse than a refusal.
    pub fn only(&mut self, names: &[&str]) {
        let unknown: Vec<&String> =
            self.fields.keys().filter(|name| !names.contains(&name.as_str())).collect();
        for name in unknown {
            self.refuse(name, "does not exist");
        }
    }

    /// Records a failure of a parameter that the caller found by a rule of its own, in its place in the
    /// order: `p.refuse("ref", "is invalid")`.
    pub fn refuse(&mut self, name: &str, why: &str) {
        let text = format!("{} {why}", self.full_name(name));
        self.push(text);
    }

    fn scalar<'r, T>(&'r mut self, name: &'r str, coerce: fn(&Value) -> Coerced<T>) -> Field<'r, 'a, T> {
        let given = match self.entry(name) {
            Entry::Absent => Given::Absent,
            Entry::File => Given::Wrong,
            Entry::Value(value) => coerce(value).into(),
        };
        Field::new(self, name, given)
    }

    /// Text. Numbers and booleans are taken as written; lists and maps are invalid.
    pub fn string<'r>(&'r mut self, name: &'r str) -> Field<'r, 'a, String> {
        self.scalar(name, coerce::text)
    }

    /// A whole number; the empty string is null.
    pub fn integer<'r>(&'r mut self, name: &'r str) -> Field<'r, 'a, i64> {
        self.scalar(name, coerce::integer)
    }

    /// A truth value in any of the usual spellings; the empty string is null.
    pub fn boolean<'r>(&'r mut self, name: &'r str) -> Field<'r, 'a, bool> {
        self.scalar(name, coerce::boolean)
    }

    /// A calendar date; the empty string is null.
    pub fn date<'r>(&'r mut self, name: &'r str) -> Field<'r, 'a, Date> {
        self.scalar(name, coerce::day)
    }

    /// A point in time, in microseconds since 1970 UTC; the empty string is null.
    pub fn datetime<'r>(&'r mut self, name: &'r str) -> Field<'r, 'a, i64> {
        self.scalar(name, coerce::moment)
    }

    /// A list of texts: `x[]=a&x[]=b` or a JSON list; one comma string too with [`Items::comma`].
    pub fn strings<'r>(&'r mut self, name: &'r str) -> Items<'r, 'a, String> {
        Items::new(self, name, coerce::text, Some(String::new()))
    }

    /// A list of whole numbers; empty elements are passed over.
    pub fn integers<'r>(&'r mut self, name: &'r str) -> Items<'r, 'a, i64> {
        Items::new(self, name, coerce::integer, None)
    }

    /// A map, or a list of maps, whose members are parameters themselves.
    pub fn nested<'r>(&'r mut self, name: &'r str) -> Nested<'r, 'a> {
        Nested::new(self, name)
    }

    /// The value as it came, for parameters of free shape.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name)
    }

    /// A file of a multipart form, when one came.
    pub fn file(&mut self, name: &str) -> Option<&'a Upload> {
        let found = self.files.iter().rev().find(|file| file.name == name);
        if found.is_none() && self.fields.get(name).is_some_and(|value| !value.is_null()) {
            self.refuse(name, "is invalid");
        }
        found
    }

    /// A file that must come; `None` is a failure recorded.
    pub fn required_file(&mut self, name: &str) -> Option<&'a Upload> {
        if !self.present(name) {
            self.refuse(name, "is missing");
        }
        self.file(name)
    }

    /// Whether the name was given, even with null.
    pub fn present(&self, name: &str) -> bool {
        !matches!(self.entry(name), Entry::Absent)
    }

    fn among_given(&self, names: &[&str]) -> Vec<String> {
        names.iter().filter(|name| self.present(name)).map(|name| self.full_name(name)).collect()
    }

    fn refuse_all(&mut self, names: &[&str], why: &str) {
        let names: Vec<String> = names.iter().map(|name| self.full_name(name)).collect();
        self.push(format!("{} {why}", names.join(", ")));
    }

    /// At most one of the names may be given; the failure lists those that were, as declared.
    pub fn mutually_exclusive(&mut self, names: &[&str]) {
        let given = self.among_given(names);
        if given.len() > 1 {
            self.push(format!("{} are mutually exclusive", given.join(", ")));
        }
    }

    /// One or more of the names must be given.
    pub fn at_least_one_of(&mut self, names: &[&str]) {
        if self.among_given(names).is_empty() {
            self.refuse_all(names, "are missing, at least one parameter must be provided");
        }
    }

    /// Exactly one of the names must be given.
    pub fn exactly_one_of(&mut self, names: &[&str]) {
        if self.among_given(names).is_empty() {
            self.refuse_all(names, "are missing, exactly one parameter must be provided");
        } else {
            self.mutually_exclusive(names);
        }
    }

    /// Either all of the names must be given or none.
    pub fn all_or_none_of(&mut self, names: &[&str]) {
        let given = self.among_given(names).len();
        if given != 0 && given != names.len() {
            self.refuse_all(names, "provide all or none of parameters");
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`ParamError::Invalid`] with every failure recorded, joined by a comma and a space.
    pub fn finish(self) -> Result<(), ParamError> {
        if self.errors.is_empty() { Ok(()) } else { Err(ParamError::Invalid(self.errors.join(", "))) }
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
