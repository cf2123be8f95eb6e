//! One connection of its own, outside of a store's threads, in one transaction: for work on a whole database.

use std::path::Path;

use rusqlite::Connection;

use super::postgres::{self, Session};
use super::sqlite::{self, Sqlite};
use super::{Conn, DbError, Row, StoreConfig, Value};
use crate::migration::{self, Dialect};

/// A connection in a transaction. It waits where it is called, so it belongs on a thread without an async runtime.
pub struct Single(Link);

enum Link {
    Sqlite(Connection),
    Postgres(Box<Session>),
}

impl Single {
    /// A snapshot of a database that is there, with the schema of this version. Whoever serves it goes on; on SQLite a
    /// snapshot that is held for long keeps the log from starting anew: [`Single::copied`] does not.
    ///
    /// # Errors
    /// When there is none, it does not answer, or its schema is another one.
    pub fn reading(config: &StoreConfig) -> Result<Self, DbError> {
        let mut single = Self(match config {
            StoreConfig::Sqlite(path) => Link::Sqlite(sqlite::single_reader(path)?),
            StoreConfig::Postgres(url) => Link::Postgres(Box::new(postgres::single(url, None, false)?)),
            StoreConfig::PostgresSchema { url, schema } => {
                Link::Postgres(Box::new(postgres::single(url, Some(schema), false)?))
            }
        });
        migration::verify(&mut single)?;
        Ok(single)
    }

    /// As [`Single::reading`], for long work: on SQLite from a copy of the file, which is made at `copy` within
    /// moments and is the caller's to remove.
    ///
    /// # Errors
    /// As [`Single::reading`], or when the copy cannot be written.
    pub fn copied(config: &StoreConfig, copy: &Path) -> Result<Self, DbError> {
        match config {
            StoreConfig::Sqlite(path) => {
                sqlite::copy(path, copy)?;
                Self::reading(&StoreConfig::Sqlite(copy.to_owned()))
            }
            StoreConfig::Postgres(_) | StoreConfig::PostgresSchema { .. } => Self::reading(config),
        }
    }

    /// A transaction that writes, in a database that may be new and without a schema. Nothing of it stays without
    /// [`Single::commit`].
    ///
    /// # Errors
    /// When it cannot be reached or made.
    pub fn writing(config: &StoreConfig) -> Result<Self, DbError> {
        Ok(Self(match config {
            StoreConfig::Sqlite(path) => Link::Sqlite(sqlite::single_writer(path)?),
            StoreConfig::Postgres(url) => Link::Postgres(Box::new(postgres::single(url, None, true)?)),
            StoreConfig::PostgresSchema { url, schema } => {
                Link::Postgres(Box::new(postgres::single(url, Some(schema), true)?))
            }
        }))
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.0 {
            Link::Sqlite(_) => Dialect::Sqlite,
            Link::Postgres(_) => Dialect::Postgres,
        }
    }

    /// What the database itself finds wrong with its files, indexes and keys; nothing if all is well.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn faults(&mut self) -> Result<Vec<String>, DbError> {
        let dialect = self.dialect();
        let conn: &mut dyn Conn = self;
        if dialect == Dialect::Postgres {
            let sql = "SELECT 'the key ' || CAST(conname AS TEXT) || ' was never checked' FROM pg_constraint
                WHERE NOT convalidated AND connamespace = CAST(current_schema() AS regnamespace)
                UNION ALL SELECT 'the index ' || CAST(c.relname AS TEXT) || ' is not valid'
                FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE NOT i.indisvalid AND c.relnamespace = CAST(current_schema() AS regnamespace)";
            return conn.rows(sql, &[])?.into_iter().map(|row| row.cells().text()).collect();
        }
        let mut faults = Vec::new();
        for row in conn.rows("PRAGMA integrity_check", &[])? {
            faults.push(row.cells().text()?);
        }
        faults.retain(|fault| fault != "ok");
        for row in conn.rows("SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 20", &[])? {
            let mut cells = row.cells();
            faults.push(format!(
                "a row of {} points at a row of {} that is not there",
                cells.text()?,
                cells.text()?
            ));
        }
        Ok(faults)
    }

    /// Keeps what the transaction did.
    ///
    /// # Errors
    /// When it was not kept, or when that is not known.
    pub fn commit(self) -> Result<(), DbError> {
        match self.0 {
            Link::Sqlite(conn) => {
                sqlite::commit(&conn)?;
                // The last to close moves the log into the file.
                conn.close().map_err(|(_, error)| DbError::Failed(error.to_string()))
            }
            Link::Postgres(mut session) => session.commit(),
        }
    }

    fn with<T>(&mut self, call: impl FnOnce(&mut dyn Conn) -> T) -> T {
        match &mut self.0 {
            Link::Sqlite(conn) => call(&mut Sqlite(conn)),
            Link::Postgres(session) => call(&mut **session),
        }
    }
}

impl Conn for Single {
    fn rows(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        self.with(|conn| conn.rows(sql, args))
    }

    fn exec(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        self.with(|conn| conn.exec(sql, args))
    }

    fn insert(&mut self, sql: &str, args: &[Value]) -> Result<i64, DbError> {
        self.with(|conn| conn.insert(sql, args))
    }

    fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        self.with(|conn| conn.prepare(sql))
    }

    fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.with(|conn| conn.batch(sql))
    }
}
