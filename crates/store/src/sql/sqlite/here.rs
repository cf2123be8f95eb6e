//! Reading where the request is.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;

use super::{Sqlite, end, fault, reader};
use crate::sql::work::{Answer, Ran, attempt};
use crate::sql::{Conn, DbError};

/// Connections without a thread: whoever asks runs its look-ups itself. A look-up of a cached page takes a
/// few microseconds, a hop to another thread and back takes more.
///
/// A connection stays in its snapshot as long as nothing was committed since: beginning one anew takes half a
/// dozen locks of the file, each a call of the system. The writer is of this process (D29) and counts its
/// commits before it answers for them.
#[derive(Clone)]
pub(crate) struct Here(Arc<Standing>);

struct Standing {
    snapshots: Vec<Mutex<Snapshot>>,
    commits: Arc<AtomicU64>,
}

struct Snapshot {
    conn: Connection,
    /// How many commits there were when it was begun; `None` while there is none.
    begun_at: Option<u64>,
}

impl Snapshot {
    /// Stands in a snapshot that is younger than the `commits`th commit.
    fn begin(&mut self, commits: u64) -> Result<(), DbError> {
        if self.begun_at != Some(commits) {
            self.end()?;
            end(&self.conn, "BEGIN")?;
            self.begun_at = Some(commits);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), DbError> {
        self.begun_at = None;
        if self.conn.is_autocommit() { Ok(()) } else { end(&self.conn, "ROLLBACK") }
    }
}

impl Here {
    pub(super) fn open(path: &Path, count: usize, commits: Arc<AtomicU64>) -> Result<Self, DbError> {
        let open = || {
            let conn = reader(path)?;
            // Whoever asks serves others too and must not wait for a lock; a thread of ours can.
            conn.busy_timeout(Duration::ZERO).map_err(|error| fault(&error))?;
            Ok(Mutex::new(Snapshot { conn, begun_at: None }))
        };
        let snapshots = (0..count).map(|_| open()).collect::<Result<_, DbError>>()?;
        Ok(Self(Arc::new(Standing { snapshots, commits })))
    }

    /// Runs the closure in a snapshot that is not older than this call, or not at all if no connection is
    /// free or the file is locked.
    pub(crate) fn read<F, T, E>(&self, action: &F) -> Option<Answer<T, E>>
    where
        F: Fn(&mut dyn Conn) -> Result<T, E>,
        E: From<DbError>,
    {
        let mut snapshot = self.0.snapshots.iter().find_map(|snapshot| snapshot.try_lock().ok())?;
        snapshot.begin(self.0.commits.load(Ordering::Acquire)).ok()?;
        let (answer, ran) = attempt(&mut Sqlite(&mut snapshot.conn), action);
        match ran {
            Ran::Done | Ran::Refused => Some(answer),
            Ran::Failed(why) => {
                let _ = snapshot.end();
                if matches!(why, DbError::Unavailable(_)) { None } else { Some(answer) }
            }
        }
    }

    /// Ends the snapshots in which nobody reads now: one that stands keeps the log from starting anew.
    pub(super) fn let_go(&self) {
        for snapshot in &self.0.snapshots {
            if let Ok(mut snapshot) = snapshot.try_lock() {
                let _ = snapshot.end();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{make_private, open};
    use super::*;

    fn count(conn: &mut dyn Conn) -> Result<i64, DbError> {
        conn.number("SELECT COUNT(*) FROM t", &[])
    }

    #[test]
    fn look_ups_are_done_in_place_and_see_what_was_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("here.db");
        make_private(&path).unwrap();
        let writer = open(&path).unwrap();
        writer.busy_timeout(Duration::ZERO).unwrap();
        writer.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT").unwrap();
        let commits = Arc::new(AtomicU64::new(0));
        let here = Here::open(&path, 2, Arc::clone(&commits)).unwrap();

        let held: Vec<_> = here.0.snapshots.iter().map(|snapshot| snapshot.lock().unwrap()).collect();
        assert!(here.read(&count).is_none(), "no connection is free");
        drop(held);

        for rows in 0..3 {
            assert!(matches!(here.read(&count), Some((Ok(seen), 1)) if seen == rows));
            writer.execute("INSERT INTO t VALUES (NULL)", []).unwrap();
            assert!(
                matches!(here.read(&count), Some((Ok(seen), 1)) if seen == rows),
                "no commit was counted"
            );
            commits.fetch_add(1, Ordering::Release);
        }

        let is_held =
            || writer.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, bool>(0)).unwrap();
        assert!(is_held(), "a snapshot that stands keeps the log");
        here.let_go();
        assert!(!is_held());
    }
}
