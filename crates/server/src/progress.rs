//! How far long work is: a line on a terminal, nothing in a pipe.

use std::io::{IsTerminal, Write};

use crate::say;

/// A line that is written over as the work goes on.
pub(crate) struct Progress {
    shown: bool,
    what: &'static str,
    count: Option<u64>,
    done: u64,
    /// What was last shown, in parts of a hundred.
    part: Option<u64>,
}

impl Progress {
    /// Begins; `count` is how many there will be, if that is known.
    pub(crate) fn new(what: &'static str, count: Option<u64>) -> Self {
        Self { shown: std::io::stderr().is_terminal(), what, count, done: 0, part: None }
    }

    /// Some more are done.
    pub(crate) fn step(&mut self, more: u64) {
        self.done += more;
        let part = self.count.map(|count| self.done * 100 / count.max(1));
        if !self.shown || (part.is_some() && part == self.part) {
            return;
        }
        self.part = part;
        let _ = match (part, self.count) {
            (Some(part), Some(count)) => {
                let bar = "#".repeat(usize::try_from(part.min(100) / 4).unwrap_or(0));
                write!(std::io::stderr(), "\r{} [{bar:25}] {part:3} % ({} of {count})", self.what, self.done)
            }
            _ => write!(std::io::stderr(), "\r{} {}", self.done, self.what),
        };
    }

    /// Ends the line.
    pub(crate) fn end(&mut self) {
        if self.shown && self.done > 0 {
            say("");
        }
        self.shown = false;
    }
}
