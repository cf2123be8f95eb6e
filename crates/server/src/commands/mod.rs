//! What the operator can have done. Each command is data, runs in the server or in a process of its own by the
//! same code, and answers with text for people and JSON for machines.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod doctor;
pub(crate) mod feature;
pub(crate) mod import;
pub(crate) mod jobs;
mod secret;
mod table;
pub(crate) mod token;
mod two_factor;
pub(crate) mod user;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tessera_model::error::Unauthenticated;
use tessera_model::secret::{Entropy, hex};
use tessera_model::{Error, Result};
use tessera_service::{Ask, Service};

use crate::Failure;
use crate::data_dir::DataDir;
use crate::system::SystemEntropy;

/// A command on its way to where it runs.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    Token(Box<token::Request>),
    Import(import::Request),
    User(user::Request),
    Feature(feature::Request),
    Jobs(jobs::Request),
    Audit(audit::Request),
    Backup(backup::Request),
}

/// What a command came to. It may hold a secret that is shown once, so it is never printed by accident.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Output {
    /// For people and simple scripts, on standard output.
    text: String,
    /// The same for machines.
    json: Value,
    /// Remarks, on standard error.
    pub(crate) notes: Vec<String>,
}

impl Output {
    fn new(text: impl Into<String>, json: impl Serialize) -> Result<Self> {
        let json = serde_json::to_value(json).map_err(Error::internal)?;
        Ok(Self { text: text.into(), json, notes: Vec::new() })
    }

    fn with_note(mut self, note: Option<String>) -> Self {
        self.notes.extend(note);
        self
    }

    /// The answer for machines, for a caller that goes on with it.
    fn into_json(self) -> Value {
        self.json
    }

    /// What goes to standard output.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub(crate) fn rendered(&self, json: bool) -> Result<String, Failure> {
        let mut text = if json {
            serde_json::to_string(&self.json).map_err(Failure::failed)?
        } else {
            self.text.clone()
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }
}

/// What commands act on.
#[derive(Clone)]
pub(crate) struct Operator {
    pub(crate) service: Service,
    pub(crate) data: DataDir,
}

impl Operator {
    pub(crate) fn new(service: Service, data: DataDir) -> Self {
        Self { service, data }
    }

    /// A request of the operator's, with a number of its own for the audit log.
    pub(crate) fn ask(&self) -> Result<Arc<Ask>> {
        let mut number = [0_u8; 8];
        SystemEntropy.fill(&mut number)?;
        Ok(Arc::new(Ask::operator(hex(&number), self.service.now())))
    }
}

/// Runs a command.
///
/// # Errors
/// One line that says why it was refused or failed.
pub(crate) async fn execute(operator: &Operator, command: Command) -> Result<Output, String> {
    let done = match command {
        Command::Token(request) => token::execute(operator, *request).await,
        Command::Import(request) => import::execute(operator, request).await,
        Command::User(request) => user::execute(operator, request).await,
        Command::Feature(request) => feature::execute(operator, request).await,
        Command::Jobs(request) => jobs::execute(operator, request).await,
        Command::Audit(request) => audit::execute(operator, request).await,
        Command::Backup(request) => backup::execute(operator, request).await,
    };
    done.map_err(|error| explain(&error))
}

/// An error in one line for the operator, who may know everything.
fn explain(error: &Error) -> String {
    match error {
        Error::Invalid(complaints) => {
            let one = |(field, text): &(&'static str, String)| {
                // Some are whole sentences of their own.
                if text.starts_with("a ") {
                    text.clone()
                } else {
                    format!("{} {text}", field.replace('_', " "))
                }
            };
            complaints.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Error::BadRequest(Some(text))
        | Error::Forbidden(Some(text))
        | Error::Refused(text)
        | Error::Parameters(text)
        | Error::Conflict(text)
        | Error::Unprocessable(text)
        | Error::NotAcceptable(text)
        | Error::Unavailable(text)
        | Error::Keyset(text) => text.clone(),
        Error::NotFound(what) if what.is_empty() || what == Error::RECORD => "not found".to_owned(),
        Error::NotFound(what) => format!("{} not found", what.to_lowercase()),
        Error::Unauthenticated(Unauthenticated::NotPermitted) => "the feature is switched off".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_in_one_plain_line() {
        let invalid =
            Error::Invalid(vec![("name", "can't be blank".to_owned()), ("expires_at", "is odd".to_owned())]);
        assert_eq!(explain(&invalid), "name can't be blank, expires at is odd");
        assert_eq!(explain(&Error::missing("User")), "user not found");
        assert_eq!(explain(&Error::missing("")), "not found");
        assert_eq!(explain(&Error::forbidden("no")), "no");
    }

    #[test]
    fn an_answer_ends_its_line_once() {
        let output = Output::new("text", ["json"]).unwrap();
        assert_eq!(output.rendered(false).unwrap(), "text\n");
        assert_eq!(output.rendered(true).unwrap(), "[\"json\"]\n");
        assert_eq!(Output::default().rendered(false).unwrap(), "");
    }
}
