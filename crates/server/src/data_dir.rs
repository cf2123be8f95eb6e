//! The data directory: its folders, their modes, and its one owner (D29).

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::Failure;

/// The folders below the data directory.
const FOLDERS: &[&str] = &["secrets", "repositories", "objects", "mail", "tmp", "run"];

/// How long a process waits for a data directory that another one has while no server answers: a server that starts
/// or stops, or a command at work, such as an import.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Between one try to take it and the next.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// The longest path of a socket that every system takes.
const LONGEST_SOCKET: usize = 103;

/// A data directory that exists and is ours to use.
#[derive(Clone, Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Makes what is missing; everything is readable by its owner alone, whatever the umask.
    ///
    /// # Errors
    /// One line that names the folder.
    pub(crate) fn prepare(path: &Path) -> Result<Self, Failure> {
        make(path)?;
        let path = path.canonicalize().map_err(|error| trouble(path, &error))?;
        for folder in FOLDERS {
            make(&path.join(folder))?;
        }
        // A folder that cannot be written is found out now, not in the middle of a request.
        // Each process has a probe of its own: commands and a starting server come at the same moment.
        let probe = path.join("tmp").join(format!("probe-{}", std::process::id()));
        File::create(&probe)
            .and_then(|_| std::fs::remove_file(&probe))
            .map_err(|error| trouble(&probe, &error))?;
        Ok(Self { path })
    }

    /// One that is to be looked at and not to be touched.
    pub(crate) fn as_it_is(path: &Path) -> Self {
        Self { path: path.canonicalize().unwrap_or_else(|_| path.to_owned()) }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A path below the data directory.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The socket through which commands reach a running server.
    pub(crate) fn control_socket(&self) -> PathBuf {
        self.path.join("run").join("control.sock")
    }

    /// Whether sockets can stand here: the system allows them only short paths.
    ///
    /// # Errors
    /// One line that says how short.
    pub(crate) fn takes_sockets(&self) -> Result<(), Failure> {
        let length = self.control_socket().as_os_str().len();
        if length <= LONGEST_SOCKET {
            return Ok(());
        }
        Err(Failure::Failed(format!(
            "{}: the path is {} bytes too long for the sockets of a server",
            self.path.display(),
            length - LONGEST_SOCKET
        )))
    }

    /// Takes the lock of the data directory; it is held until the value is dropped or the process ends.
    ///
    /// # Errors
    /// When another process holds it.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        self.try_lock()?.map_err(|owner| {
            Failure::Failed(format!("{} is in use by another tessera (process {owner})", self.path.display()))
        })
    }

    /// Takes the lock, or says which process holds it.
    ///
    /// # Errors
    /// When the lock's file cannot be opened.
    pub(crate) fn try_lock(&self) -> Result<Result<Lock, String>, Failure> {
        let path = self.path.join("run").join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| trouble(&path, &error))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut owner = String::new();
            let _ = file.read_to_string(&mut owner);
            return Ok(Err(owner.trim().to_owned()));
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(|error| trouble(&path, &error))?;
        Ok(Ok(Lock { _file: file }))
    }
}

/// The lock of a data directory.
pub(crate) struct Lock {
    _file: File,
}

fn trouble(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("{}: {error}", path.display()))
}

fn make(path: &Path) -> Result<(), Failure> {
    match DirBuilder::new().recursive(true).mode(0o700).create(path) {
        Ok(()) => {}
        Err(_) if path.exists() && !path.is_dir() => {
            return Err(Failure::Failed(format!("{} is not a folder", path.display())));
        }
        Err(error) => return Err(trouble(path, &error)),
    }
    let found = std::fs::metadata(path).map_err(|error| trouble(path, &error))?;
    if found.permissions().mode() & 0o777 != 0o700 {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o700))
            .map_err(|error| trouble(path, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_closed_to_others_and_have_one_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        let data = DataDir::prepare(&path).unwrap();
        for name in FOLDERS.iter().chain(&[""]) {
            let mode = std::fs::metadata(data.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{name}");
        }
        let lock = data.lock().unwrap();
        assert_eq!(data.try_lock().unwrap().err(), Some(std::process::id().to_string()));
        drop(lock);
        assert!(data.try_lock().unwrap().is_ok());
    }
}
