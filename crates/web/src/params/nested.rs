//! Parameters that hold parameters: maps, and lists of maps.

use serde_json::Value;

use super::Reader;
use super::reader::Entry;

/// A parameter that holds others, being read. Null is absence, and so is the empty string.
#[must_use = "a parameter is read by one of the endings"]
pub struct Nested<'r, 'a> {
    reader: &'r mut Reader<'a>,
    name: &'r str,
    required: bool,
}

impl<'r, 'a> Nested<'r, 'a> {
    pub(super) fn new(reader: &'r mut Reader<'a>, name: &'r str) -> Self {
        Self { reader, name, required: false }
    }

    /// The name must be given.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    fn settle(&mut self) -> Option<&'a Value> {
        match self.reader.entry(self.name) {
            Entry::Absent => {
                if self.required {
                    self.reader.refuse(self.name, "is missing");
                }
                None
            }
            Entry::Value(Value::Null) => None,
            Entry::Value(Value::String(text)) if text.is_empty() => None,
            Entry::Value(value) => Some(value),
            Entry::File => {
                self.invalid();
                None
            }
        }
    }

    fn invalid(&mut self) {
        self.reader.refuse(self.name, "is invalid");
    }

    /// A list of maps, each read by `read`; its failures are named `name[0][member]`. `None` when absent.
    pub fn each<T>(mut self, mut read: impl FnMut(&mut Reader<'a>) -> T) -> Option<Vec<T>> {
        let value = self.settle()?;
        let Some(items) = value.as_array().filter(|items| items.iter().all(Value::is_object)) else {
            self.invalid();
            return None;
        };
        let name = self.reader.full_name(self.name);
        let maps = items.iter().filter_map(Value::as_object).enumerate();
        Some(maps.map(|(at, map)| self.reader.within(format!("{name}[{at}]"), map, &mut read)).collect())
    }

    /// One map, read by `read`; its failures are named `name[member]`. `None` when absent.
    pub fn map<T>(mut self, read: impl FnOnce(&mut Reader<'a>) -> T) -> Option<T> {
        let value = self.settle()?;
        let Some(map) = value.as_object() else {
            self.invalid();
            return None;
        };
        let name = self.reader.full_name(self.name);
        Some(self.reader.within(name, map, read))
    }
}
