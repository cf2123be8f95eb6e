//! One error for the whole harness: a sentence, and whether it means "cannot run here" or "went wrong".

use std::fmt;

/// Why a case gave no figures.
#[derive(Debug)]
pub enum Error {
    /// Something the case needs is not on this machine; the report says "not run".
    Missing(String),
    /// The case was started and broke; the report says "failed".
    Failed(String),
}

/// What every fallible function of the harness returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The same error with `what` said before it.
    pub fn during(self, what: &str) -> Self {
        match self {
            Self::Missing(text) => Self::Missing(format!("{what}: {text}")),
            Self::Failed(text) => Self::Failed(format!("{what}: {text}")),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(text) | Self::Failed(text) => out.write_str(text),
        }
    }
}

/// A failure with this text.
pub fn failed<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Failed(text.into()))
}

/// Names the step in which a foreign error came up.
pub trait Context<T> {
    /// Turns the error into [`Error::Failed`] with `what` said before it.
    fn context(self, what: &str) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, what: &str) -> Result<T> {
        self.map_err(|error| Error::Failed(format!("{what}: {error}")))
    }
}
