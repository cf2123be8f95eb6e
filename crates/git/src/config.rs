//! What the rest of the program decides about git.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Settings of [`Git::open`](crate::Git::open). [`GitConfig::new`] fills in sensible values.
#[derive(Debug, Clone)]
pub struct GitConfig {
    /// The git program: a name to look up in [`search_path`](Self::search_path), or an absolute path.
    pub program: PathBuf,
    /// `PATH` of every child; git needs it to find nothing but itself.
    pub search_path: OsString,
    /// Folder of all repositories. Made when missing.
    pub repositories_dir: PathBuf,
    /// Folder that is `HOME` of every child and holds nothing a child could read. Made when missing.
    pub home_dir: PathBuf,
    /// Folder for `core.hooksPath`; this crate owns its content. Made when missing.
    pub hooks_dir: PathBuf,
    /// The program that runs as pre-receive hook: it is started under a name ending in `pre-receive` and must then
    /// call [`hook::client::main`](crate::hook::client::main). Pushes are refused while it is not executable.
    pub hook_program: PathBuf,
    /// Variables for the git of a push, and with it for the hook program.
    pub hook_environment: Vec<(OsString, OsString)>,
    /// How many clones, fetches and pushes may run at once; more of them wait in order of arrival.
    pub max_services: usize,
    /// How many short commands may run at once. A lane of its own, because the verdict over a push runs such
    /// commands while the push holds its slot. As many threads may read for pages, in a third lane.
    pub max_commands: usize,
    /// How long a process may wait for a slot before [`GitError::Busy`](crate::GitError::Busy).
    pub queue_timeout: Duration,
    /// How long a short command may run.
    pub command_timeout: Duration,
    /// How long a completely received push may run on after its client went away.
    pub run_on_timeout: Duration,
    /// Largest single memory allocation, in bytes, of a process that reads a pushed pack: the bound that stops an
    /// object which unpacks to far more than was sent.
    pub push_allocation_limit: u64,
    /// Threads of one pack computation.
    pub pack_threads: u32,
    /// The branch `HEAD` names in a repository that has no folder yet.
    pub default_branch: String,
}

impl GitConfig {
    /// Everything below `data_dir` (`repositories`, `git-home`, `git-hooks`), git from the `PATH` of this process,
    /// limits for a machine of two cores.
    pub fn new(data_dir: &Path, hook_program: &Path) -> Self {
        Self {
            program: "git".into(),
            search_path: std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()),
            repositories_dir: data_dir.join("repositories"),
            home_dir: data_dir.join("git-home"),
            hooks_dir: data_dir.join("git-hooks"),
            hook_program: hook_program.to_owned(),
            hook_environment: Vec::new(),
            max_services: 16,
            max_commands: 16,
            queue_timeout: Duration::from_secs(30),
            command_timeout: Duration::from_mins(1),
            run_on_timeout: Duration::from_mins(10),
            push_allocation_limit: 1 << 30,
            pack_threads: 2,
            default_branch: "main".to_owned(),
        }
    }
}
