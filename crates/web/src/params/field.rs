//! One scalar parameter: its rules, then how its absence is taken.

use super::Reader;
use super::coerce::Coerced;

/// What was given for a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given<T> {
    Absent,
    Null,
    Value(T),
    Wrong,
}

impl<T> From<Coerced<T>> for Given<T> {
    fn from(coerced: Coerced<T>) -> Self {
        match coerced {
            Coerced::Null => Self::Null,
            Coerced::Value(value) => Self::Value(value),
            Coerced::Wrong => Self::Wrong,
        }
    }
}

/// What an update asks of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// The name was not given: leave it.
    Keep,
    /// Null was given (or the empty string, for types that have none): clear it.
    Clear,
    /// Set it.
    Set(T),
}

impl<T> Change<T> {
    /// `None` to leave it, `Some(None)` to clear it, `Some(Some(_))` to set it.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }

    /// `None` to leave it; null empties it.
    pub fn or_empty(self) -> Option<T>
    where
        T: Default,
    {
        self.into_option().map(Option::unwrap_or_default)
    }

    /// What the attribute is after the change.
    pub fn apply(self, before: Option<T>) -> Option<T> {
        self.into_option().unwrap_or(before)
    }

    /// The same change of another type.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(with(value)),
        }
    }
}

/// One scalar parameter being read. Rules come first (`among`, `excluding`, …), then one of the endings:
/// [`required`](Self::required), [`given`](Self::given), [`optional`](Self::optional), [`or`](Self::or),
/// [`update`](Self::update).
#[must_use = "a parameter is read by one of the endings"]
pub struct Field<'r, 'a, T> {
    reader: &'r mut Reader<'a>,
    name: &'r str,
    given: Given<T>,
    /// Whether there is a list of values, and if so whether the value is outside it.
    listed: Option<bool>,
    excluded: bool,
    /// Whether a blank value is refused, and if so whether it is blank.
    blank: Option<bool>,
    mismatched: bool,
}

impl<'r, 'a, T> Field<'r, 'a, T> {
    pub(super) fn new(reader: &'r mut Reader<'a>, name: &'r str, given: Given<T>) -> Self {
        Self { reader, name, given, listed: None, excluded: false, blank: None, mismatched: false }
    }

    fn value(&self) -> Option<&T> {
        if let Given::Value(value) = &self.given { Some(value) } else { None }
    }

    /// Only values that `allowed` accepts are valid; a failure reads as that of a list of values.
    pub fn valid_if(mut self, allowed: impl FnOnce(&T) -> bool) -> Self {
        let inside = self.value().is_some_and(allowed);
        self.listed = Some(!inside);
        self
    }

    fn refuse(&mut self, why: &str) {
        self.reader.refuse(self.name, why);
    }

    /// Records what is wrong, in Grape's order.
    fn settle(mut self, required: bool) -> Given<T> {
        let absent = matches!(self.given, Given::Absent);
        let empty = absent || matches!(self.given, Given::Null);
        if required && absent {
            self.refuse("is missing");
        }
        if matches!(self.given, Given::Wrong) || self.mismatched {
            self.refuse("is invalid");
        }
        let blank = if empty { required || !absent } else { self.blank == Some(true) };
        if self.blank.is_some() && blank {
            self.refuse("is empty");
        }
        // Nothing is not one of the values, but only at the top does a required one get to hear it.
        let outside = if empty { required && self.reader.is_top() } else { self.listed == Some(true) };
        if self.listed.is_some() && outside {
            self.refuse("does not have a valid value");
        }
        if self.excluded {
            self.refuse("has a value not allowed");
        }
        self.given
    }

    /// The name must be given; null passes and is `None`.
    pub fn given(self) -> Option<T> {
        if let Given::Value(value) = self.settle(true) { Some(value) } else { None }
    }

    /// The name may be given; null is `None`.
    pub fn optional(self) -> Option<T> {
        if let Given::Value(value) = self.settle(false) { Some(value) } else { None }
    }

    /// The name may be given; null and absence are the default.
    pub fn or(self, default: T) -> T {
        self.optional().unwrap_or(default)
    }

    /// The name may be given, and null clears what was there.
    pub fn update(self) -> Change<T> {
        match self.settle(false) {
            Given::Value(value) => Change::Set(value),
            Given::Null => Change::Clear,
            Given::Absent | Given::Wrong => Change::Keep,
        }
    }
}

impl<T: Default> Field<'_, '_, T> {
    /// The name must be given; null passes, as it does in Grape, and is the type's empty value, for the
    /// model to judge.
    pub fn required(self) -> T {
        self.given().unwrap_or_default()
    }
}

impl Field<'_, '_, String> {
    /// Only the listed values are valid; the empty string is not one of them unless listed.
    pub fn among<L: AsRef<str>>(self, list: &[L]) -> Self {
        self.valid_if(|value| list.iter().any(|listed| listed.as_ref() == value))
    }

    /// Null, the empty string and white space are refused: `name is empty`.
    pub fn not_blank(mut self) -> Self {
        self.blank = Some(self.value().is_some_and(|value| value.trim().is_empty()));
        self
    }

    /// Values that `pattern` does not accept are invalid; the empty string too must fit.
    pub fn matching(mut self, pattern: impl FnOnce(&str) -> bool) -> Self {
        self.mismatched = self.value().is_some_and(|value| !pattern(value));
        self
    }
}

impl Field<'_, '_, i64> {
    /// Only the listed values are valid.
    pub fn among(self, list: &[i64]) -> Self {
        self.valid_if(|value| list.contains(value))
    }

    /// The listed values are refused: `per_page has a value not allowed`.
    pub fn excluding(mut self, list: &[i64]) -> Self {
        self.excluded = self.value().is_some_and(|value| list.contains(value));
        self
    }
}
