//! SQLite: one writer thread with group commit, a few reader threads, one that moves the log into
//! the database file.

use std::ffi::OsString;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded, unbounded};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, params_from_iter};
use tessera_model::time::Clock;

use super::store::{Lanes, spawn};
use super::work::{Ran, Work};
use super::{Conn, DbError, RETURNING_ID, Row, Value, lane};

mod here;

pub(crate) use here::Here;

/// Requests that share one commit, at most.
const BATCH: usize = 64;
/// Time after which a batch is committed even if more requests wait.
const BATCH_TIME: Duration = Duration::from_millis(5);
/// Reads that share one snapshot, at most.
const READ_BATCH: usize = 32;
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
/// Pages (of 4 KiB) in the write-ahead log above which writers wait until it starts anew: readers
/// that overlap all the time would let it grow without end.
const LONG_LOG: i64 = 16_384;
/// How long writers may wait for that.
const RESTART_WAIT: Duration = Duration::from_millis(500);

/// How often a copy is tried while somebody locks the file for a moment, and the pause between.
const COPIES: u32 = 100;
const COPY_PAUSE: Duration = Duration::from_millis(100);

/// Opens the file, runs the migrations and starts the threads.
pub(crate) fn start(
    path: &Path,
    clock: Arc<dyn Clock>,
    migrate: fn(&mut dyn Conn, crate::migration::Dialect) -> Result<(), DbError>,
) -> Result<Lanes, DbError> {
    make_private(path).map_err(|error| DbError::Unavailable(format!("{}: {error}", path.display())))?;
    let mut conn = open(path)?;
    begin(&conn)?;
    migrate(&mut Sqlite(&mut conn), crate::migration::Dialect::Sqlite)?;
    end(&conn, "COMMIT")?;

    let (reads, read_lane) = lane::lane();
    let (writes, write_lane) = unbounded::<Box<dyn Work>>();
    // Each thread that has closed its connection lets go of its end; the last connection to close, and alone, is the
    // checkpointer's: SQLite removes the log only for one that finds no other.
    let (stop, stopped) = bounded::<()>(0);
    let mut threads = Vec::new();
    let readers = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
    for _ in 0..readers {
        let (reader, lane, stop) = (reader(path)?, read_lane.clone(), stop.clone());
        threads.push(spawn("sqlite-read", move || {
            read_loop(reader, &lane);
            drop(stop);
        })?);
    }
    let commits = Arc::new(AtomicU64::new(0));
    let here = Here::open(path, readers, Arc::clone(&commits))?;
    let checkpointer = open(path)?;
    checkpointer.busy_timeout(RESTART_WAIT).map_err(|error| fault(&error))?;
    threads.push(spawn("sqlite-wal", {
        let here = here.clone();
        move || checkpoint_loop(checkpointer, here, &stopped)
    })?);
    threads.push(spawn("sqlite-write", move || {
        write_loop(conn, &write_lane, &*clock, &commits);
        drop(stop);
    })?);
    Ok(Lanes { here: Some(here), reads: Box::new(reads), writes: Box::new(writes), threads })
}

/// Makes the file for us alone, whatever the umask says; SQLite gives its companions the same mode.
fn make_private(path: &Path) -> io::Result<()> {
    // An existing file is not opened: closing it would drop the locks of every connection to it.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut name = OsString::from(path);
        name.push(suffix);
        match fs::set_permissions(&name, Permissions::from_mode(0o600)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            other => other?,
        }
    }
    Ok(())
}

fn open(path: &Path) -> Result<Connection, DbError> {
    let conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|error| fault(&error))?;
    let configure = || -> rusqlite::Result<String> {
        conn.busy_timeout(Duration::from_secs(10))?;
        // Bundled SQLite knows STAT4: without a stable plan every call would be planned again once
        // statistics exist, at three times the cost of the look-up itself.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let mode = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        // A write that was answered is on disk, power cut or not.
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "mmap_size", 1_i64 << 30)?;
        conn.pragma_update(None, "cache_size", -8192)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        // More than a busy second writes: what is cut off the log is paid for again when it grows.
        conn.pragma_update(None, "journal_size_limit", 2 * LONG_LOG * 4096)?;
        conn.set_prepared_statement_cache_capacity(512);
        Ok(mode)
    };
    match configure().map_err(|error| fault(&error))?.as_str() {
        "wal" => Ok(conn),
        other => Err(DbError::Unavailable(format!(
            "the file system of {} cannot hold a write-ahead log (journal mode {other})",
            path.display()
        ))),
    }
}

/// Opens a file that must be there and that somebody else may be serving.
fn open_existing(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|error| fault(&error))?;
    conn.busy_timeout(Duration::from_secs(10)).map_err(|error| fault(&error))?;
    Ok(conn)
}

/// A connection of its own to a file that is there, in a snapshot, whoever else serves the file.
pub(super) fn single_reader(path: &Path) -> Result<Connection, DbError> {
    let conn = open_existing(path)?;
    conn.pragma_update(None, "query_only", true).map_err(|error| fault(&error))?;
    end(&conn, "BEGIN")?;
    Ok(conn)
}

/// A connection of its own to a file that may be new, with a transaction begun that writes.
pub(super) fn single_writer(path: &Path) -> Result<Connection, DbError> {
    make_private(path).map_err(|error| DbError::Unavailable(format!("{}: {error}", path.display())))?;
    let conn = open(path)?;
    begin(&conn)?;
    Ok(conn)
}

/// Copies the pages of a file as they are at one moment. The writer goes on meanwhile; only the log of what it writes
/// cannot start anew.
pub(super) fn copy(path: &Path, copy: &Path) -> Result<(), DbError> {
    let from = open_existing(path)?;
    let copied = || -> rusqlite::Result<bool> {
        let mut to = Connection::open(copy)?;
        let copying = Backup::new(&from, &mut to)?;
        // All of it in one step, or SQLite would begin again whenever somebody writes.
        Ok(matches!(copying.step(-1)?, StepResult::Done))
    };
    let unavailable = |error: io::Error| DbError::Unavailable(format!("{}: {error}", copy.display()));
    make_private(copy).map_err(unavailable)?;
    for _ in 0..COPIES {
        if copied().map_err(|error| fault(&error))? {
            return Ok(());
        }
        std::thread::sleep(COPY_PAUSE);
    }
    Err(DbError::Unavailable(format!("{} is locked", path.display())))
}

/// Ends the transaction of a connection of its own.
pub(super) fn commit(conn: &Connection) -> Result<(), DbError> {
    end(conn, "COMMIT")
}

/// A connection that refuses writes.
fn reader(path: &Path) -> Result<Connection, DbError> {
    let conn = open(path)?;
    conn.pragma_update(None, "query_only", true).map_err(|error| fault(&error))?;
    Ok(conn)
}

fn begin(conn: &Connection) -> Result<(), DbError> {
    end(conn, "BEGIN IMMEDIATE")
}

fn end(conn: &Connection, verb: &'static str) -> Result<(), DbError> {
    conn.prepare_cached(verb)
        .and_then(|mut statement| statement.execute([]))
        .map_err(|error| fault(&error))?;
    Ok(())
}

/// Serves the lane until it is closed, and then closes the connection.
fn write_loop(mut conn: Connection, lane: &Receiver<Box<dyn Work>>, clock: &dyn Clock, commits: &AtomicU64) {
    while let Ok(first) = lane.recv() {
        let mut batch = Vec::new();
        let outcome = write_batch(&mut conn, first, lane, clock, &mut batch);
        let _ = conn.is_autocommit() || end(&conn, "ROLLBACK").is_ok();
        // Counted before anybody is answered, and whatever came of it.
        commits.fetch_add(1, Ordering::Release);
        if let Err(error) = &outcome {
            tracing::error!(%error, requests = batch.len(), "a batch of writes was not committed");
        }
        for work in batch {
            work.finish(outcome.clone());
        }
    }
}

/// Runs waiting requests in one transaction and commits them. They run without savepoints, which would copy every page
/// that each of them touches; when one must be undone, so is everything, and all run again with a savepoint each.
fn write_batch(
    conn: &mut Connection,
    first: Box<dyn Work>,
    lane: &Receiver<Box<dyn Work>>,
    clock: &dyn Clock,
    batch: &mut Vec<Box<dyn Work>>,
) -> Result<(), DbError> {
    batch.push(first);
    begin(conn)?;
    let started = clock.monotonic();
    let mut next = 0;
    loop {
        let before = conn.total_changes();
        let ran = batch[next].run(&mut Sqlite(conn));
        still_open(conn)?;
        if !matches!(ran, Ran::Done) && conn.total_changes() != before {
            end(conn, "ROLLBACK")?;
            return write_apart(conn, batch);
        }
        next += 1;
        if next == BATCH || clock.monotonic().saturating_sub(started) > BATCH_TIME {
            break;
        }
        let Ok(work) = lane.try_recv() else { break };
        batch.push(work);
    }
    end(conn, "COMMIT")
}

/// Runs requests in one transaction, each in a savepoint of its own, and commits them.
fn write_apart(conn: &mut Connection, batch: &mut [Box<dyn Work>]) -> Result<(), DbError> {
    begin(conn)?;
    for work in batch {
        end(conn, "SAVEPOINT request")?;
        let ran = work.run(&mut Sqlite(conn));
        still_open(conn)?;
        if !matches!(ran, Ran::Done) {
            end(conn, "ROLLBACK TO request")?;
        }
        end(conn, "RELEASE request")?;
    }
    end(conn, "COMMIT")
}

/// A full disk makes SQLite roll the whole transaction back by itself.
fn still_open(conn: &Connection) -> Result<(), DbError> {
    if conn.is_autocommit() {
        return Err(DbError::Unavailable("the transaction was rolled back".to_owned()));
    }
    Ok(())
}

/// Reads that wait together share a snapshot, which is younger than each of them. When the lane is closed, so is the
/// connection.
fn read_loop(mut conn: Connection, lane: &lane::Receiver) {
    while let Some(batch) = lane.take(READ_BATCH) {
        for mut work in batch {
            if work.abandoned() {
                continue;
            }
            // A fault may have ended the transaction: without one the queries of a closure would each
            // see another state.
            let begun = if conn.is_autocommit() { end(&conn, "BEGIN") } else { Ok(()) };
            if begun.is_ok() {
                work.run(&mut Sqlite(&mut conn));
            }
            work.finish(begun);
        }
        if !conn.is_autocommit() && end(&conn, "COMMIT").is_err() {
            let _ = end(&conn, "ROLLBACK");
        }
    }
}

/// Moves the write-ahead log into the database file, away from the writer's thread; all of it when the other
/// connections are closed.
fn checkpoint_loop(conn: Connection, here: Here, stopped: &Receiver<()>) {
    let warn = |error| tracing::warn!(%error, "the write-ahead log could not be moved into the database");
    while stopped.recv_timeout(CHECKPOINT_EVERY) != Err(RecvTimeoutError::Disconnected) {
        here.let_go();
        let moved = match checkpoint(&conn, "PASSIVE") {
            Ok(pages) if pages > LONG_LOG => checkpoint(&conn, "RESTART"),
            other => other,
        };
        let _ = moved.map_err(warn);
    }
    drop(here);
    let _ = checkpoint(&conn, "TRUNCATE").map_err(warn);
}

/// Returns how many pages the log holds.
fn checkpoint(conn: &Connection, mode: &str) -> rusqlite::Result<i64> {
    conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1))
}

pub(super) struct Sqlite<'c>(pub(super) &'c mut Connection);

impl Conn for Sqlite<'_> {
    fn rows(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| fault(&error))?;
        let columns = statement.column_count();
        let mut cursor = statement.query(params_from_iter(args)).map_err(|error| fault(&error))?;
        let mut rows = Vec::new();
        while let Some(row) = cursor.next().map_err(|error| fault(&error))? {
            let mut cells = Vec::with_capacity(columns);
            for column in 0..columns {
                cells.push(cell(row.get_ref(column).map_err(|error| fault(&error))?)?);
            }
            rows.push(Row(cells));
        }
        Ok(rows)
    }

    fn exec(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| fault(&error))?;
        statement.execute(params_from_iter(args)).map(|count| count as u64).map_err(|error| fault(&error))
    }

    // SQLite knows the number anyway; to return it as a row it would make a table for it and be ready to undo the
    // insertion alone, which costs as much as the insertion.
    fn insert(&mut self, sql: &str, args: &[Value]) -> Result<i64, DbError> {
        let Some(sql) = sql.strip_suffix(RETURNING_ID) else {
            return Err(DbError::Failed(format!("not an insertion that returns a number: {sql}")));
        };
        self.exec(sql, args)?;
        Ok(self.0.last_insert_rowid())
    }

    fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        self.0.prepare(sql).map(drop).map_err(|error| fault(&error))
    }

    fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.0.execute_batch(sql).map_err(|error| fault(&error))
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn cell(value: ValueRef<'_>) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(_) => return Err(DbError::Shape { wanted: "a whole number", found: "a fraction" }),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    })
}

fn fault(error: &rusqlite::Error) -> DbError {
    let text = error.to_string();
    let rusqlite::Error::SqliteFailure(code, _) = error else { return DbError::Failed(text) };
    match (code.code, code.extended_code) {
        // PRIMARYKEY, UNIQUE, ROWID.
        (ErrorCode::ConstraintViolation, 1555 | 2067 | 2579) => DbError::Taken(text),
        (
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::ReadOnly
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied,
            _,
        ) => DbError::Unavailable(text),
        _ => DbError::Failed(text),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    /// How often a look-up is planned again while its parameter changes, with statistics at hand.
    fn planned_again(conn: &Connection) -> i32 {
        conn.execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL) STRICT;
             CREATE INDEX t_by_kind ON t (kind);
             CREATE INDEX t_by_name ON t (name);
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                INSERT INTO t SELECT i, CASE WHEN i % 100 = 0 THEN 'rare' ELSE 'usual' END, 'name ' || i FROM n;
             ANALYZE",
        )
        .unwrap();
        let mut statement = conn.prepare("SELECT id FROM t WHERE kind = ?1 AND name = ?2").unwrap();
        for number in 0..20 {
            let args = [if number % 2 == 0 { "rare" } else { "usual" }.to_owned(), format!("name {number}")];
            assert!(statement.query_map(args, |row| row.get::<_, i64>(0)).unwrap().count() < 2);
        }
        statement.get_status(StatementStatus::RePrepare)
    }

    #[test]
    fn a_statement_is_planned_once_whatever_the_statistics_say() {
        let folder = tempfile::tempdir().unwrap();
        let conn = open(&folder.path().join("stable.db")).unwrap();
        assert_eq!(planned_again(&conn), 0);
        // Without the switch the trap is there, or this test would prove nothing.
        let conn = open(&folder.path().join("unstable.db")).unwrap();
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, false).unwrap();
        assert!(planned_again(&conn) > 10);
    }

    #[test]
    fn a_write_is_synced_and_keys_are_checked() {
        let folder = tempfile::tempdir().unwrap();
        let conn = open(&folder.path().join("test.db")).unwrap();
        let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(number("synchronous"), 2, "FULL");
        assert_eq!(number("foreign_keys"), 1);
        assert_eq!(number("wal_autocheckpoint"), 0);
        assert_eq!(
            conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap(),
            "wal"
        );
    }
}
