//! What becomes of work when its askers or the store go.

use std::time::Duration;

use tessera_store::query::features;
use tessera_store::{DbError, StoreConfig};

use crate::harness::{NOW, read, write};

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
        let asking = tokio::spawn({
            let store = store.clone();
            async move {
                write(&store, move |conn| {
                    let _ = entered.send(());
                    std::thread::sleep(Duration::from_millis(100));
                    features::add(conn, "one", NOW)
                }).await
            }
        });
        has_entered.recv().await.unwrap();
        asking.abort();
        assert!(asking.await.is_err());
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
            let asking = tokio::spawn(async move {
                let action = move |_: &mut dyn tessera_store::Conn| {
                    let _holding = &held;
                    let entered = entered.lock().unwrap().take();
                    entered.map(|entered| entered.send(()));
                    std::thread::sleep(Duration::from_millis(100));
                    Ok(())
                };
                if writes { write(&store, action).await } else { read(&store, action).await }
            });
            has_entered.await.unwrap();
            asking.abort(); // the closure on its thread holds the only handle now
            assert!(asking.await.is_err());
            // The threads end, though nobody waits: the last connection to a file takes its companions
            // with it.
            if let StoreConfig::Sqlite(path) = &db.config {
                let mut looks = 0;
                while path.with_extension("db-wal").exists() {
                    looks += 1;
                    assert!(looks < 100, "a thread still holds the file");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            let store = db.open();
            write(&store, |conn| features::add(conn, "one", NOW)).await.unwrap();
        }
    }
}
