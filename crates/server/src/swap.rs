//! How what was restored takes the place of what was there: one file says that it is to happen, and from then on it
//! happens, however often it is cut. Whoever opens the data directory next goes on with it before anything else.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tessera_service::failpoint;
use tessera_store::{StoreConfig, staging};

use crate::Failure;
use crate::data_dir::DataDir;

/// Where the new state is made.
const FOLDER: &str = "restoring";
/// Where the old state is kept until the next restore.
const KEPT: &str = "replaced";
/// The file that decides.
const READY: &str = "ready.json";
/// The folders of the data directory that change.
pub(crate) const MEMBERS: [&str; 3] = ["secrets", "repositories", "objects"];

/// One thing that takes another one's place, which goes aside.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Move {
    from: PathBuf,
    to: PathBuf,
    aside: PathBuf,
}

/// The folder in which the new state is made.
pub(crate) fn folder(data: &DataDir) -> PathBuf {
    data.join(FOLDER)
}

/// The folder in which the old state is kept.
pub(crate) fn kept(data: &DataDir) -> PathBuf {
    data.join(KEPT)
}

/// The file of a new SQLite database: beside the old one, so that it is renamed and not copied.
pub(crate) fn beside(database: &Path) -> PathBuf {
    with(database, ".restoring")
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether a restore was decided and has not come to its end.
pub(crate) fn is_pending(data: &DataDir) -> bool {
    folder(data).join(READY).exists()
}

/// Looks whether everything can be renamed into its place.
///
/// # Errors
/// One line that names the folder that cannot.
pub(crate) fn check(data: &DataDir) -> Result<(), Failure> {
    let own = fs::metadata(data.path()).map_err(Failure::failed)?.dev();
    for name in MEMBERS {
        let place = data.join(name);
        let found = fs::symlink_metadata(&place).map_err(Failure::failed)?;
        if found.dev() != own || !found.is_dir() {
            return Err(Failure::Failed(format!(
                "{} is a link or a file system of its own, whose place cannot be taken in one step: restore into a \
                 data directory without, then move it",
                place.display()
            )));
        }
    }
    Ok(())
}

/// Removes what a restore that was not decided left.
///
/// # Errors
/// When it cannot be removed.
pub(crate) fn discard(data: &DataDir, store: &StoreConfig) -> Result<(), Failure> {
    gone(fs::remove_dir_all(folder(data)))?;
    if let StoreConfig::Sqlite(path) = store {
        for suffix in ["", "-wal", "-shm"] {
            gone(fs::remove_file(with(&beside(path), suffix)))?;
        }
    }
    Ok(())
}

fn gone(done: io::Result<()>) -> Result<(), Failure> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::failed(error)),
        _ => Ok(()),
    }
}

/// Decides: from here on the new state counts.
///
/// # Errors
/// When it could not be written down; then the old state counts.
pub(crate) fn decide(data: &DataDir, store: &StoreConfig) -> Result<(), Failure> {
    let (folder, kept) = (folder(data), kept(data));
    let mut moves = Vec::new();
    if let StoreConfig::Sqlite(path) = store {
        let inside = path.parent() == Some(data.path());
        let aside = match path.file_name() {
            Some(name) if inside => kept.join(name),
            _ => with(path, ".replaced"),
        };
        for suffix in ["", "-wal", "-shm"] {
            gone(fs::remove_file(with(&aside, suffix)))?;
        }
        // Its log first: a log without its file says nothing, one beside another file would be taken for that one's.
        for suffix in ["-wal", "-shm", ""] {
            let (to, aside) = (with(path, suffix), with(&aside, suffix));
            moves.push(Move { from: with(&beside(path), suffix), to, aside });
        }
    }
    moves.extend(MEMBERS.map(|name| Move {
        from: folder.join(name),
        to: data.join(name),
        aside: kept.join(name),
    }));
    let written = || -> io::Result<()> {
        match fs::remove_dir_all(&kept) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => private(&kept)?,
        }
        for place in &moves {
            if place.from.exists() {
                sync_tree(&place.from)?;
            }
        }
        sync_tree(&folder)?;
        let draft = folder.join("ready.new");
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(&moves)?)?;
        file.sync_all()?;
        File::open(data.path())?.sync_all()?;
        failpoint::reach("before a restore is decided");
        fs::rename(&draft, folder.join(READY))?;
        File::open(&folder)?.sync_all()
    };
    written().map_err(Failure::failed)?;
    failpoint::reach("after a restore was decided");
    Ok(())
}

fn private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)
}

/// Makes everything below a path durable.
fn sync_tree(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // The link to the hook is made again at every start.
            if !entry.file_type()?.is_symlink() {
                sync_tree(&entry.path())?;
            }
        }
    }
    File::open(path)?.sync_all()
}

/// Goes on with a restore that was decided, to its end. The caller has the data directory's lock.
///
/// # Errors
/// One line that says what is in the way; the next one who opens the data directory tries again.
pub(crate) fn finish(data: &DataDir, store: &StoreConfig) -> Result<(), Failure> {
    if !is_pending(data) {
        return Ok(());
    }
    let ready = folder(data).join(READY);
    let stuck = |error: &dyn std::fmt::Display| {
        Failure::Failed(format!("a restore that was begun cannot be ended: {}: {error}", ready.display()))
    };
    let text = fs::read(&ready).map_err(|error| stuck(&error))?;
    let moves: Vec<Move> = serde_json::from_slice(&text).map_err(|error| stuck(&error))?;
    // The database waits for its server; the client cannot wait on a thread of an async runtime.
    let (config, joined) = (store.clone(), std::thread::Builder::new());
    let placed = joined.spawn(move || staging::put_in_place(&config)).map_err(|error| stuck(&error))?;
    placed.join().map_err(|_| stuck(&"the database's thread ended"))?.map_err(|error| stuck(&error))?;
    failpoint::reach("after the database took its place");
    for place in &moves {
        place.take().map_err(|error| stuck(&error))?;
    }
    File::open(data.path()).and_then(|folder| folder.sync_all()).map_err(|error| stuck(&error))?;
    fs::remove_file(&ready).map_err(|error| stuck(&error))?;
    failpoint::reach("after a restore came to its end");
    discard(data, store)
}

impl Move {
    /// Does what is left of it.
    fn take(&self) -> io::Result<()> {
        if !self.from.exists() {
            // It has taken its place; or nothing comes, and what was there is not to stay.
            if self.is_companion() {
                set_aside(&self.to, &self.aside)?;
            }
            return Ok(());
        }
        if self.aside.exists() {
            // What stands in the way now was made by whoever opened the directory meanwhile, and is empty.
            match fs::remove_dir(&self.to) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        } else {
            set_aside(&self.to, &self.aside)?;
        }
        failpoint::reach("between the old and the new");
        fs::rename(&self.from, &self.to)?;
        failpoint::reach("after one thing took its place");
        let sync = |path: &Path| path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all());
        sync(&self.to)?;
        sync(&self.aside)
    }

    /// Whether it is a file that SQLite keeps beside a database.
    fn is_companion(&self) -> bool {
        let name = self.to.to_string_lossy();
        name.ends_with("-wal") || name.ends_with("-shm")
    }
}

fn set_aside(place: &Path, aside: &Path) -> io::Result<()> {
    match fs::rename(place, aside) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
