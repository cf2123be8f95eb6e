//! A database written out and read in again, on the same back end and on the other one.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use tessera_store::portable::{self, Loading};
use tessera_store::{Conn, DbError, Single, StoreConfig, migration, staging};

use crate::harness::{Database, clock, read, write};
use crate::schema::Filler;

type Texts = BTreeMap<String, Vec<u8>>;

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn another(db: &Database) -> Database {
    let postgres = db.is_postgres();
    aside(move || if postgres { Database::postgres().unwrap() } else { Database::sqlite() }).await
}

async fn written(config: &StoreConfig) -> Texts {
    let config = config.clone();
    aside(move || {
        let mut single = Single::reading(&config).unwrap();
        let dialect = single.dialect();
        let mut texts = Texts::new();
        for table in portable::tables(&mut single, dialect).unwrap() {
            let mut text = Vec::new();
            table.write_out(&mut single, dialect, &mut text).unwrap();
            texts.insert(table.name, text);
        }
        texts
    })
    .await
}

async fn read_into(config: &StoreConfig, texts: Texts) {
    let config = config.clone();
    aside(move || {
        let mut loading = Loading::begin(&config, migration::known().len()).unwrap();
        assert!(loading.tables().eq(texts.keys().map(String::as_str)), "every table has its text");
        for text in texts.values() {
            loading.table(&mut Cursor::new(text)).unwrap();
        }
        loading.finish().unwrap();
    })
    .await;
}

/// Some rows in every table there is, also in those that are yet to be thought of.
async fn full(db: &Arc<Database>) {
    let (store, postgres) = (db.open(), db.is_postgres());
    write(&store, move |conn| {
        let dialect = if postgres { migration::Dialect::Postgres } else { migration::Dialect::Sqlite };
        let tables = portable::tables(conn, dialect)?;
        assert!(tables.len() > 20);
        let filler = Filler::new(conn, postgres)?;
        for table in &tables {
            for _ in 0..3 {
                filler.insert(conn, &table.name, &[], "1")?;
            }
        }
        // SQLite takes any number for a truth value, and the filler gives it one.
        let mut table = "";
        for line in include_str!("../../migrations/0001_initial.sql").lines().filter(|_| !postgres) {
            table = line.strip_prefix("CREATE TABLE ").map_or(table, |rest| rest.trim_end_matches(" ("));
            if let Some((column, _)) = line.trim().split_once(" {bool}") {
                conn.exec(&format!("UPDATE {table} SET {column} = ({column} <> 0)"), &[])?;
            }
        }
        // A number that was given and whose row went is not given again.
        let last = conn.number("SELECT MAX(id) FROM jobs", &[])?;
        conn.exec("DELETE FROM jobs WHERE id = ?1", &[last.into()])?;
        // One that points at a younger one, and texts of every kind.
        conn.exec(
            "UPDATE tokens SET previous_id = id + 1, name = ?2 WHERE id = ?1",
            &[1.into(), "a\"\n\u{1F511}é".into()],
        )?;
        Ok(())
    })
    .await
    .unwrap();
}

fn plain(texts: Texts) -> BTreeMap<String, String> {
    // Truth values are the one thing that is spelled in two ways.
    let text = |text: Vec<u8>| String::from_utf8(text).unwrap().replace("true", "1").replace("false", "0");
    texts.into_iter().map(|(name, bytes)| (name, text(bytes))).collect()
}

async fn next_job(config: &StoreConfig) -> i64 {
    let config = config.clone();
    let store = aside(move || tessera_store::Store::open(&config, clock()).unwrap()).await;
    write(&store, |conn| {
        conn.number(
            "INSERT INTO jobs (kind, args, run_at, created_at) VALUES ('x', '', 0, 0) RETURNING id",
            &[],
        )
    })
    .await
    .unwrap()
}

both! {
    async fn every_table_comes_back_and_no_number_twice(db: Database) {
        full(&db).await;
        let texts = written(&db.config).await;
        for (name, text) in &texts {
            assert!(String::from_utf8_lossy(text).lines().count() > 2, "{name} has rows");
        }
        let other = another(&db).await;
        read_into(&other.config, texts.clone()).await;
        assert_eq!(written(&other.config).await, texts);
        assert_eq!(next_job(&other.config).await, next_job(&db.config).await);
        aside(move || drop(other)).await;
    }

    async fn a_page_ends_between_any_two_rows(db: Database) {
        let store = db.open();
        write(&store, |conn| {
            for number in 0..4001_i64 {
                let args = [format!("name {number}").into(), number.into()];
                conn.exec("INSERT INTO features (name, created_at) VALUES (?1, ?2)", &args)?;
            }
            Ok(())
        }).await.unwrap();
        let texts = written(&db.config).await;
        assert_eq!(String::from_utf8_lossy(&texts["features"]).lines().count(), 4002);
    }

    async fn what_points_at_nothing_is_not_read_in(db: Database) {
        full(&db).await;
        let mut texts = written(&db.config).await;
        let users = String::from_utf8(texts.remove("users").unwrap()).unwrap();
        texts.insert("users".to_owned(), format!("{}\n", users.lines().next().unwrap()).into_bytes());
        let other = another(&db).await;
        let config = other.config.clone();
        let refused = aside(move || {
            let mut loading = Loading::begin(&config, migration::known().len()).unwrap();
            for text in texts.values() {
                loading.table(&mut Cursor::new(text)).unwrap();
            }
            loading.finish().unwrap_err()
        }).await;
        assert!(matches!(refused, DbError::Failed(_)), "{refused}");
        let nothing = other.config.clone();
        assert!(aside(move || Single::reading(&nothing).err().is_some()).await, "nothing of it is there");
        aside(move || drop(other)).await;
    }

    async fn a_new_database_takes_the_place_of_the_old_one_whole(db: Database) {
        if !db.is_postgres() {
            return;
        }
        full(&db).await;
        let texts = written(&db.config).await;
        let config = db.config.clone();
        let staged = aside(move || {
            staging::prepare(&config).unwrap();
            staging::prepare(&config).unwrap()
        }).await;
        read_into(&staged, texts.clone()).await;
        let store = db.open();
        write(&store, |conn| conn.exec("DELETE FROM audit_events", &[]).map(drop)).await.unwrap();
        drop(store);
        for _ in 0..2 {
            let config = db.config.clone();
            aside(move || staging::put_in_place(&config).unwrap()).await;
            assert_eq!(written(&db.config).await, texts, "once more changes nothing");
        }
        let next = next_job(&db.config).await;
        assert!(next > 3, "numbers go on: {next}");
        let schema = |conn: &mut dyn Conn| {
            let row = conn.row("SELECT CAST(current_schema() AS TEXT)", &[])?;
            row.unwrap().cells().text()
        };
        let store = db.open();
        let kept = format!("{}_replaced", read(&store, schema).await.unwrap());
        let count = read(&store, move |conn| conn.number(&format!("SELECT COUNT(*) FROM {kept}.audit_events"), &[]));
        assert_eq!(count.await.unwrap(), 0, "the replaced one is kept");
        write(&store, move |conn| {
            let kept = format!("{}_replaced", schema(conn)?);
            conn.batch(&format!("DROP SCHEMA {kept} CASCADE"))
        }).await.unwrap();
    }
}

#[test]
fn a_database_moves_from_one_back_end_to_the_other_and_back() {
    crate::harness::run(Database::postgres(), |postgres| async move {
        let (sqlite, back) = (Arc::new(Database::sqlite()), Database::sqlite());
        full(&sqlite).await;
        let texts = written(&sqlite.config).await;
        read_into(&postgres.config, texts.clone()).await;
        let there = written(&postgres.config).await;
        let (found, expected) = (plain(there.clone()), plain(texts.clone()));
        assert!(found.keys().eq(expected.keys()));
        for (name, text) in found {
            assert_eq!(text, expected[&name], "{name}");
        }
        read_into(&back.config, there).await;
        assert_eq!(written(&back.config).await, texts);
        assert_eq!(next_job(&back.config).await, next_job(&sqlite.config).await);
    });
}

#[test]
fn a_copy_is_of_one_moment_and_holds_nobody_up() {
    crate::harness::run(Some(Database::sqlite()), |db| async move {
        let store = db.open();
        let folder = tempfile::tempdir().unwrap();
        let add = |conn: &mut dyn Conn| {
            for table in ["instance", "settings"] {
                let sql = format!("INSERT INTO {table} (name, value) SELECT COUNT(*) || '', '' FROM {table}");
                conn.exec(&sql, &[])?;
            }
            Ok(())
        };
        for round in 0..5 {
            let writing = tokio::spawn({
                let store = store.clone();
                async move {
                    for _ in 0..50 {
                        write(&store, add).await.unwrap();
                    }
                }
            });
            let (config, copy) = (db.config.clone(), folder.path().join(format!("copy{round}")));
            let counts = aside(move || {
                let mut single = Single::copied(&config, &copy).unwrap();
                let conn: &mut dyn Conn = &mut single;
                ["instance", "settings"]
                    .map(|table| conn.number(&format!("SELECT COUNT(*) FROM {table}"), &[]).unwrap())
            })
            .await;
            assert_eq!(counts[0], counts[1], "both tables are of one moment");
            writing.await.unwrap();
        }
        assert_eq!(
            read(&store, |conn| conn.number("SELECT COUNT(*) FROM settings", &[])).await.unwrap(),
            250
        );
    });
}
