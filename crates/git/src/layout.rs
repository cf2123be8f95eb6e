//! The empty repository: how it is made, and the spare one that lies ready.
//!
//! Making one means several files and folders to sync, which is a good part of the time of a small first push. So one
//! is always made ahead, and taking it is a single rename.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::{durable, temporary};

/// Fills an existing empty folder with what git takes for a bare repository. It may still vanish with the power.
pub(crate) fn write(folder: &Path, default_branch: &str) -> io::Result<()> {
    for name in ["objects", "objects/info", "objects/pack", "refs", "refs/heads", "refs/tags"] {
        fs::create_dir(folder.join(name))?;
    }
    let config = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";
    fs::write(folder.join("config"), config)?;
    fs::write(folder.join("HEAD"), format!("ref: refs/heads/{default_branch}\n"))
}

/// Makes durable what [`write()`] wrote.
fn sync(folder: &Path) -> io::Result<()> {
    ["config", "HEAD", "objects", "refs", ""].iter().try_for_each(|name| durable::sync(&folder.join(name)))
}

/// Makes a repository at `place` out of a new folder in `scratch`. When another one got there first, that one stays.
/// The caller makes the place durable.
pub(crate) fn make(scratch: &Path, place: &Path, default_branch: &str) -> io::Result<()> {
    let fresh = temporary::Folder::new(scratch)?;
    write(fresh.path(), default_branch)?;
    sync(fresh.path())?;
    put_in_place(fresh.path(), place)
}

fn put_in_place(fresh: &Path, place: &Path) -> io::Result<()> {
    match fs::rename(fresh, place) {
        Ok(()) => Ok(()),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists)
                && place.join("HEAD").exists() =>
        {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Where an empty repository with the usual default branch lies ready.
///
/// It appears there in one step when it is complete and synced, and goes in one step to where it is needed, so that
/// several tasks, processes and machines may share it; whoever finds none makes one.
#[derive(Debug, Clone)]
pub(crate) struct Spare {
    folder: PathBuf,
    default_branch: String,
}

impl Spare {
    /// In a folder of its own on the file system of the repositories. Touches nothing on disk.
    pub(crate) fn new(repositories: &Path, default_branch: &str) -> Self {
        Self { folder: repositories.join("@spare"), default_branch: default_branch.to_owned() }
    }

    /// Named after the branch, so that one made for another setting is never taken for this one's.
    fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.git", self.default_branch.replace('/', "@")))
    }

    /// Whether it is a repository with this default branch.
    pub(crate) fn serves(&self, default_branch: &str) -> bool {
        self.default_branch == default_branch
    }

    /// Moves it to `place`; false when there is none. When another repository got there first, that one stays.
    pub(crate) fn take(&self, place: &Path) -> io::Result<bool> {
        match put_in_place(&self.path(), place) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes one, unless there is one.
    pub(crate) fn lay_ready(&self) -> io::Result<()> {
        let place = self.path();
        if place.join("HEAD").exists() {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        make(&self.folder, &place, &self.default_branch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spare_is_taken_once_and_only_for_its_branch() {
        let root = tempfile::tempdir().unwrap();
        let spare = Spare::new(root.path(), "main");
        assert!(spare.serves("main") && !spare.serves("trunk"));
        let place = |name: &str| root.path().join(name);
        assert!(!spare.take(&place("a")).unwrap(), "nothing was laid ready");
        spare.lay_ready().unwrap();
        spare.lay_ready().unwrap();
        assert_eq!(fs::read_dir(root.path().join("@spare")).unwrap().count(), 1);
        assert!(spare.take(&place("a")).unwrap());
        assert_eq!(fs::read_to_string(place("a").join("HEAD")).unwrap(), "ref: refs/heads/main\n");
        assert!(place("a/objects/pack").is_dir());
        assert!(!spare.take(&place("b")).unwrap(), "it is gone");
    }

    #[test]
    fn a_repository_that_was_there_first_stays() {
        let root = tempfile::tempdir().unwrap();
        let spare = Spare::new(root.path(), "main");
        spare.lay_ready().unwrap();
        let place = root.path().join("a");
        make(root.path(), &place, "trunk").unwrap();
        make(root.path(), &place, "other").unwrap();
        assert!(spare.take(&place).unwrap());
        assert_eq!(fs::read_to_string(place.join("HEAD")).unwrap(), "ref: refs/heads/trunk\n");
        assert!(spare.path().join("HEAD").exists(), "and the spare one lies where it lay");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }
}
