//! The database of one instance: a file, or a schema of its own on the PostgreSQL of the tests.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tessera_model::time::Clock;
use tessera_store::{DbError, Store, StoreConfig};

use crate::clock::TestClock;

/// Asks for PostgreSQL when it says `postgres`; the server is then the one of [`URL`].
const CHOICE: &str = "TESSERA_TEST_DATABASE";
const URL: &str = "TEST_DATABASE_URL";

/// Where the data is, and what removes it.
pub(crate) struct Database {
    pub(crate) config: StoreConfig,
    _schema: Option<Schema>,
}

impl Database {
    /// The database that the environment asks for.
    pub(crate) fn chosen(folder: &Path) -> Self {
        if std::env::var(CHOICE).is_ok_and(|choice| choice == "postgres") {
            let server = std::env::var(URL).expect("TESSERA_TEST_DATABASE=postgres needs TEST_DATABASE_URL");
            let schema = Schema::create(server);
            return Self { config: StoreConfig::Postgres(schema.url()), _schema: Some(schema) };
        }
        Self { config: StoreConfig::Sqlite(folder.join("tessera.db")), _schema: None }
    }
}

/// A database of its own on the PostgreSQL of the tests, for processes that share it; nothing where the tests do not
/// run on PostgreSQL. It goes when this is dropped.
pub struct Shared(Schema);

impl Shared {
    /// Makes one.
    pub fn create() -> Option<Self> {
        let chosen = std::env::var(CHOICE).is_ok_and(|choice| choice == "postgres");
        chosen.then(|| Self(Schema::create(std::env::var(URL).expect("the URL of the tests' PostgreSQL"))))
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.0.url()
    }
}

/// Runs statements on a database as somebody would who can write all of it, past the product.
pub(crate) async fn tamper(config: StoreConfig, sql: &str) {
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new());
    let opened = tokio::task::spawn_blocking(move || Store::open(&config, clock));
    let (store, sql) = (opened.await.unwrap().unwrap(), sql.to_owned());
    store.write(move |conn| conn.batch(&sql)).await.unwrap();
}

/// Everything that a database holds.
pub(crate) async fn dump(config: StoreConfig) -> String {
    let tables = match &config {
        StoreConfig::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        }
        StoreConfig::Postgres(_) | StoreConfig::PostgresSchema { .. } => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"
        }
    };
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new());
    let opened = tokio::task::spawn_blocking(move || Store::open(&config, clock));
    let store = opened.await.unwrap().unwrap();
    let read = store.read(move |conn| {
        let mut text = String::new();
        for table in conn.rows(tables, &[])? {
            let table = table.cells().text()?;
            for row in conn.rows(&format!("SELECT * FROM {table}"), &[])? {
                let _ = writeln!(text, "{table}: {row:?}");
            }
        }
        Ok::<_, DbError>(text)
    });
    read.await.unwrap()
}

/// Runs statements on the file of an instance that another process may serve.
pub fn tamper_with_file(path: &Path, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(tamper(StoreConfig::Sqlite(path.to_owned()), sql));
}

/// Everything that the file of an instance holds, as text.
pub fn dump_file(path: &Path) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(dump(StoreConfig::Sqlite(path.to_owned())))
}

struct Schema {
    server: String,
    name: String,
}

impl Schema {
    fn create(server: String) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("e2e_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let schema = Self { server, name };
        schema.run(format!("CREATE SCHEMA {}", schema.name));
        schema
    }

    fn url(&self) -> String {
        let join = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{join}options=-c%20search_path%3D{}", self.server, self.name)
    }

    /// On a thread of its own, since the blocking client brings a runtime.
    fn run(&self, sql: String) {
        let server = self.server.clone();
        let done = std::thread::spawn(move || {
            postgres::Client::connect(&server, postgres::NoTls).unwrap().batch_execute(&sql).unwrap();
        });
        done.join().expect("the PostgreSQL of the tests answers");
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // And what a restore keeps beside it.
            let name = &self.name;
            self.run(format!(
                "SET client_min_messages = warning; DROP SCHEMA {name} CASCADE;
                 DROP SCHEMA IF EXISTS {name}_replaced CASCADE"
            ));
        }
    }
}
