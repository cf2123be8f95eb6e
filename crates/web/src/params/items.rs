//! List parameters.

use serde_json::Value;

use super::coerce::Coerced;
use super::field::Given;
use super::reader::Entry;
use super::{Change, Reader};

/// Whether an element is valid.
type Rule<'r, T> = Box<dyn Fn(&T) -> bool + 'r>;

/// A list parameter being read: repeated names, a JSON list, and with [`comma`](Self::comma) one text too.
/// The empty string is the empty list. Rules come first, then one of the endings.
#[must_use = "a parameter is read by one of the endings"]
pub struct Items<'r, 'a, T> {
    reader: &'r mut Reader<'a>,
    name: &'r str,
    coerce: fn(&Value) -> Coerced<T>,
    /// What a null element is; `None` passes over it.
    null: Option<T>,
    comma: bool,
    allowed: Option<Rule<'r, T>>,
}

impl<'r, 'a, T: Clone> Items<'r, 'a, T> {
    pub(super) fn new(
        reader: &'r mut Reader<'a>,
        name: &'r str,
        coerce: fn(&Value) -> Coerced<T>,
        null: Option<T>,
    ) -> Self {
        Self { reader, name, coerce, null, comma: false, allowed: None }
    }

    /// A text is split at its commas, and so is each element of a list.
    pub fn comma(mut self) -> Self {
        self.comma = true;
        self
    }

    /// Only elements that `allowed` accepts are valid.
    pub fn valid_if(mut self, allowed: impl Fn(&T) -> bool + 'r) -> Self {
        self.allowed = Some(Box::new(allowed));
        self
    }

    fn settle(self, required: bool) -> Given<Vec<T>> {
        let given = match self.reader.entry(self.name) {
            Entry::Absent => Given::Absent,
            Entry::File => Given::Wrong,
            Entry::Value(value) => self.read(value),
        };
        match &given {
            Given::Absent if required => self.reader.refuse(self.name, "is missing"),
            Given::Wrong => {
                self.reader.refuse(self.name, "is invalid");
                if self.allowed.is_some() {
                    self.reader.refuse(self.name, "does not have a valid value");
                }
            }
            Given::Value(items) => {
                if self.allowed.as_ref().is_some_and(|allowed| !items.iter().all(allowed)) {
                    self.reader.refuse(self.name, "does not have a valid value");
                }
            }
            Given::Absent | Given::Null => {}
        }
        given
    }

    fn read(&self, value: &Value) -> Given<Vec<T>> {
        let mut items = Vec::new();
        let whole = match value {
            Value::Null => return Given::Null,
            Value::String(text) if text.is_empty() => true,
            Value::Array(elements) => elements.iter().all(|element| self.take(element, &mut items)),
            scalar if self.comma => self.take(scalar, &mut items),
            _ => false,
        };
        if whole { Given::Value(items) } else { Given::Wrong }
    }

    /// Adds one element, or with commas its parts; false when one is not of the type.
    fn take(&self, element: &Value, items: &mut Vec<T>) -> bool {
        match element {
            Value::String(text) if self.comma => text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .all(|part| self.add(&Value::String(part.to_owned()), items)),
            Value::Null if self.comma => true,
            other => self.add(other, items),
        }
    }

    fn add(&self, element: &Value, items: &mut Vec<T>) -> bool {
        match (self.coerce)(element) {
            Coerced::Value(item) => items.push(item),
            Coerced::Null => items.extend(self.null.clone()),
            Coerced::Wrong => return false,
        }
        true
    }

    /// The name must be given; null passes and is the empty list, for the model to judge.
    pub fn required(self) -> Vec<T> {
        if let Given::Value(items) = self.settle(true) { items } else { Vec::new() }
    }

    /// The name may be given; null is `None`.
    pub fn optional(self) -> Option<Vec<T>> {
        if let Given::Value(items) = self.settle(false) { Some(items) } else { None }
    }

    /// The name may be given; null and absence are the default.
    pub fn or(self, default: Vec<T>) -> Vec<T> {
        self.optional().unwrap_or(default)
    }

    /// The name may be given, and null clears what was there; an empty list is set as such.
    pub fn update(self) -> Change<Vec<T>> {
        match self.settle(false) {
            Given::Value(items) => Change::Set(items),
            Given::Null => Change::Clear,
            Given::Absent | Given::Wrong => Change::Keep,
        }
    }
}

impl<'r> Items<'r, '_, String> {
    /// Only the listed elements are valid.
    pub fn among<L: AsRef<str>>(self, list: &'r [L]) -> Self {
        self.valid_if(move |item| list.iter().any(|listed| listed.as_ref() == item))
    }
}

impl<'r> Items<'r, '_, i64> {
    /// Only the listed elements are valid.
    pub fn among(self, list: &'r [i64]) -> Self {
        self.valid_if(move |item| list.contains(item))
    }
}
