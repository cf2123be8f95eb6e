//! What a transaction promises: all or nothing, in order, on disk, in a snapshot of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tessera_model::role::Role;
use tessera_store::query::{features, instance, members, projects, settings, tokens};
use tessera_store::{Conn, DbError, Store};

use crate::harness::{NOW, read, write};
use crate::world::World;

const PUT: &str = "INSERT INTO features (name, created_at) VALUES (?1, ?2)";

async fn names(store: &Store) -> Vec<String> {
    read(store, features::names).await.unwrap()
}

both! {
    async fn answered_writes_are_there_after_opening_again_in_their_order(db: Database) {
        let store = db.open();
        for number in 0..40_i64 {
            write(&store, move |conn| conn.exec(
                "INSERT INTO jobs (kind, args, run_at, created_at) VALUES ('test', '{}', ?1, 0)", &[number.into()],
            )).await.unwrap();
        }
        drop(store);
        let store = db.open();
        let order = read(&store, |conn| {
            let rows = conn.rows("SELECT run_at FROM jobs ORDER BY id", &[])?;
            rows.into_iter().map(|row| row.cells().int()).collect::<Result<Vec<_>, _>>()
        });
        assert_eq!(order.await.unwrap(), (0..40).collect::<Vec<_>>());
    }

    async fn an_error_undoes_its_own_closure_only(db: Database) {
        let store = db.open();
        let mut running = Vec::new();
        for number in 0..64 {
            let store = store.clone();
            running.push(tokio::spawn(async move {
                write(&store, move |conn| {
                    conn.exec(PUT, &[format!("f{number:02}").into(), 0.into()])?;
                    if number % 3 == 0 { Err(DbError::Failed("thought better of it".to_owned())) } else { Ok(()) }
                }).await
            }));
        }
        for (number, running) in running.into_iter().enumerate() {
            let answer = running.await.unwrap();
            assert_eq!(answer.is_err(), number % 3 == 0, "{answer:?}");
        }
        let expected: Vec<_> = (0..64).filter(|n| n % 3 != 0).map(|n| format!("f{n:02}")).collect();
        assert_eq!(names(&store).await, expected);
    }

    async fn a_failed_statement_ends_the_transaction_though_the_closure_goes_on(db: Database) {
        let store = db.open();
        write(&store, |conn| conn.exec(PUT, &["taken".into(), 0.into()])).await.unwrap();
        let answer = write(&store, |conn| {
            conn.exec(PUT, &["before".into(), 0.into()])?;
            let refused = conn.exec(PUT, &["taken".into(), 0.into()]);
            assert!(matches!(refused, Err(DbError::Taken(_))), "{refused:?}");
            let after = conn.exec(PUT, &["after".into(), 0.into()]);
            assert!(after.is_err(), "nothing runs after a fault");
            Ok("done")
        });
        let answer = answer.await;
        assert!(matches!(answer, Err(DbError::Taken(_))), "{answer:?}");
        assert_eq!(names(&store).await, ["taken"]);
        // A conflict that is expected is no fault.
        write(&store, |conn| features::add(conn, "taken", NOW)).await.unwrap();
    }

    async fn a_panic_ends_its_closure_and_nothing_else(db: Database) {
        let store = db.open();
        let mut running = Vec::new();
        for number in 0..40 {
            let store = store.clone();
            running.push(tokio::spawn(async move {
                let action = move |conn: &mut dyn Conn| {
                    if number % 4 < 2 {
                        conn.exec(PUT, &[format!("f{number:02}").into(), 0.into()])?;
                    }
                    assert!(number % 2 == 0, "an expected panic in a closure");
                    Ok(())
                };
                if number % 4 < 2 { write(&store, action).await } else { read(&store, action).await }
            }));
        }
        for (number, running) in running.into_iter().enumerate() {
            let answer = running.await.unwrap();
            assert_eq!(matches!(answer, Err(DbError::Panicked)), number % 2 == 1, "{answer:?}");
            assert_eq!(answer.is_ok(), number % 2 == 0, "{answer:?}");
        }
        assert_eq!(names(&store).await.len(), 10);
    }

    async fn concurrent_counting_leaves_no_gap(db: Database) {
        let store = db.open();
        let project = World::make(&store).await.project;
        let mut running = Vec::new();
        for _ in 0..64 {
            let store = store.clone();
            running.push(tokio::spawn(async move {
                write(&store, move |conn| projects::next_bot(conn, project)).await.unwrap()
            }));
        }
        let mut numbers = Vec::new();
        for running in running {
            numbers.push(running.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..64).collect::<Vec<_>>());
    }

    async fn what_only_one_may_do_is_done_once(db: Database) {
        // Each sees that there is nothing yet and adds a row of its own: no unique key helps here.
        let store = db.open();
        let mut running = Vec::new();
        for number in 0..16_i64 {
            let store = store.clone();
            running.push(tokio::spawn(async move {
                write(&store, move |conn| {
                    if conn.number("SELECT COUNT(*) FROM jobs", &[])? > 0 {
                        return Ok(0);
                    }
                    std::thread::sleep(Duration::from_millis(10)); // so that they do meet
                    conn.exec("INSERT INTO jobs (kind, args, run_at, created_at) VALUES ('test', '{}', ?1, 0)",
                        &[number.into()])
                }).await.unwrap()
            }));
        }
        let mut added = 0;
        for running in running {
            added += running.await.unwrap();
        }
        assert_eq!(added, 1);
    }

    async fn who_looks_first_finds_what_came_between(db: Database) {
        // Between its look and its write another one, who does not look, takes the key.
        if !db.is_postgres() {
            return; // nothing comes between: one thread writes
        }
        let store = db.open();
        let (looked, has_looked) = mpsc::channel();
        let (wrote, has_written) = mpsc::channel::<()>();
        let has_written = Mutex::new(has_written);
        let asking = tokio::spawn({
            let store = store.clone();
            async move {
                write(&store, move |conn| {
                    if features::exists(conn, "one")? {
                        return Ok("there already");
                    }
                    looked.send(()).unwrap();
                    let _ = has_written.lock().unwrap().recv(); // at once when it runs again
                    conn.exec(PUT, &["one".into(), 0.into()])?;
                    Ok("made")
                }).await
            }
        });
        tokio::task::spawn_blocking(move || has_looked.recv().unwrap()).await.unwrap();
        write(&store, |conn| conn.exec(PUT, &["one".into(), 0.into()])).await.unwrap();
        drop(wrote);
        let answer = asking.await.unwrap();
        assert!(matches!(answer, Ok("there already")), "{answer:?}");
    }

    async fn reads_see_every_write_that_was_answered(db: Database) {
        let store = db.open();
        for number in 0..100 {
            let text = number.to_string();
            write(&store, move |conn| instance::put(conn, "counter", &text)).await.unwrap();
            let seen = read(&store, |conn| instance::get(conn, "counter")).await.unwrap();
            assert_eq!(seen, Some(number.to_string()));
        }
    }

    async fn a_read_sees_one_state_from_its_first_query_on(db: Database) {
        let store = db.open();
        let (looked, has_looked) = mpsc::channel();
        let (wrote, has_written) = mpsc::channel();
        let has_written = Mutex::new(has_written);
        let reading = tokio::spawn({
            let store = store.clone();
            async move {
                read(&store, move |conn| {
                    let before = features::names(conn)?.len();
                    looked.send(()).unwrap();
                    has_written.lock().unwrap().recv().unwrap();
                    Ok((before, features::names(conn)?.len()))
                }).await
            }
        });
        tokio::task::spawn_blocking(move || has_looked.recv().unwrap()).await.unwrap();
        write(&store, |conn| conn.exec(PUT, &["new".into(), 0.into()])).await.unwrap();
        wrote.send(()).unwrap();
        assert_eq!(reading.await.unwrap().unwrap(), (0, 0));
        assert_eq!(names(&store).await.len(), 1);
    }

    async fn a_read_cannot_write(db: Database) {
        let store = db.open();
        let answer = read(&store, |conn| conn.exec(PUT, &["new".into(), 0.into()])).await;
        assert!(answer.is_err());
        assert_eq!(names(&store).await.len(), 0);
    }

    async fn the_answer_of_a_closure_that_ran_again_is_that_of_the_last_run(db: Database) {
        let store = db.open();
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let answer = write(&store, move |conn| {
            let run = counted.fetch_add(1, Ordering::SeqCst) + 1;
            settings::put(conn, "run", &run.to_string())?;
            Ok(run)
        });
        let answer = answer.await.unwrap();
        assert_eq!(answer, runs.load(Ordering::SeqCst));
        let kept = read(&store, |conn| settings::one(conn, "run")).await.unwrap();
        assert_eq!(kept, Some(answer.to_string()));
    }

    async fn values_come_back_as_they_went_in(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        let found = read(&store, move |conn| tokens::by_digest(conn, &world.digest)).await.unwrap();
        let (token, user) = found.expect("the token is found by its digest");
        assert_eq!((token.id, user.map(|user| user.id)), (world.token, Some(world.bot)));
        let member = read(&store, move |conn| {
            members::find(conn, members::Place::Project(world.project), world.bot)
        });
        assert_eq!(member.await.unwrap().map(|member| member.role), Some(Role::Maintainer));
        // Numbers of every width, as constants and sums give them.
        let row = read(&store, |conn| conn.row(
            "SELECT 1, COUNT(*), MAX(id), CAST(SUM(id) AS BIGINT), NULL, 'text', 1 = 1 FROM users", &[],
        ));
        let mut cells = row.await.unwrap().unwrap().cells();
        assert_eq!(cells.int().unwrap(), 1);
        assert!(cells.int().unwrap() > 0 && cells.int().unwrap() > 0 && cells.int().unwrap() > 0);
        assert_eq!(cells.opt_int().unwrap(), None);
        assert_eq!((cells.text().unwrap().as_str(), cells.bool().unwrap()), ("text", true));
    }

    async fn a_fraction_is_refused(db: Database) {
        let store = db.open();
        let answer = read(&store, |conn| conn.number("SELECT 1.5", &[])).await;
        assert!(matches!(answer, Err(DbError::Shape { found: "a fraction", .. })), "{answer:?}");
    }
}
