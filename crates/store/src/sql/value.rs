//! What goes into a query and what comes out.

use std::vec::IntoIter;

use tessera_model::time::{Date, Timestamp};

use super::DbError;

/// A parameter or a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// True or false (a number in SQLite).
    Bool(bool),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Value {
    /// What kind of value this is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "a number",
            Self::Bool(_) => "a truth value",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.0)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Text(date.to_string())
    }
}

impl From<[u8; 32]> for Value {
    fn from(bytes: [u8; 32]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// Reads the cells from left to right.
    pub fn cells(self) -> Cells {
        Cells(self.0.into_iter())
    }
}

/// The cells of a row, taken one by one.
pub struct Cells(IntoIter<Value>);

fn shape<T>(wanted: &'static str, found: &Value) -> Result<T, DbError> {
    Err(DbError::Shape { wanted, found: found.kind() })
}

impl Cells {
    fn take(&mut self) -> Value {
        self.0.next().unwrap_or(Value::Null)
    }

    /// A whole number.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn int(&mut self) -> Result<i64, DbError> {
        match self.take() {
            Value::Int(number) => Ok(number),
            other => shape("a number", &other),
        }
    }

    /// A whole number or null.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn opt_int(&mut self) -> Result<Option<i64>, DbError> {
        match self.take() {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            other => shape("a number or null", &other),
        }
    }

    /// A truth value.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn bool(&mut self) -> Result<bool, DbError> {
        match self.take() {
            Value::Bool(truth) => Ok(truth),
            Value::Int(number) => Ok(number != 0),
            other => shape("a truth value", &other),
        }
    }

    /// Text.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn text(&mut self) -> Result<String, DbError> {
        match self.take() {
            Value::Text(text) => Ok(text),
            other => shape("text", &other),
        }
    }

    /// Text or null.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn opt_text(&mut self) -> Result<Option<String>, DbError> {
        match self.take() {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => shape("text or null", &other),
        }
    }

    /// Bytes or null.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn opt_bytes(&mut self) -> Result<Option<Vec<u8>>, DbError> {
        match self.take() {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            other => shape("bytes or null", &other),
        }
    }

    /// An instant.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn time(&mut self) -> Result<Timestamp, DbError> {
        self.int().map(Timestamp)
    }

    /// An instant or null.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn opt_time(&mut self) -> Result<Option<Timestamp>, DbError> {
        Ok(self.opt_int()?.map(Timestamp))
    }

    /// A date or null.
    ///
    /// # Errors
    /// When the cell holds no date: better no answer than a token without an end.
    pub fn opt_date(&mut self) -> Result<Option<Date>, DbError> {
        match self.opt_text()? {
            None => Ok(None),
            Some(text) => {
                Date::parse(&text).map(Some).ok_or(DbError::Shape { wanted: "a date", found: "other text" })
            }
        }
    }
}
