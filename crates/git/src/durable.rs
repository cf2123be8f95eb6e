//! Files and folders that must outlive a power cut.
//!
//! git syncs the files it writes, but not the folders it puts them into, so that a reference reported as updated
//! could be gone. A [`Mark`] taken before a write finds the folders changed since, to sync just those.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

/// Writes a new file and syncs it. Fails when it exists.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes durable what a file holds, or the entries of a folder.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A moment in the file system's own time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(SystemTime);

impl Mark {
    /// Takes the moment from a file made and removed in `scratch`, a folder on the same file system.
    pub(crate) fn take(scratch: &Path) -> io::Result<Self> {
        let (file, path) = crate::temporary::file(scratch)?;
        let moment = file.metadata().and_then(|meta| meta.modified());
        fs::remove_file(path)?;
        moment.map(Self)
    }

    /// Syncs every folder of a repository whose entries changed since and matter.
    pub(crate) fn sync_changes(self, repository: &Path) -> io::Result<()> {
        // Objects before references: what a reference names must be there when the reference is.
        let objects = repository.join("objects");
        let mut grown = false;
        for entry in fs::read_dir(&objects)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.len() == 2 || name == "pack" {
                self.sync_if_changed(&entry.path())?;
                grown |= self.is_new(&entry);
            }
        }
        // Quarantines come and go here with every push, and at the top git's locks: only what stays needs to be synced.
        if grown {
            sync(&objects)?;
        }
        self.sync_tree(&repository.join("refs"))?;
        if fs::read_dir(repository)?.any(|entry| entry.is_ok_and(|entry| self.is_new(&entry))) {
            sync(repository)?;
        }
        Ok(())
    }

    /// Whether an entry was made since, or may have been.
    fn is_new(self, entry: &fs::DirEntry) -> bool {
        match entry.metadata() {
            // Not every file system says when a file was made; then it was whenever it was written.
            Ok(meta) => meta.created().or_else(|_| meta.modified()).is_ok_and(|made| made >= self.0),
            // Gone again.
            Err(_) => false,
        }
    }

    fn sync_tree(self, folder: &Path) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            // git removes the emptied folders of deleted references at any time.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                self.sync_tree(&entry.path())?;
            }
        }
        self.sync_if_changed(folder)
    }

    fn sync_if_changed(self, folder: &Path) -> io::Result<()> {
        match fs::metadata(folder).and_then(|meta| meta.modified()) {
            Ok(modified) if modified >= self.0 => match sync(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                other => other,
            },
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}
