//! Mails of a test, kept in memory.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use tessera_service::mail::{Mail, Outbox, SendError, Sending};

use crate::canary::Keep;

/// An outbox that keeps what it is handed, and fails when it is told to.
#[derive(Default)]
pub struct Memory {
    accepted: Mutex<Vec<Mail>>,
    failures: Mutex<VecDeque<SendError>>,
}

impl Memory {
    /// Takes out what was accepted since the last time.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.accepted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next mail fails in this way; called several times, so do those after it.
    pub fn fail(&self, error: SendError) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push_back(error);
    }
}

impl Outbox for Memory {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        let failure = self.failures.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let outcome = failure.map_or(Ok(()), Err);
        if outcome.is_ok() {
            // What holds for the log holds for mails: no secret may stand in one.
            let _ = writeln!(Keep, "{}\n{}\n{}", mail.subject, mail.text, mail.html);
            self.accepted.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        }
        Box::pin(std::future::ready(outcome))
    }
}
