//! PostgreSQL: threads with a connection each, some for reads and some for writes.
//!
//! Writes are SERIALIZABLE and run again when they met another one; reads have a snapshot and may
//! not write. A connection that breaks is made anew: before the commit was sent nothing was done, so
//! the work simply runs again.

mod cell;
mod fault;
mod session;
mod text;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, after, select, unbounded};
use postgres::Config;

use self::fault::Again;
pub(super) use self::session::Session;
use self::session::{MIGRATE, Mode, READ, WRITE};
use super::store::{Lanes, spawn};
use super::work::{Ran, Work};
use super::{Conn, DbError};
use crate::migration::Dialect;

const READERS: u32 = 4;
const WRITERS: u32 = 4;
/// How often a transaction runs at most: a long one among many short ones may meet one of them for seconds.
const ATTEMPTS: u32 = 80;
/// After this time without work a connection rests outside of any transaction.
const RESTS_AFTER: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The oldest server that is tested.
const OLDEST: i64 = 150_000;

/// Brings the schema up to date and starts the threads.
pub(crate) fn start(
    url: &str,
    schema: Option<&str>,
    migrate: fn(&mut dyn Conn, Dialect) -> Result<(), DbError>,
) -> Result<Lanes, DbError> {
    let config = Arc::new(session::settings(url, schema)?);
    let here = Arc::clone(&config);
    // The caller may be a thread of an async runtime, on which the client cannot wait.
    let migrated = spawn("postgres-schema", move || bring_up_to_date(here, migrate))?;
    migrated.join().map_err(|_| DbError::Panicked)??;

    let (reads, read_lane) = unbounded::<Box<dyn Work>>();
    let (writes, write_lane) = unbounded::<Box<dyn Work>>();
    let mut threads = Vec::new();
    for (name, count, mode, lane) in
        [("postgres-read", READERS, READ, read_lane), ("postgres-write", WRITERS, WRITE, write_lane)]
    {
        let alive = Arc::new(AtomicUsize::new(0));
        for number in 0..count {
            let server = Server::new(&config, mode, &alive, lane.clone(), number, name == "postgres-read");
            threads.push(spawn(name, move || server.serve())?);
        }
    }
    Ok(Lanes { here: None, reads: Box::new(reads), writes: Box::new(writes), threads })
}

/// A connection of its own with a transaction begun: a snapshot to read from, or one that writes.
pub(super) fn single(url: &str, schema: Option<&str>, writes: bool) -> Result<Session, DbError> {
    let config = Arc::new(session::settings(url, schema)?);
    let mut session = Session::new(config, if writes { MIGRATE } else { READ }, Arc::default());
    session.begin()?;
    if writes {
        // Tables are read in whole and their keys are checked at once.
        session.batch("SET LOCAL statement_timeout = 0")?;
    }
    Ok(session)
}

/// Runs the migrations, one node at a time.
fn bring_up_to_date(
    config: Arc<Config>,
    migrate: fn(&mut dyn Conn, Dialect) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let mut session = Session::new(config, MIGRATE, Arc::default());
    session.begin()?;
    let conn: &mut dyn Conn = &mut session;
    let server = conn.row(
        "SELECT CAST(current_setting('server_version_num') AS BIGINT), current_setting('server_encoding')",
        &[],
    )?;
    if let Some(server) = server {
        let mut cells = server.cells();
        let (version, encoding) = (cells.int()?, cells.text()?);
        if version < OLDEST {
            return Err(DbError::Unavailable("PostgreSQL 15 or newer is needed".to_owned()));
        }
        if encoding != "UTF8" {
            return Err(DbError::Unavailable(format!(
                "the database's encoding is {encoding}, UTF8 is needed"
            )));
        }
    }
    // Another node may be migrating for long; the number of the lock says "tessera" in ASCII.
    conn.batch(
        "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10min';
         SELECT pg_advisory_xact_lock(32762643830108769)",
    )?;
    migrate(conn, Dialect::Postgres)?;
    session.commit()
}

/// A database thread.
struct Server {
    session: Session,
    lane: Receiver<Box<dyn Work>>,
    alive: Arc<AtomicUsize>,
    number: u32,
    reads: bool,
}

impl Server {
    fn new(
        config: &Arc<Config>,
        mode: Mode,
        alive: &Arc<AtomicUsize>,
        lane: Receiver<Box<dyn Work>>,
        number: u32,
        reads: bool,
    ) -> Self {
        let session = Session::new(Arc::clone(config), mode, Arc::clone(alive));
        Self { session, lane, alive: Arc::clone(alive), number, reads }
    }

    fn serve(mut self) {
        // When this fails the first work tries again and says so.
        let _ = self.session.connect();
        while let Some(work) = self.next() {
            if self.reads && work.abandoned() {
                continue;
            }
            self.handle(work);
            if !self.session.connected() && !self.come_back() {
                return;
            }
        }
    }

    fn next(&mut self) -> Option<Box<dyn Work>> {
        if self.session.in_transaction() {
            match self.lane.recv_timeout(RESTS_AFTER) {
                Ok(work) => return Some(work),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.session.rest(),
            }
        }
        self.lane.recv().ok()
    }

    /// Runs a piece of work until it is done, refused, or out of attempts, and answers it.
    fn handle(&mut self, mut work: Box<dyn Work>) {
        let mut once = true;
        let mut outcome = Err(DbError::Conflict);
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(pause(attempt, self.number));
            }
            outcome = self.session.begin();
            if outcome.is_err() {
                break;
            }
            let again = match work.run(&mut self.session) {
                Ran::Done if self.reads => {
                    work.finish(Ok(()));
                    self.session.rollback();
                    return;
                }
                Ran::Done => match self.session.commit() {
                    Ok(()) => return work.finish(Ok(())),
                    Err(error) => {
                        outcome = Err(error);
                        // Anything but a conflict leaves open whether it was committed.
                        self.session.again().filter(|again| *again == Again::Conflict)
                    }
                },
                Ran::Refused => {
                    work.finish(Ok(()));
                    self.session.rollback();
                    return;
                }
                Ran::Failed(error) => {
                    outcome = Err(error);
                    let again = self.session.again();
                    self.session.rollback();
                    again
                }
            };
            match again {
                Some(Again::Conflict) => {}
                // Not more often: work that brings the server down must not do so again and again.
                Some(_) if once => once = false,
                _ => break,
            }
        }
        if matches!(outcome, Err(DbError::Conflict)) {
            tracing::error!(
                attempts = ATTEMPTS,
                "a write met others whenever it was tried, and was given up"
            );
        }
        work.finish(outcome);
    }

    /// Connects again, with growing pauses; says whether there is more to do. Meanwhile waiting work
    /// is told, unless another thread can still do it.
    fn come_back(&mut self) -> bool {
        let mut delay = FIRST_PAUSE;
        loop {
            let error = match self.session.connect() {
                Ok(()) => return true,
                Err(error) => error,
            };
            let over = after(delay);
            delay = (delay * 2).min(LONGEST_PAUSE);
            loop {
                if self.alive.load(Ordering::Relaxed) > 0 {
                    let _ = over.recv();
                    break;
                }
                select! {
                    recv(self.lane) -> work => match work {
                        Ok(work) => work.finish(Err(error.clone())),
                        Err(_) => return false,
                    },
                    recv(over) -> _ => break,
                }
            }
        }
    }
}

/// How long to wait before a further attempt: threads that met wait for different times.
fn pause(attempt: u32, number: u32) -> Duration {
    Duration::from_micros(500 * u64::from(number + 1)) * (1 << attempt.min(6))
}
