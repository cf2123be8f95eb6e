//! The store as the rest of the product sees it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use tessera_model::time::Clock;

use super::lane::Submit;
use super::work::{Answer, package};
use super::{Conn, DbError, postgres, sqlite};
use crate::migration;

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreConfig {
    /// A file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by connection URL. It may hold a password and is never shown.
    Postgres(String),
    /// The same, with the tables in a schema of this name instead of the one that the URL leads to.
    PostgresSchema {
        /// The connection URL.
        url: String,
        /// The schema: letters, digits and underscores.
        schema: String,
    },
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(..)"),
            Self::PostgresSchema { schema, .. } => f.debug_tuple("PostgresSchema").field(schema).finish(),
        }
    }
}

/// A handle on the database; clones share it. When the last one is dropped the threads end.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// Connections on which whoever asks may read at once.
    here: Option<sqlite::Here>,
    reads: Option<Box<dyn Submit>>,
    writes: Option<Box<dyn Submit>>,
    threads: Vec<JoinHandle<()>>,
    statements: Statements,
    /// The name of the database.
    kind: &'static str,
}

/// How many statements were run. It lies apart from what every request only reads: each that counts would take that out
/// of the other processors' caches.
#[derive(Default)]
#[repr(align(128))]
struct Statements(AtomicU64);

impl Statements {
    /// Takes the answer out of what came back.
    fn count<T, E>(&self, (answer, statements): Answer<T, E>) -> Result<T, E> {
        self.0.fetch_add(statements, Ordering::Relaxed);
        answer
    }
}

/// The ends of a back end's threads.
pub(crate) struct Lanes {
    /// Connections that need no thread of their own, where reading does not wait for a network.
    pub(crate) here: Option<sqlite::Here>,
    pub(crate) reads: Box<dyn Submit>,
    pub(crate) writes: Box<dyn Submit>,
    pub(crate) threads: Vec<JoinHandle<()>>,
}

/// Starts a database thread.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, DbError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| DbError::Unavailable(error.to_string()))
}

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be reached or made, or is newer than this version.
    pub fn open(config: &StoreConfig, clock: Arc<dyn Clock>) -> Result<Self, DbError> {
        let lanes = match config {
            StoreConfig::Sqlite(path) => sqlite::start(path, clock, migration::run)?,
            StoreConfig::Postgres(url) => postgres::start(url, None, migration::run)?,
            StoreConfig::PostgresSchema { url, schema } => {
                postgres::start(url, Some(schema), migration::run)?
            }
        };
        let Lanes { here, reads, writes, threads } = lanes;
        let (reads, writes) = (Some(reads), Some(writes));
        let kind = match config {
            StoreConfig::Sqlite(_) => "SQLite",
            StoreConfig::Postgres(_) | StoreConfig::PostgresSchema { .. } => "PostgreSQL",
        };
        Ok(Self {
            inner: Arc::new(Inner { here, reads, writes, threads, statements: Statements::default(), kind }),
        })
    }

    /// The name of the database behind it.
    pub fn kind(&self) -> &'static str {
        self.inner.kind
    }

    /// How many statements were run for whoever asked through this handle and its clones, since it was opened: counted
    /// when the answer comes. Of a closure that ran more than once the last run counts; beginning and ending a
    /// transaction do not. Between two looks of somebody who is alone with the store lies what was asked meanwhile.
    pub fn statements(&self) -> u64 {
        self.inner.statements.0.load(Ordering::Relaxed)
    }

    /// Runs a closure that only reads (the database refuses writes). It sees every write that was
    /// answered before this call. The closure may run more than once; the first query that fails
    /// ends it, whatever it returns.
    ///
    /// # Errors
    /// What the closure returns, or why the database did not answer.
    pub async fn read<F, T, E>(&self, action: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.submit(self.inner.reads.as_deref(), action).await
    }

    /// As [`Store::read`], for a closure of a handful of look-ups by key. On SQLite it runs at once on the
    /// asker's own thread: handing it to another and waking that one would take longer than the look-ups. A
    /// closure that lists or counts would keep other requests of the thread waiting; it belongs to
    /// [`Store::read`].
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn look<F, T, E>(&self, action: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        match self.inner.here.as_ref().and_then(|here| here.read(&action)) {
            Some(answer) => self.inner.statements.count(answer),
            None => self.read(action).await,
        }
    }

    /// Runs a closure in a transaction. The answer comes after the commit is on disk; an error rolls
    /// the closure's changes back, and only them. So does the first statement that fails, whatever the
    /// closure returns: for a conflict that is expected there is `ON CONFLICT DO NOTHING`. The closure
    /// may run more than once.
    ///
    /// # Errors
    /// What the closure returns, or why the database did not answer. [`DbError::Unavailable`] leaves
    /// open whether a commit that was on its way has reached the disk.
    pub async fn write<F, T, E>(&self, action: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.submit(self.inner.writes.as_deref(), action).await
    }

    async fn submit<F, T, E>(&self, lane: Option<&dyn Submit>, action: F) -> Result<T, E>
    where
        F: Fn(&mut dyn Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let gone = || E::from(DbError::Unavailable("the database threads have ended".to_owned()));
        let (work, answer) = package(action);
        if !lane.ok_or_else(gone)?.submit(work) {
            return Err(gone());
        }
        let answer = answer.await.unwrap_or_else(|_| (Err(gone()), 0));
        self.inner.statements.count(answer)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Closing the lanes ends the threads after what was already asked for, and the one that ends last closes the
        // connections that have none.
        self.here = None;
        self.reads = None;
        self.writes = None;
        let here = std::thread::current().id();
        // Work may hold the last handle: then this is one of the threads, which cannot wait for
        // itself, nor for others that wait for it.
        if self.threads.iter().any(|thread| thread.thread().id() == here) {
            return;
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
