//! The log: one line an event, on standard error, without ever waiting for the reader.

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::Failure;
use crate::config::Log;

/// Starts the log; lines that wait are written when the guard is dropped.
///
/// # Errors
/// When the level is no filter.
pub(crate) fn start(config: &Log) -> Result<WorkerGuard, Failure> {
    let filter = EnvFilter::try_new(&config.level)
        .map_err(|error| Failure::Usage(format!("configuration: log.level: {error}")))?;
    let (writer, guard) = NonBlockingBuilder::default().lossy(false).finish(std::io::stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let started = if config.format == "json" {
        builder.json().flatten_event(true).with_current_span(false).try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
    started.map_err(Failure::failed)?;
    Ok(guard)
}
