//! A watch over the log: no token that a test ever held may stand in it (L25, L26).

use std::collections::HashSet;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that this process has logged, at the finest level.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn log() -> MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds to the log of this process.
#[derive(Clone, Copy)]
pub(crate) struct Keep;

impl Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        log().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Keep {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        Self
    }
}

/// The secrets of one instance, and where in the log its life began.
pub(crate) struct Canary {
    secrets: Mutex<HashSet<String>>,
    from: usize,
}

impl Canary {
    /// Begins to keep the log, if nobody did.
    pub(crate) fn begin() -> Self {
        static STARTED: OnceLock<()> = OnceLock::new();
        STARTED.get_or_init(|| {
            let filter = EnvFilter::new("trace,tokio_postgres=info");
            let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Keep);
            lines.try_init().expect("nothing else takes the log of a test process");
        });
        Self { secrets: Mutex::default(), from: log().len() }
    }

    /// A string that must never be logged.
    pub(crate) fn watch(&self, secret: &str) {
        if secret.len() >= 12 {
            self.secrets.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned());
        }
    }

    /// The secrets that stand in the log, with the lines that hold them.
    pub(crate) fn found(&self) -> Vec<String> {
        let log = log();
        let text = String::from_utf8_lossy(log.get(self.from..).unwrap_or_default());
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = text.lines().filter(|line| secrets.iter().any(|secret| line.contains(secret.as_str())));
        lines.map(str::to_owned).collect()
    }

    /// What was logged since this instance began; tests of one process share the log.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(log().get(self.from..).unwrap_or_default()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_log_is_found_by_whom_it_belongs_to() {
        let (mine, other) = (Canary::begin(), Canary::begin());
        mine.watch("glpat-an-invented-secret");
        other.watch("glpat-another-invented-secret");
        tracing::debug!(header = "PRIVATE-TOKEN: glpat-an-invented-secret", "a careless line");
        assert_eq!((mine.found().len(), other.found().len()), (1, 0));
    }
}
