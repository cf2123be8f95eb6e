//! The folders that a backup works in. They go with it; those that a crash left go with the next one.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::data_dir::DataDir;

const PREFIX: &str = "backup-";

/// Where a backup that is being taken keeps what it has so far.
pub(super) struct Scratch {
    /// For texts, in the data directory.
    pub(super) texts: PathBuf,
    /// For links to objects, on the file system of the repositories.
    pub(super) links: PathBuf,
    /// Held while it is in use.
    _lock: File,
}

impl Scratch {
    /// Makes the folders, after removing what earlier ones left.
    pub(super) fn new(data: &DataDir) -> io::Result<Self> {
        let (texts, links) = (data.join("tmp"), data.join("repositories/@tmp"));
        private(&links)?;
        for name in names(&texts)? {
            if !in_use(&texts.join(&name)) {
                remove(&links.join(&name))?;
                remove(&texts.join(&name))?;
            }
        }
        let name = format!("{PREFIX}{}", std::process::id());
        let (texts, links) = (texts.join(&name), links.join(&name));
        private(&texts)?;
        let lock = File::create(texts.join("lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        remove(&links)?;
        private(&links)?;
        Ok(Self { texts, links, _lock: lock })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = remove(&self.links);
        let _ = remove(&self.texts);
    }
}

/// Whether a backup of this data directory is being taken.
pub(super) fn is_busy(data: &DataDir) -> io::Result<bool> {
    let texts = data.join("tmp");
    Ok(names(&texts)?.iter().any(|name| in_use(&texts.join(name))))
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        if let Ok(name) = entry?.file_name().into_string()
            && name.starts_with(PREFIX)
        {
            names.push(name);
        }
    }
    Ok(names)
}

fn in_use(folder: &Path) -> bool {
    let lock = File::open(folder.join("lock"));
    lock.is_ok_and(|lock| flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err())
}

/// Makes a folder for its owner alone.
pub(super) fn private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Removes a folder, if it is there.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_left_goes_and_what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::prepare(folder.path()).unwrap();
        for left in ["tmp/backup-1", "repositories/@tmp/backup-1", "tmp/other"] {
            fs::create_dir_all(data.join(left)).unwrap();
        }
        assert!(!is_busy(&data).unwrap());
        let scratch = Scratch::new(&data).unwrap();
        assert!(is_busy(&data).unwrap());
        assert!(!data.join("tmp/backup-1").exists() && !data.join("repositories/@tmp/backup-1").exists());
        assert!(data.join("tmp/other").exists() && scratch.links.exists());
        drop(scratch);
        assert!(!is_busy(&data).unwrap());
        assert_eq!(fs::read_dir(data.join("repositories/@tmp")).unwrap().count(), 0);
    }
}
