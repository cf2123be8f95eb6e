//! Secrets on their way into a command: never in a process list unless the operator puts them there.

use std::fmt;
use std::io::{BufRead, IsTerminal};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::Failure;

/// A secret text. It travels to where the command runs and is shown nowhere.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The first line of standard input, without its end.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn from_stdin(what: &str) -> Result<Self, Failure> {
        let mut input = std::io::stdin().lock();
        if input.is_terminal() {
            crate::say(&format!("{what}, then Enter (it is shown while you type):"));
        }
        let mut line = Zeroizing::new(String::new());
        input.read_line(&mut line).map_err(|error| Failure::Failed(format!("standard input: {error}")))?;
        let text = line.trim_end_matches(['\n', '\r']);
        if text.is_empty() {
            return Err(Failure::Usage(format!("standard input holds no {what}")));
        }
        Ok(Self::new(text.to_owned()))
    }

    /// The value of an environment variable, if it is set and not empty.
    pub(crate) fn from_environment(name: &str) -> Option<Self> {
        std::env::var(name).ok().filter(|text| !text.is_empty()).map(Self::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text.to_owned()))
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
