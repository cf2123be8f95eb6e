//! The files of SQLite: ours alone, and the log of bounded length.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tessera_store::query::instance;
use tessera_store::{DbError, Store, StoreConfig};

use crate::harness::{clock, read, run, write};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn sqlite(path: &Path) -> Result<Store, DbError> {
    Store::open(&StoreConfig::Sqlite(path.to_owned()), clock())
}

#[test]
fn every_file_is_ours_alone_whatever_the_umask() {
    // The umask belongs to the whole process: a process of its own for it.
    if std::env::var_os("TESSERA_TEST_UMASK").is_none() {
        let here = std::env::current_exe().unwrap();
        let test = "sqlite_files::every_file_is_ours_alone_whatever_the_umask";
        #[expect(clippy::disallowed_methods, reason = "the umask is a matter of a whole process")]
        let output = std::process::Command::new("sh")
            .args(["-c", "umask 000 && exec \"$0\" --exact \"$1\""])
            .args([here.as_os_str(), test.as_ref()])
            .env("TESSERA_TEST_UMASK", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let db = crate::harness::Database::sqlite();
    let StoreConfig::Sqlite(path) = db.config.clone() else { unreachable!() };
    let folder = path.parent().unwrap().to_owned();
    run(Some(db), |db| async move {
        let probe = folder.join("probe");
        fs::write(&probe, "").unwrap();
        assert_eq!(mode(&probe), 0o666, "the umask is not what the test needs");
        let store = db.open();
        write(&store, |conn| instance::put(conn, "fact", "1")).await.unwrap();
        let mut seen = Vec::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path != probe {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                seen.push(path.extension().unwrap_or_default().to_owned());
            }
        }
        seen.sort();
        assert_eq!(seen, ["db", "db-shm", "db-wal"]);
    });
}

#[test]
fn a_file_that_others_may_read_is_closed_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tessera.db");
    drop(sqlite(&path).unwrap());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    drop(sqlite(&path).unwrap());
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn what_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such/folder/tessera.db");
    let error = sqlite(&missing).map(drop).unwrap_err();
    assert!(matches!(error, DbError::Unavailable(_)), "{error}");
    assert!(error.to_string().contains("no/such/folder/tessera.db"), "{error}");
    let other = folder.path().join("letter.txt");
    fs::write(&other, "Dear SQLite, I am a letter and no database. ".repeat(50)).unwrap();
    let error = sqlite(&other).map(drop).unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[test]
fn the_log_is_gone_at_the_end() {
    let db = crate::harness::Database::sqlite();
    let StoreConfig::Sqlite(path) = db.config.clone() else { unreachable!() };
    run(Some(db), |db| async move {
        let store = db.open();
        for number in 0..50 {
            write(&store, move |conn| instance::put(conn, &format!("fact {number}"), "1")).await.unwrap();
        }
        let log = path.with_extension("db-wal");
        assert!(log.exists());
        drop(store);
        assert!(!log.exists());
    });
}

#[test]
fn a_full_disk_is_told_to_everyone_it_hits_and_passes() {
    run(Some(crate::harness::Database::sqlite()), |db| async move {
        let store = db.open();
        // One thread writes: a limit on its connection is a small disk.
        write(&store, |conn| {
            let pages = conn.number("SELECT page_count FROM pragma_page_count", &[])?;
            conn.rows(&format!("PRAGMA max_page_count = {}", pages + 20), &[])
        })
        .await
        .unwrap();
        let mut running = Vec::new();
        for number in 0..64 {
            let store = store.clone();
            running.push(tokio::spawn(async move {
                write(&store, move |conn| instance::put(conn, &format!("fact {number}"), &"x".repeat(9000)))
                    .await
            }));
        }
        let (mut kept, mut told) = (Vec::new(), 0);
        for (number, running) in running.into_iter().enumerate() {
            match running.await.unwrap() {
                Ok(()) => kept.push(format!("fact {number}")),
                Err(DbError::Unavailable(_)) => told += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert!(told > 40, "{told}");
        let mut names = read(&store, |conn| {
            let rows = conn.rows("SELECT name FROM instance WHERE name LIKE 'fact %'", &[])?;
            rows.into_iter().map(|row| row.cells().text()).collect::<Result<Vec<_>, _>>()
        })
        .await
        .unwrap();
        names.sort();
        kept.sort();
        assert_eq!(names, kept, "what was answered is there, and nothing else");
        // Room again.
        write(&store, |conn| conn.rows("PRAGMA max_page_count = 4294967294", &[])).await.unwrap();
        write(&store, |conn| instance::put(conn, "fact", &"x".repeat(100_000))).await.unwrap();
    });
}
