//! Repositories on disk, and every child process of the program.
//!
//! All work but reading for pages is done by the system's git through its plumbing commands. [`Git`] is opened once; [`Git::repository`]
//! gives the handle of one repository, on which everything else is a method:
//!
//! - [`Repository::advertise`], [`Repository::upload_pack`], [`Repository::receive_pack`] and
//!   [`Repository::archive`] stream between git and a client with bounded memory;
//! - [`hook`] carries the question of git's pre-receive hook to the server and its verdict back;
//! - reading and writing from the API are methods of [`Repository`] too;
//! - [`Repository::browse`] reads for pages, in this process.
//!
//! A repository whose folder does not exist (yet) reads as an empty one. Whether a project exists is not known here.

pub mod browse;
mod command;
mod config;
mod durable;
mod error;
pub mod hook;
mod layout;
mod maintenance;
mod oid;
mod plumbing;
mod process;
mod read;
pub mod refname;
mod repository;
mod service;
mod slots;
pub mod snapshot;
mod temporary;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod treepath;
mod version;
mod write;

use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;

pub use config::GitConfig;
pub use error::{Conflict, GitError, Rejected, Result};
pub use oid::{ObjectKind, Oid};
pub use read::{
    Annotation, ArchiveFormat, Branch, Commit, DiffStats, EntryKind, File, Log, LogStart, Signature, Tag,
    TreeEntry,
};
pub use repository::{Repository, RepositoryId};
pub use service::{AbortHandle, Protocol, ReceiveOptions, Service, ServiceOutput, Transport, UploadOptions};
pub use version::Version;
pub use write::{Action, Change, CommitRequest, RefChange};

use command::CommandFactory;
use layout::Spare;

/// The git program and the folder of repositories. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Git {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    /// With all folders absolute and free of symbolic links.
    pub(crate) config: GitConfig,
    pub(crate) version: Version,
    pub(crate) commands: CommandFactory,
    pub(crate) services_lane: Arc<Semaphore>,
    pub(crate) commands_lane: Arc<Semaphore>,
    pub(crate) browse_lane: Arc<Semaphore>,
    pub(crate) spare: Spare,
}

impl Git {
    /// Checks the git program, makes the folders and installs the hook. Must run inside a tokio runtime.
    ///
    /// Fails with [`GitError::Missing`] or [`GitError::TooOld`] when there is no usable git.
    pub async fn open(mut config: GitConfig) -> Result<Self> {
        config.program = command::find_program(config.program, &config.search_path);
        let version = probe(&config).await?;
        let config = blocking("prepare the folders of git", move || prepare(config)).await?;
        let commands = CommandFactory::new(&config, version);
        let inner = Inner {
            version,
            commands,
            services_lane: Arc::new(Semaphore::new(config.max_services.max(1))),
            commands_lane: Arc::new(Semaphore::new(config.max_commands.max(1))),
            browse_lane: Arc::new(Semaphore::new(config.max_commands.max(1))),
            spare: Spare::new(&config.repositories_dir, &config.default_branch),
            config,
        };
        let git = Self { inner: Arc::new(inner) };
        git.lay_ready();
        Ok(git)
    }

    /// Sees to it that an empty repository lies ready, some time soon.
    pub(crate) fn lay_ready(&self) {
        let spare = self.inner.spare.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = spare.lay_ready() {
                // The next repository is made when it is needed.
                tracing::warn!(%error, "no repository could be laid ready");
            }
        });
    }

    /// The version of the git program that would be used; changes nothing.
    ///
    /// Fails as [`Git::open`] does when there is no usable git.
    pub async fn probe(mut config: GitConfig) -> Result<Version> {
        config.program = command::find_program(config.program, &config.search_path);
        probe(&config).await
    }

    /// The version of the git program in use.
    pub fn version(&self) -> Version {
        self.inner.version
    }

    /// Bytes that are free for this process, and bytes in all, on the disk with the repositories.
    ///
    /// # Errors
    /// When the system does not say.
    pub async fn space(&self) -> Result<(u64, u64)> {
        let folder = self.inner.config.repositories_dir.clone();
        blocking("ask for the space on the disk", move || {
            let found = rustix::fs::statvfs(&folder)?;
            Ok((found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize)))
        })
        .await
    }

    /// The repository of a project. Touches nothing on disk.
    pub fn repository(&self, id: RepositoryId) -> Repository {
        Repository::new(self.clone(), id)
    }
}

impl Inner {
    /// Scratch space on the same file system as the repositories.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.config.repositories_dir.join("@tmp")
    }

    /// The permanently empty repository that stands in for those without a folder.
    pub(crate) fn empty_repository(&self) -> PathBuf {
        self.config.home_dir.join("empty.git")
    }

    /// Refuses when the hook could not run: git would skip it in silence and accept the push unjudged.
    pub(crate) fn require_hook(&self) -> Result<()> {
        let hook = self.config.hooks_dir.join(hook::HOOK_NAME);
        rustix::fs::access(&hook, rustix::fs::Access::EXEC_OK).map_err(|error| GitError::Io {
            context: "find the pre-receive hook program",
            source: error.into(),
        })
    }
}

/// Runs file work off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    context: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(GitError::io(context)),
        Err(lost) => Err(GitError::Io { context, source: io::Error::other(lost) }),
    }
}

async fn probe(config: &GitConfig) -> Result<Version> {
    let missing = |source| GitError::Missing { program: config.program.clone(), source };
    let answer = CommandFactory::probe(config).output().await.map_err(missing)?;
    let text = String::from_utf8_lossy(&answer.stdout);
    let Some(found) = Version::parse(&text) else {
        return Err(missing(io::Error::other("it does not answer `git version` as git does")));
    };
    if found < Version::OLDEST { Err(GitError::TooOld { found }) } else { Ok(found) }
}

fn prepare(mut config: GitConfig) -> io::Result<GitConfig> {
    for folder in [&mut config.repositories_dir, &mut config.home_dir, &mut config.hooks_dir] {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&*folder)?;
        // git names folders by their real path, and what the hook reports is compared with it.
        *folder = folder.canonicalize()?;
    }
    std::fs::create_dir_all(config.repositories_dir.join("@tmp"))?;
    install_hook(&config.hooks_dir, &config.hook_program)?;
    let empty = config.home_dir.join("empty.git");
    if !empty.join("HEAD").exists() {
        layout::make(&config.home_dir, &empty, &config.default_branch)?;
    }
    Ok(config)
}

fn install_hook(folder: &Path, program: &Path) -> io::Result<()> {
    let hook = folder.join(hook::HOOK_NAME);
    let program = std::path::absolute(program)?;
    if std::fs::read_link(&hook).is_ok_and(|target| target == program) {
        return Ok(());
    }
    // Replaced in one step: a push that is under way never sees the folder without its hook.
    let fresh = temporary::free_path(folder);
    symlink(&program, &fresh)?;
    std::fs::rename(&fresh, &hook)
}
