//! Values, rows and connections, the same for both back ends.

mod lane;
mod postgres;
mod single;
mod sqlite;
mod store;
mod value;
mod work;

pub use single::Single;
pub use store::{Store, StoreConfig};
pub use value::{Cells, Row, Value};

/// What can go wrong between us and the database.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// A unique key is taken.
    #[error("a unique key is taken: {0}")]
    Taken(String),
    /// The transaction met another one and may succeed when run again.
    #[error("the transaction met another one")]
    Conflict,
    /// The database cannot be reached or written now.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A fault in a query or in the database.
    #[error("database: {0}")]
    Failed(String),
    /// A row has not the shape that the code expects.
    #[error("a column holds {found} where {wanted} was expected")]
    Shape {
        /// What the code asked for.
        wanted: &'static str,
        /// What the row held.
        found: &'static str,
    },
    /// The database was made by a newer version of Tessera.
    #[error("the database has migration {found}, this version knows {known}: run a newer version of tessera")]
    Newer {
        /// The newest migration in the database.
        found: i64,
        /// The newest one in this binary.
        known: i64,
    },
    /// A migration that ran differs from the one in this binary.
    #[error("migration {0} in the database differs from the one in this version")]
    Altered(i64),
    /// The closure panicked; the panic's own message is in the log.
    #[error("a fault in the code of a query")]
    Panicked,
}

/// How the text of an insertion ends.
pub(crate) const RETURNING_ID: &str = " RETURNING id";

/// A connection in a transaction. Queries are written in the dialect that both databases share, with
/// `?1`, `?2` … as parameters (rewritten for PostgreSQL when they are prepared).
pub trait Conn {
    /// Runs a query and returns its rows.
    ///
    /// # Errors
    /// What the database answers.
    fn rows(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError>;

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// What the database answers.
    fn exec(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError>;

    /// Inserts one row, by a text that ends in ` RETURNING id`, and returns its number.
    ///
    /// # Errors
    /// What the database answers.
    fn insert(&mut self, sql: &str, args: &[Value]) -> Result<i64, DbError>;

    /// Prepares a query without running it, for the test that prepares all of them.
    ///
    /// # Errors
    /// What is wrong with the query.
    fn prepare(&mut self, sql: &str) -> Result<(), DbError>;

    /// Runs several statements that take no parameters; migrations use it.
    ///
    /// # Errors
    /// What the database answers.
    fn batch(&mut self, sql: &str) -> Result<(), DbError>;

    /// Says, before its first query, that this transaction is right when it sees one snapshot and what it
    /// changes was changed by nobody else: it need not be serialised with those that only add rows where it
    /// reads. On PostgreSQL others then do not run again because of it; SQLite has one writer anyway.
    ///
    /// # Errors
    /// What the database answers.
    fn snapshot_is_enough(&mut self) -> Result<(), DbError> {
        Ok(())
    }
}

impl dyn Conn + '_ {
    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// As [`Conn::rows`].
    pub fn row(&mut self, sql: &str, args: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.rows(sql, args)?.into_iter().next())
    }

    /// The one number of a query's first row; 0 where there is none.
    ///
    /// # Errors
    /// As [`Conn::rows`], or when it is no number.
    pub fn number(&mut self, sql: &str, args: &[Value]) -> Result<i64, DbError> {
        match self.row(sql, args)? {
            Some(row) => Ok(row.cells().opt_int()?.unwrap_or(0)),
            None => Ok(0),
        }
    }
}
