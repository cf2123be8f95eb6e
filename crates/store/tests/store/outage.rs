//! PostgreSQL comes and goes: connections are made anew, and nothing is reported done that is not.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tessera_store::query::{features, settings};
use tessera_store::{Conn, DbError, Store, StoreConfig};

use crate::harness::{Database, NOW, clock, read, run, server_url, write};

/// How long an answer may take that is to come without the database. Nothing at all would come of a fault here.
const SOON: Duration = Duration::from_mins(1);

/// A wire between the store and the server that can be cut.
struct Wire {
    port: u16,
    up: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (up, open) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
        let (is_up, opened) = (Arc::clone(&up), Arc::clone(&open));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Some(server) = is_up.load(Ordering::SeqCst).then(|| TcpStream::connect(&server)) else {
                    continue; // dropped: the client is turned away
                };
                let server = server.unwrap();
                for end in [&client, &server] {
                    end.set_nodelay(true).unwrap();
                    opened.lock().unwrap().push(end.try_clone().unwrap());
                }
                if !is_up.load(Ordering::SeqCst) {
                    cut(&opened); // it went down meanwhile
                }
                carry(client.try_clone().unwrap(), server.try_clone().unwrap());
                carry(server, client);
            }
        });
        Self { port, up, open }
    }

    fn cut(&self) {
        cut(&self.open);
    }

    fn set_up(&self, up: bool) {
        self.up.store(up, Ordering::SeqCst);
        if !up {
            self.cut();
        }
    }
}

fn cut(open: &Mutex<Vec<TcpStream>>) {
    for end in open.lock().unwrap().drain(..) {
        let _ = end.shutdown(Shutdown::Both);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut piece = [0; 8192];
        while let Ok(count) = from.read(&mut piece) {
            if count == 0 || to.write_all(&piece[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    });
}

/// A store behind a wire, where the server listens on TCP.
fn wired(db: &Database) -> Option<(Store, Wire)> {
    let StoreConfig::Postgres(url) = &db.config else { return None };
    let config: postgres::Config = url.parse().unwrap();
    let (Some(postgres::config::Host::Tcp(host)), Some(port)) =
        (config.get_hosts().first(), config.get_ports().first())
    else {
        println!("not run: the server of TEST_DATABASE_URL does not listen on TCP");
        return None;
    };
    let server = format!("{host}:{port}");
    assert!(url.contains(&server), "TEST_DATABASE_URL names host and port");
    let wire = Wire::to(server.clone());
    let url = url.replace(&server, &format!("127.0.0.1:{}", wire.port));
    let store = Store::open(&StoreConfig::Postgres(url), clock()).unwrap();
    Some((store, wire))
}

async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// Asks until the database is there again. The harness limits how long that may take.
async fn once_it_is_back<T, F>(ask: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, DbError>>,
{
    loop {
        match ask().await {
            Err(DbError::Unavailable(_)) => pause(50).await,
            other => return other.unwrap(),
        }
    }
}

#[test]
fn connections_that_were_cut_between_requests_are_not_noticed() {
    run(Database::postgres(), |db| async move {
        let Some((store, wire)) = wired(&db) else { return };
        for round in 0..5 {
            // Once while transactions are begun in advance, once when they rest.
            pause(if round % 2 == 0 { 10 } else { 1300 }).await;
            wire.cut();
            let name = format!("f{round}");
            write(&store, move |conn| features::add(conn, &name, NOW)).await.unwrap();
            wire.cut();
            assert_eq!(read(&store, features::names).await.unwrap().len(), round + 1);
        }
    });
}

#[test]
fn work_whose_connection_breaks_in_the_middle_runs_again() {
    run(Database::postgres(), |db| async move {
        let store = db.open();
        let runs = Arc::new(AtomicU32::new(0));
        for writes in [true, false] {
            runs.store(0, Ordering::SeqCst);
            let runs = Arc::clone(&runs);
            let counted = Arc::clone(&runs);
            let action = move |conn: &mut dyn Conn| {
                if writes {
                    features::add(conn, "one", NOW)?;
                }
                if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                    // The server ends our own connection.
                    conn.rows("SELECT 1 WHERE pg_terminate_backend(pg_backend_pid())", &[])?;
                }
                features::names(conn)
            };
            let answer = if writes { write(&store, action).await } else { read(&store, action).await };
            assert_eq!(answer.unwrap(), ["one"]);
            assert_eq!(runs.load(Ordering::SeqCst), 2);
        }
    });
}

#[test]
fn work_that_always_breaks_its_connection_is_given_up_soon() {
    run(Database::postgres(), |db| async move {
        let store = db.open();
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let answer = write(&store, move |conn| {
            counted.fetch_add(1, Ordering::SeqCst);
            conn.rows("SELECT 1 WHERE pg_terminate_backend(pg_backend_pid())", &[])
        });
        assert!(matches!(answer.await, Err(DbError::Unavailable(_))));
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        write(&store, |conn| features::add(conn, "one", NOW)).await.unwrap();
    });
}

#[test]
fn during_an_outage_everyone_is_told_and_after_it_all_is_well() {
    run(Database::postgres(), |db| async move {
        let Some((store, wire)) = wired(&db) else { return };
        let (mut done, mut told) = (BTreeSet::new(), 0);
        for round in 0..3_usize {
            wire.set_up(false);
            for number in 0..20 {
                let name = format!("f{round}.{number:02}");
                let answer = tokio::time::timeout(
                    SOON,
                    write(&store, {
                        let name = name.clone();
                        move |conn| features::add(conn, &name, NOW)
                    }),
                );
                match answer.await.expect("an answer comes soon") {
                    Ok(()) => _ = done.insert(name),
                    Err(DbError::Unavailable(_)) => told += 1,
                    Err(other) => panic!("{other}"),
                }
                let answer = tokio::time::timeout(SOON, read(&store, features::names));
                assert!(matches!(answer.await, Ok(Err(DbError::Unavailable(_)))));
            }
            wire.set_up(true);
            let names: BTreeSet<_> =
                once_it_is_back(|| read(&store, features::names)).await.into_iter().collect();
            assert_eq!(names, done, "what was answered is there, and nothing else");
            let name = format!("g{round}");
            done.insert(name.clone());
            once_it_is_back(|| {
                let name = name.clone();
                write(&store, move |conn| features::add(conn, &name, NOW))
            })
            .await;
        }
        assert_eq!(told, 60);
    });
}

#[test]
fn no_cut_loses_an_answered_write_or_doubles_one() {
    run(Database::postgres(), |db| async move {
        let Some((store, wire)) = wired(&db) else { return };
        let mut running = Vec::new();
        let answered = Arc::new(AtomicU32::new(0));
        for task in 0..8_i64 {
            let (store, answered) = (store.clone(), Arc::clone(&answered));
            running.push(tokio::spawn(async move {
                let (mut done, mut unknown) = (Vec::new(), Vec::new());
                let mut number = task * 1_000_000;
                while done.len() < 75 {
                    number += 1;
                    let answer = write(&store, move |conn| {
                        conn.exec(
                            "INSERT INTO jobs (kind, args, run_at, created_at) VALUES ('test', '{}', ?1, 0)",
                            &[number.into()],
                        )
                    });
                    match answer.await {
                        Ok(_) => {
                            answered.fetch_add(1, Ordering::SeqCst);
                            done.push(number);
                        }
                        Err(DbError::Unavailable(_)) => unknown.push(number),
                        Err(other) => panic!("{other}"),
                    }
                    pause(5).await;
                }
                (done, unknown)
            }));
        }
        for cut in 1..=10 {
            while answered.load(Ordering::SeqCst) < cut * 55 {
                pause(1).await;
            }
            wire.cut();
        }
        let (mut done, mut unknown) = (Vec::new(), BTreeSet::new());
        for running in running {
            let (d, u) = running.await.unwrap();
            done.extend(d);
            unknown.extend(u);
        }
        let rows = once_it_is_back(|| {
            read(&store, |conn| {
                let rows = conn.rows("SELECT run_at FROM jobs", &[])?;
                rows.into_iter().map(|row| row.cells().int()).collect::<Result<Vec<_>, _>>()
            })
        });
        let rows = rows.await;
        let distinct: BTreeSet<_> = rows.iter().copied().collect();
        assert_eq!(rows.len(), distinct.len(), "no write was done twice");
        assert!(done.iter().all(|number| distinct.contains(number)), "an answered write is missing");
        assert!(distinct.iter().all(|number| done.contains(number) || unknown.contains(number)));
        assert_eq!(done.len(), 600);
    });
}

#[test]
fn a_schema_changed_by_another_node_does_not_disturb() {
    run(Database::postgres(), |db| async move {
        let store = db.open();
        write(&store, |conn| settings::put(conn, "name", "1")).await.unwrap();
        for _ in 0..12 {
            read(&store, |conn| settings::one(conn, "name")).await.unwrap();
        }
        let other = db.open();
        write(&other, |conn| conn.batch("ALTER TABLE settings ALTER COLUMN value TYPE VARCHAR(99)"))
            .await
            .unwrap();
        for _ in 0..12 {
            assert_eq!(read(&store, |conn| settings::one(conn, "name")).await.unwrap().as_deref(), Some("1"));
        }
    });
}

#[test]
fn a_server_that_cannot_be_reached_is_told_without_the_password() {
    let Some(url) = server_url() else { return };
    let config: postgres::Config = url.parse().unwrap();
    let (Some(postgres::config::Host::Tcp(host)), Some(port), Some(_)) =
        (config.get_hosts().first(), config.get_ports().first(), config.get_password())
    else {
        println!("not run: the server of TEST_DATABASE_URL is not on TCP with a password");
        return;
    };
    for wrong in [
        format!("postgres://tessera:hunter2@{host}:{port}/postgres"),
        format!("postgres://hunter2:hunter2@{host}:1/postgres?connect_timeout=1"),
        "postgres://tessera:hunter2@no-such-host.invalid/postgres".to_owned(),
        "postgres://tessera:hunter2@[/postgres".to_owned(),
    ] {
        let config = StoreConfig::Postgres(wrong);
        let error = Store::open(&config, clock()).map(drop).unwrap_err();
        let text = format!("{error} {error:?} {config:?}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
