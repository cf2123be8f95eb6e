//! Real git as a client of the server under test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A working copy with a branch of its own.
pub struct Copy {
    folder: PathBuf,
    branch: String,
    count: u32,
}

fn git(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap()
}

fn line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl Copy {
    pub fn new(folder: PathBuf, branch: &str) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        assert!(git(&folder, &["init", "-q", "-b", branch]).status.success());
        Self { folder, branch: branch.to_owned(), count: 0 }
    }

    /// Commits and pushes; returns the commit and whether git says that the push was accepted.
    pub fn push(&mut self, url: &str) -> (String, bool) {
        self.count += 1;
        std::fs::write(self.folder.join("file"), format!("{} {}\n", self.branch, self.count)).unwrap();
        assert!(git(&self.folder, &["add", "file"]).status.success());
        assert!(git(&self.folder, &["commit", "-q", "-m", "one more"]).status.success());
        let commit = line(&git(&self.folder, &["rev-parse", "HEAD"]));
        let pushed = git(&self.folder, &["push", "-q", url, &self.branch]);
        (commit, pushed.status.success())
    }

    /// Whether a commit is an ancestor of another one (or the same), as this copy knows them.
    pub fn contains(&self, tip: &str, commit: &str) -> bool {
        git(&self.folder, &["merge-base", "--is-ancestor", commit, tip]).status.success()
    }
}

/// The commit of a branch on the server.
pub fn tip(url: &str, branch: &str) -> String {
    let listed = git(Path::new("/"), &["ls-remote", url, &format!("refs/heads/{branch}")]);
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    line(&listed).split('\t').next().unwrap_or_default().to_owned()
}

/// Runs `git fsck` on every repository below a folder.
pub fn fsck_all(folder: &Path) {
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir())
        {
            if entry.path().join("HEAD").exists() {
                let checked = git(&entry.path(), &["fsck", "--full", "--strict", "--no-dangling"]);
                let told = String::from_utf8_lossy(&checked.stderr);
                assert!(checked.status.success(), "{}: {told}", entry.path().display());
            } else {
                waiting.push(entry.path());
            }
        }
    }
}
