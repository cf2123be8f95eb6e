//! The database: SQLite by default, PostgreSQL by configuration, one set of queries for both.
//!
//! Work comes as closures over a [`Conn`], which run on database threads: a transaction cannot be
//! cut by a future that is dropped, and both back ends share one code path. Reads see a snapshot
//! taken after they were asked for; writes answer after their commit is on disk.

pub mod fate;
pub mod migration;
pub mod portable;
pub mod query;
mod sql;
pub mod staging;

pub use sql::{Cells, Conn, DbError, Row, Single, Store, StoreConfig, Value};
