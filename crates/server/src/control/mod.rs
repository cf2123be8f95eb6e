//! The control socket: how commands reach a running server, which runs them in its own use cases (D29).
//!
//! One JSON text a line. The server greets first, so that a connection which it will not serve any more is
//! told from a command whose fate is open; then every line is a command and is answered by one line.

pub(crate) mod client;
pub(crate) mod listener;

use serde::{Deserialize, Serialize};

use crate::commands::Output;

/// The server's first line.
#[derive(Serialize, Deserialize)]
pub(super) struct Hello {
    version: String,
    refused: Option<String>,
}

/// The answer to a command.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Done(Output),
    Refused(String),
}
