//! Names for temporary files and folders, removed on drop.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A name no other part of this process uses; other processes are told apart by their number, and remains of a dead
/// one with the same number by trying the next name.
fn name() -> String {
    format!("{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

fn first_free<T>(parent: &Path, mut make: impl FnMut(&Path) -> io::Result<T>) -> io::Result<(T, PathBuf)> {
    loop {
        let path = parent.join(name());
        match make(&path) {
            Ok(product) => return Ok((product, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Makes a file (mode 0600) that the caller removes.
pub(crate) fn file(parent: &Path) -> io::Result<(File, PathBuf)> {
    first_free(parent, |path| File::options().write(true).create_new(true).mode(0o600).open(path))
}

/// A path in `parent` that nothing is at.
pub(crate) fn free_path(parent: &Path) -> PathBuf {
    loop {
        let path = parent.join(name());
        if fs::symlink_metadata(&path).is_err() {
            return path;
        }
    }
}

/// A folder (mode 0700) that is removed with all its content when this is dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(parent: &Path) -> io::Result<Self> {
        let ((), path) = first_free(parent, |path| DirBuilder::new().mode(0o700).create(path))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Gone already when it was renamed to its final place.
        drop(fs::remove_dir_all(&self.0));
    }
}
