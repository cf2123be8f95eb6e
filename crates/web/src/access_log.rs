//! The access log: one line of JSON a request, with who asked and what for, never a path, a query or a
//! secret. Lines are gathered in memory and written by a thread of their own, since formatting and
//! writing them one by one would cost more than most requests.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tessera_model::time::Timestamp;

/// Lines wait at most this long.
const FLUSH_EVERY: Duration = Duration::from_millis(100);
/// Above so many waiting bytes the request itself waits for the writer: no line is ever dropped.
const FULL: usize = 4 << 20;

/// What is written of a request.
pub(crate) struct Line<'a> {
    pub(crate) at: Timestamp,
    pub(crate) request_id: &'a str,
    pub(crate) operation: &'static str,
    pub(crate) status: u16,
    pub(crate) micros: u128,
    pub(crate) address: &'a str,
    /// Username, and the number of the token.
    pub(crate) principal: Option<(&'a str, Option<i64>)>,
}

/// Where lines go; clones share it.
#[derive(Clone, Default)]
pub struct AccessLog {
    shared: Option<Arc<Shared>>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    text: String,
    ended: bool,
}

impl AccessLog {
    /// Starts the writer. Without one (the default) nothing is written.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(mut out: impl Write + Send + 'static) -> std::io::Result<(Self, AccessLogGuard)> {
        let shared = Arc::new(Shared { waiting: Mutex::default(), changed: Condvar::new() });
        let writing = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("access-log".to_owned()).spawn(move || {
            let mut ended = false;
            while !ended {
                let text;
                (text, ended) = writing.take();
                let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            }
        })?;
        Ok((Self { shared: Some(Arc::clone(&shared)) }, AccessLogGuard { shared, thread: Some(thread) }))
    }

    pub(crate) fn write(&self, line: &Line<'_>) {
        let Some(shared) = &self.shared else { return };
        let mut waiting = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while waiting.text.len() > FULL && !waiting.ended {
            shared.changed.notify_all();
            waiting = shared.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        // Writing into a string cannot fail; usernames and addresses hold nothing that JSON would escape.
        let _ = write!(
            waiting.text,
            "{{\"timestamp\":\"{}\",\"level\":\"INFO\",\"message\":\"request\",\"request_id\":\"{}\",\
             \"operation\":\"{}\",\"status\":{},\"micros\":{},\"address\":\"{}\"",
            line.at, line.request_id, line.operation, line.status, line.micros, line.address
        );
        if let Some((username, token)) = line.principal {
            let _ = write!(waiting.text, ",\"user\":\"{username}\"");
            if let Some(token) = token {
                let _ = write!(waiting.text, ",\"token_id\":{token}");
            }
        }
        waiting.text.push_str("}\n");
    }
}

impl Shared {
    /// Waits a moment and takes what has gathered.
    fn take(&self) -> (String, bool) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut waiting, _) = self
            .changed
            .wait_timeout_while(waiting, FLUSH_EVERY, |waiting| !waiting.ended && waiting.text.len() <= FULL)
            .unwrap_or_else(PoisonError::into_inner);
        let fresh = String::with_capacity(waiting.text.len());
        let taken = (std::mem::replace(&mut waiting.text, fresh), waiting.ended);
        self.changed.notify_all();
        taken
    }
}

/// Writes what waits when it is dropped.
pub struct AccessLogGuard {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for AccessLogGuard {
    fn drop(&mut self) {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_json_and_none_is_lost_at_the_end() {
        let sink = Sink::default();
        let (log, guard) = AccessLog::start(sink.clone()).unwrap();
        for status in [200, 404] {
            let principal = (status == 200).then_some(("project_1_bot", Some(7)));
            let line = Line {
                at: Timestamp(0),
                request_id: "r1",
                operation: "GetUser",
                status,
                micros: 12,
                address: "::1",
                principal,
            };
            log.write(&line);
        }
        drop(guard);
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["user"], "project_1_bot");
        assert_eq!(lines[0]["token_id"], 7);
        assert_eq!(lines[1]["status"], 404);
        assert!(lines[1].get("user").is_none());
    }
}
