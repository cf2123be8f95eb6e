//! A database of its own for every test, on the back end that the test runs on.

use std::future::Future;
use std::io::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use tempfile::TempDir;
use tessera_model::time::{Clock, Timestamp};
use tessera_store::{Conn, DbError, Store, StoreConfig};

/// Writes a test once and runs it on both databases.
macro_rules! both {
    ($( $(#[$meta:meta])* async fn $name:ident($db:ident: Database) $body:block )*) => {
        $(
            mod $name {
                #[allow(unused_imports, reason = "a short test may need none of the file's names")]
                use super::*;

                async fn body($db: std::sync::Arc<crate::harness::Database>) $body

                $(#[$meta])*
                #[test]
                fn sqlite() {
                    crate::harness::run(Some(crate::harness::Database::sqlite()), body);
                }

                $(#[$meta])*
                #[test]
                fn postgres() {
                    crate::harness::run(crate::harness::Database::postgres(), body);
                }
            }
        )*
    };
}

/// The instant that tests live in.
pub(crate) const NOW: Timestamp = Timestamp(1_780_000_000_000_000);

/// A clock that stands, but for the time that passes between two looks at it.
pub(crate) struct Still(AtomicI64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(NOW.0 + self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.0.fetch_add(1, Ordering::Relaxed).unsigned_abs())
    }
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(Still(AtomicI64::new(0)))
}

/// A fresh database, removed with the test.
pub(crate) struct Database {
    pub(crate) config: StoreConfig,
    /// What removes it.
    _folder: Option<TempDir>,
    schema: Option<Schema>,
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig::Sqlite(folder.path().join("tessera.db"));
        Self { config, _folder: Some(folder), schema: None }
    }

    /// A schema of its own in the database of `TEST_DATABASE_URL`.
    pub(crate) fn postgres() -> Option<Self> {
        let Some(url) = server_url() else {
            static SAID: Once = Once::new();
            // Not through the print macros, whose output of passing tests is not shown.
            SAID.call_once(|| {
                let notice = "PostgreSQL half not run: TEST_DATABASE_URL is not set\n";
                let _ = std::io::stderr().write_all(notice.as_bytes());
            });
            return None;
        };
        let schema = Schema::create(url);
        Some(Self { config: StoreConfig::Postgres(schema.url()), _folder: None, schema: Some(schema) })
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }

    /// Opens it; a test may open it again.
    pub(crate) fn open(&self) -> Store {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<Store, DbError> {
        Store::open(&self.config, clock())
    }
}

/// The URL of the server that tests may use.
pub(crate) fn server_url() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

struct Schema {
    server: String,
    name: String,
}

impl Schema {
    fn create(server: String) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let schema = Self { server, name };
        schema.run(&format!("CREATE SCHEMA {}", schema.name));
        schema
    }

    fn url(&self) -> String {
        let join = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{join}options=-c%20search_path%3D{}", self.server, self.name)
    }

    fn run(&self, sql: &str) {
        let mut client = postgres::Client::connect(&self.server, postgres::NoTls).unwrap();
        client.batch_execute(sql).unwrap();
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.run(&format!("SET client_min_messages = warning; DROP SCHEMA {} CASCADE", self.name));
    }
}

/// Runs a test on a runtime of its own; the database goes when the runtime has ended.
pub(crate) fn run<F: Future<Output = ()>>(db: Option<Database>, body: impl FnOnce(Arc<Database>) -> F) {
    let Some(db) = db.map(Arc::new) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let limit = Duration::from_mins(10);
        tokio::time::timeout(limit, body(Arc::clone(&db))).await.expect("the test hangs");
    });
    drop(runtime);
}

/// A read whose errors are the database's.
pub(crate) async fn read<T: Send + 'static>(
    store: &Store,
    action: impl Fn(&mut dyn Conn) -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    store.read(action).await
}

/// A write whose errors are the database's.
pub(crate) async fn write<T: Send + 'static>(
    store: &Store,
    action: impl Fn(&mut dyn Conn) -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    store.write(action).await
}
