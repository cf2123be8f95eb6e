//! One connection and the transaction on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use postgres::config::SslMode;
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Statement};

use super::cell::{self, Param};
use super::fault::{Again, describe, judge};
use super::text::{Recent, numbered};
use crate::sql::{Conn, DbError, Row, Value};

/// Statements that a connection keeps prepared, in each of two halves.
const KNOWN: usize = 256;

/// What holds on every connection. A server that answers writes before they are on disk by its own
/// settings does not do so for us; settings that wait for more than its disk stay.
const GREETING: &str = "SET client_min_messages = warning;
    SET standard_conforming_strings = on;
    SET statement_timeout = '30s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SET jit = off;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
    SELECT set_config('application_name', 'tessera in ' || current_schema(), false)
        WHERE current_setting('application_name') = 'tessera'";

/// How transactions begin. The snapshot is taken by the first query, not by BEGIN: it is safe, and
/// saves a round trip, to begin the next transaction along with the end of the last one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode {
    begin: &'static str,
    commit: &'static str,
    rollback: &'static str,
}

macro_rules! mode {
    ($begin:literal) => {
        Mode { begin: $begin, commit: concat!("COMMIT; ", $begin), rollback: concat!("ROLLBACK; ", $begin) }
    };
}

pub(super) const READ: Mode = mode!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
pub(super) const WRITE: Mode = mode!("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE");
/// Each statement sees what was committed before it: a migration must see what was done while it
/// waited for its lock.
pub(super) const MIGRATE: Mode = mode!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");

/// Reads a connection URL. Nothing of it is repeated in the error: it may hold a password.
pub(super) fn settings(url: &str, schema: Option<&str>) -> Result<Config, DbError> {
    let mut config: Config = url.parse().map_err(|_| {
        DbError::Failed(
            "the URL of the database cannot be read: postgres://user:password@host:port/database is expected, \
             with special letters of the password percent-encoded"
                .to_owned(),
        )
    })?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(DbError::Failed(
            "sslmode=require was asked for, but connections to PostgreSQL are not encrypted by this version: \
             use a socket, the local host or a tunnel, and sslmode=disable"
                .to_owned(),
        ));
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(10));
    }
    if config.get_application_name().is_none() {
        config.application_name("tessera");
    }
    if let Some(schema) = schema {
        // The last of two settings counts.
        let options = format!("{} -c search_path={schema}", config.get_options().unwrap_or_default());
        config.options(options.trim_start());
    }
    config.keepalives(true).keepalives_idle(Duration::from_secs(15));
    config.keepalives_interval(Duration::from_secs(5)).keepalives_retries(3);
    Ok(config)
}

struct Link {
    client: Client,
    known: Recent<String, Statement>,
    _alive: Alive,
}

/// Counts a connection while it lasts.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that is made anew when it breaks, and the transaction on it.
pub(in crate::sql) struct Session {
    config: Arc<Config>,
    mode: Mode,
    link: Option<Link>,
    /// Whether a transaction has begun.
    open: bool,
    /// What the last error says of another run.
    again: Option<Again>,
    /// How many connections of this kind there are.
    alive: Arc<AtomicUsize>,
}

impl Session {
    pub(super) fn new(config: Arc<Config>, mode: Mode, alive: Arc<AtomicUsize>) -> Self {
        Self { config, mode, link: None, open: false, again: None, alive }
    }

    /// Connects, unless it is connected.
    pub(super) fn connect(&mut self) -> Result<(), DbError> {
        if self.link.is_some() {
            return Ok(());
        }
        self.open = false;
        let connected = self.config.connect(NoTls).and_then(|mut client| {
            client.batch_execute(GREETING)?;
            Ok(client)
        });
        let client = connected.map_err(|error| DbError::Unavailable(describe(&error)))?;
        self.link = Some(Link { client, known: Recent::new(KNOWN), _alive: Alive::new(&self.alive) });
        Ok(())
    }

    pub(super) fn connected(&self) -> bool {
        self.link.is_some()
    }

    pub(super) fn in_transaction(&self) -> bool {
        self.open
    }

    /// Sees to it that a transaction has begun; a connection that broke unnoticed is made anew.
    pub(super) fn begin(&mut self) -> Result<(), DbError> {
        self.again = None;
        if self.open {
            return Ok(());
        }
        let was_connected = self.connected();
        self.connect()?;
        let begun = self.simple(self.mode.begin);
        let begun = if begun.is_err() && was_connected && !self.connected() {
            self.connect()?;
            self.simple(self.mode.begin)
        } else {
            begun
        };
        self.open = begun.is_ok();
        begun
    }

    /// Commits and begins the next transaction.
    ///
    /// # Errors
    /// When nothing was committed, or when that is not known: then it is [`DbError::Unavailable`].
    pub(in crate::sql) fn commit(&mut self) -> Result<(), DbError> {
        let ended = self.end(self.mode.commit);
        match ended {
            Err(error) if !self.connected() => {
                tracing::error!(%error, "it is not known whether a transaction was committed");
                Err(DbError::Unavailable(format!("the change may have been made or not: {error}")))
            }
            ended => ended,
        }
    }

    /// Undoes the transaction and begins the next one.
    pub(super) fn rollback(&mut self) {
        if self.open && self.end(self.mode.rollback).is_err() {
            self.link = None;
        }
    }

    /// Ends a transaction in which nothing was done yet.
    pub(super) fn rest(&mut self) {
        if self.open && self.end("COMMIT").is_ok() {
            self.open = false;
        }
    }

    fn end(&mut self, sql: &'static str) -> Result<(), DbError> {
        let ended = self.simple(sql);
        self.open = ended.is_ok();
        // After a COMMIT that was refused there is no transaction; a warning is all that this costs.
        if ended.is_err() && self.connected() && self.simple("ROLLBACK").is_err() {
            self.link = None;
        }
        ended
    }

    /// Why the last error may not come again, if so.
    pub(super) fn again(&mut self) -> Option<Again> {
        let again = self.again.take();
        if let (Some(Again::Stale), Some(link)) = (again, &mut self.link) {
            link.known.clear();
        }
        again
    }

    fn simple(&mut self, sql: &str) -> Result<(), DbError> {
        self.call(|link| link.client.batch_execute(sql))
    }

    /// Runs a call on the connection; one that is broken is given up.
    fn call<T>(&mut self, call: impl FnOnce(&mut Link) -> Result<T, postgres::Error>) -> Result<T, DbError> {
        let Some(link) = &mut self.link else {
            self.again = Some(Again::Lost);
            return Err(DbError::Unavailable("the connection is lost".to_owned()));
        };
        let error = match call(link) {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let (fault, again) = judge(&error, link.client.is_closed());
        if again == Some(Again::Lost) {
            tracing::warn!(error = %fault, "the connection to PostgreSQL is lost");
            self.link = None;
            self.open = false;
        }
        self.again = again;
        Err(fault)
    }
}

impl Link {
    fn statement(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.known.get(sql) {
            return Ok(statement);
        }
        let statement = self.client.prepare(&numbered(sql))?;
        self.known.put(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Conn for Session {
    fn rows(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        let rows = self.call(|link| {
            let statement = link.statement(sql)?;
            let params: Vec<Param<'_>> = args.iter().map(Param).collect();
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
            link.client.query(&statement, &params)
        })?;
        rows.iter().map(cell::row).collect()
    }

    fn exec(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        self.call(|link| {
            let statement = link.statement(sql)?;
            let params: Vec<Param<'_>> = args.iter().map(Param).collect();
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
            link.client.execute(&statement, &params)
        })
    }

    fn insert(&mut self, sql: &str, args: &[Value]) -> Result<i64, DbError> {
        match self.rows(sql, args)?.into_iter().next() {
            Some(row) => row.cells().int(),
            None => Err(DbError::Failed(format!("an insertion returned no number: {sql}"))),
        }
    }

    fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        self.call(|link| link.client.prepare(&numbered(sql)).map(drop))
    }

    fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.simple(sql)
    }

    fn snapshot_is_enough(&mut self) -> Result<(), DbError> {
        self.simple("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        for url in [
            "postgres://tessera:hunter2@host:port/db",
            "postgres://tessera:hunter2@host/db?sslmode=hunter2",
            "postgres://tessera:hunter2@host/db?hunter2=1",
            "host=db password=correct hunter2=x",
            "postgres://tessera:hunter2@host/db?sslmode=require",
        ] {
            let error = settings(url, None).map(drop).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn no_connection_waits_for_ever() {
        let config = settings("postgres://tessera:hunter2@host/db", None).unwrap();
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(5)));
        assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(10)));
        assert!(config.get_keepalives());
        let config = settings("postgres://host/db?connect_timeout=2&application_name=mine", None).unwrap();
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(2)));
        assert_eq!(config.get_application_name(), Some("mine"));
    }
}
