//! What a look promises: all that a read does, wherever it runs.

use std::sync::{Arc, Barrier};

use tessera_store::query::features;
use tessera_store::{Conn, DbError, Store};

use crate::harness::{NOW, read, write};

async fn look<T: Send + 'static>(
    store: &Store,
    action: impl Fn(&mut dyn Conn) -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    store.look(action).await
}

both! {
    async fn a_look_sees_what_was_answered_before_it(db: Database) {
        let store = db.open();
        let mut expected = Vec::new();
        for number in 0..50 {
            let name = format!("f{number:02}");
            expected.push(name.clone());
            write(&store, move |conn| features::add(conn, &name, NOW)).await.unwrap();
            assert_eq!(look(&store, features::names).await.unwrap(), expected);
        }
    }

    async fn a_look_cannot_write(db: Database) {
        let store = db.open();
        let answer = look(&store, |conn| features::add(conn, "one", NOW)).await;
        assert!(answer.is_err(), "{answer:?}");
        assert!(look(&store, features::names).await.unwrap().is_empty());
    }

    async fn a_panic_in_a_look_ends_it_and_nothing_else(db: Database) {
        let store = db.open();
        for _ in 0..20 {
            let answer = look(&store, |conn| {
                let rows = conn.rows("SELECT 1", &[])?;
                assert!(rows.is_empty(), "a fault in the code of a query");
                Ok(())
            }).await;
            assert!(matches!(answer, Err(DbError::Panicked)), "{answer:?}");
        }
        assert!(look(&store, features::names).await.unwrap().is_empty());
    }

    async fn its_queries_see_one_state(db: Database) {
        let store = db.open();
        // The look waits in its middle until a write was answered.
        let (between, written) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let looking = std::thread::spawn({
            let (store, between, written) = (store.clone(), Arc::clone(&between), Arc::clone(&written));
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(look(&store, move |conn| {
                    let before = features::names(conn)?;
                    between.wait();
                    written.wait();
                    Ok((before, features::names(conn)?))
                }))
            }
        });
        tokio::task::spawn_blocking(move || between.wait()).await.unwrap();
        write(&store, |conn| features::add(conn, "one", NOW)).await.unwrap();
        // A look beside it goes its own way.
        assert_eq!(look(&store, features::names).await.unwrap(), ["one"]);
        tokio::task::spawn_blocking(move || written.wait()).await.unwrap();
        let (before, after) = tokio::task::spawn_blocking(|| looking.join().unwrap()).await.unwrap().unwrap();
        assert_eq!((before, after), (Vec::<String>::new(), Vec::new()));
    }

    async fn more_looks_than_connections_wait_for_a_thread(db: Database) {
        let store = db.open();
        let mut looking = Vec::new();
        for _ in 0..16 {
            let store = store.clone();
            looking.push(std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    for _ in 0..50 {
                        look(&store, features::names).await.unwrap();
                    }
                });
            }));
        }
        for looking in looking {
            tokio::task::spawn_blocking(|| looking.join().unwrap()).await.unwrap();
        }
    }

    async fn statements_are_counted_for_whoever_asks(db: Database) {
        let store = db.open();
        let before = store.statements();
        look(&store, features::names).await.unwrap();
        read(&store, features::names).await.unwrap();
        write(&store, |conn| features::add(conn, "one", NOW)).await.unwrap();
        assert_eq!(store.statements() - before, 3);
        let refused = write(&store, |conn| {
            features::add(conn, "two", NOW)?;
            features::names(conn)?;
            Err::<(), _>(DbError::Conflict)
        });
        refused.await.unwrap_err();
        assert_eq!(store.clone().statements() - before, 5, "what was undone was run too");
        assert_eq!(db.open().statements(), 0, "each handle that was opened counts its own");
    }
}
