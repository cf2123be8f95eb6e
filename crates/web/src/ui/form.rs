//! What a form, or the query of a page, says.

use serde_json::Value;
use tessera_model::time::Date;

use super::path::Places;
use crate::params::Params;

/// The fields of a form and the parts of its address.
#[derive(Default)]
pub(crate) struct Form {
    params: Params,
    places: Places,
}

impl Form {
    /// Puts both together.
    pub(super) fn new(params: Params, places: Places) -> Self {
        Self { params, places }
    }

    /// A part of the address: what stands there for `:name`; empty for a name that the row has not.
    pub(crate) fn place(&self, name: &str) -> &str {
        self.places.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// A part of the address that is a number; 0, which nothing has, for any other.
    pub(crate) fn number_at(&self, name: &str) -> i64 {
        self.place(name).parse().unwrap_or(0)
    }

    /// A field's text as it was typed; empty where it was left out.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A field's text without the space around it, if there is any.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty())
    }

    /// Whether the request says anything of a field.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.params.contains(name)
    }

    /// Whether a box is ticked.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        matches!(self.text(name), "1" | "on" | "true")
    }

    /// The values of boxes that share a name (`scopes[]`).
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        match self.params.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(value)) if !value.is_empty() => vec![value],
            _ => Vec::new(),
        }
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.filled(name)?.parse().ok()
    }

    /// A date.
    ///
    /// # Errors
    /// The complaint, for a text that is none.
    pub(crate) fn date(&self, name: &str) -> Result<Option<Date>, String> {
        match self.filled(name) {
            None => Ok(None),
            Some(text) => match text.parse::<jiff::civil::Date>() {
                Ok(date) => Ok(Some(Date::from(date))),
                Err(_) => Err("is no date: write it as year-month-day, such as 2027-01-31".to_owned()),
            },
        }
    }

    /// The number of the page of a list, from 1.
    pub(crate) fn page(&self) -> i64 {
        self.number("page").filter(|page| (1..=100_000).contains(page)).unwrap_or(1)
    }
}
