//! Schema versions.

use tessera_store::DbError;
use tessera_store::query::instance;

use crate::harness::{read, write};

both! {
    async fn a_newer_database_is_left_alone(db: Database) {
        let store = db.open();
        write(&store, |conn| conn.exec(
            "INSERT INTO schema_migrations (version, checksum) SELECT MAX(version) + 1, 'x' FROM schema_migrations", &[],
        )).await.unwrap();
        drop(store);
        let error = db.try_open().map(drop).unwrap_err();
        assert!(matches!(error, DbError::Newer { found, known } if found == known + 1), "{error}");
        assert!(error.to_string().contains("run a newer version"), "{error}");
    }

    async fn an_altered_migration_is_found(db: Database) {
        let store = db.open();
        write(&store, |conn| conn.exec("UPDATE schema_migrations SET checksum = 'x' WHERE version = 1", &[]))
            .await.unwrap();
        drop(store);
        let error = db.try_open().map(drop).unwrap_err();
        assert!(matches!(error, DbError::Altered(1)), "{error}");
    }

    async fn a_migration_missing_at_the_start_is_found(db: Database) {
        let store = db.open();
        write(&store, |conn| conn.exec("UPDATE schema_migrations SET version = 0 WHERE version = 1", &[]))
            .await.unwrap();
        drop(store);
        let error = db.try_open().map(drop).unwrap_err();
        assert!(matches!(error, DbError::Altered(0)), "{error}");
    }

    async fn opening_again_keeps_what_is_there(db: Database) {
        let store = db.open();
        write(&store, |conn| instance::put(conn, "fact", "true")).await.unwrap();
        drop(store);
        let store = db.open();
        assert_eq!(read(&store, |conn| instance::get(conn, "fact")).await.unwrap().as_deref(), Some("true"));
    }

    async fn nodes_that_start_at_once_migrate_one_after_the_other(db: Database) {
        if !db.is_postgres() {
            return; // a file has one owner
        }
        let mut opening = Vec::new();
        for _ in 0..4 {
            let db = std::sync::Arc::clone(&db);
            opening.push(tokio::task::spawn_blocking(move || db.try_open().map(drop)));
        }
        for opening in opening {
            opening.await.unwrap().unwrap();
        }
    }
}
