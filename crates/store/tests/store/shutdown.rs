//! What becomes of work when its askers or the store go.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use tessera_store::query::features;
use tessera_store::{DbError, StoreConfig};

use crate::harness::{NOW, read, write};

/// Whether a connection of this process holds a SQLite database or one of its companions open.
fn held_open(database: &Path) -> bool {
    let Ok(files) = std::fs::read_dir("/proc/self/fd") else {
        // Elsewhere than on Linux: connections close one after the other, and the last one removes the log.
        return log_of(database).exists();
    };
    let path = database.canonicalize().unwrap().into_os_string().into_string().unwrap();
    // A file that another thread closes meanwhile has no target any more.
    let mut targets = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
    targets.any(|target| target.to_string_lossy().starts_with(&path))
}

fn log_of(database: &Path) -> PathBuf {
    database.with_extension("db-wal")
}

both! {
    async fn work_that_waits_when_the_store_goes_is_answered(db: Database) {
        let store = db.open();
        let mut running = Vec::new();
        for number in 0..100 {
            let store = store.clone();
            running.push(tokio::spawn(async move {
                // The handle is dropped as soon as the work is asked for.
                let name = format!("f{number:03}");
                let work = store.write(move |conn| features::add(conn, &name, NOW));
                let answer: Result<(), DbError> = work.await;
                drop(store);
                answer
            }));
        }
        drop(store);
        for running in running {
            running.await.unwrap().unwrap();
        }
        let store = db.open();
        assert_eq!(read(&store, features::names).await.unwrap().len(), 100);
    }

    async fn a_write_whose_asker_went_away_is_done_all_the_same(db: Database) {
        let store = db.open();
        let (entered, mut has_entered) = tokio::sync::mpsc::unbounded_channel();
        let (go_on, told_to) = mpsc::channel();
        let asking = tokio::spawn({
            let store = store.clone();
            async move {
                write(&store, move |conn| {
                    let _ = entered.send(());
                    let _ = told_to.recv();
                    features::add(conn, "one", NOW)
                }).await
            }
        });
        has_entered.recv().await.unwrap();
        asking.abort();
        assert!(asking.await.is_err());
        go_on.send(()).unwrap();
        drop(store); // waits for the threads
        let store = db.open();
        assert_eq!(read(&store, features::names).await.unwrap(), ["one"]);
    }

    async fn work_may_hold_the_last_handle(db: Database) {
        for writes in [true, false] {
            let store = db.open();
            let held = store.clone();
            let (entered, has_entered) = tokio::sync::oneshot::channel();
            let entered = std::sync::Mutex::new(Some(entered));
            let (go_on, told_to) = mpsc::channel();
            let asking = tokio::spawn(async move {
                let action = move |_: &mut dyn tessera_store::Conn| {
                    let _holding = &held;
                    let entered = entered.lock().unwrap().take();
                    entered.map(|entered| entered.send(()));
                    let _ = told_to.recv();
                    Ok(())
                };
                if writes { write(&store, action).await } else { read(&store, action).await }
            });
            has_entered.await.unwrap();
            if let StoreConfig::Sqlite(path) = &db.config {
                assert!(held_open(path), "or the look below would prove nothing");
            }
            asking.abort(); // the closure on its thread holds the only handle now
            assert!(asking.await.is_err());
            go_on.send(()).unwrap();
            // The threads end, though nobody waits for them.
            if let StoreConfig::Sqlite(path) = &db.config {
                while held_open(path) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                assert!(!log_of(path).exists(), "the last connection was not alone when it closed");
            }
            let store = db.open();
            write(&store, |conn| features::add(conn, "one", NOW)).await.unwrap();
        }
    }
}
