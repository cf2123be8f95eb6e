//! The one place where a child process is described: its environment and its settings.
//!
//! Nothing of this process's environment reaches a child, and nothing that identifies a caller is ever put into
//! arguments or environment: both are visible to every process of the same user.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::config::GitConfig;
use crate::version::Version;

/// References below this prefix belong to the server: never advertised, never pushed to.
pub(crate) const INTERNAL_REFS: &str = "refs/tessera/";

/// Builds commands that all share the same scrubbed surroundings.
#[derive(Debug)]
pub(crate) struct CommandFactory {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(&'static str, OsString)>,
    home: PathBuf,
}

impl CommandFactory {
    /// `config` must hold absolute, resolved folders.
    pub(crate) fn new(config: &GitConfig, version: Version) -> Self {
        let mut settings: Vec<OsString> = FIXED_SETTINGS.iter().map(Into::into).collect();
        let mut hooks = OsString::from("core.hooksPath=");
        hooks.push(&config.hooks_dir);
        settings.push(hooks);
        settings.push(format!("transfer.hideRefs={}", INTERNAL_REFS.trim_end_matches('/')).into());
        settings.push(format!("pack.threads={}", config.pack_threads).into());
        // To the checks of a push the repository itself is an alternate of the quarantine. Its references are looked at
        // anyway; listing them a second time would be one more process of git, and a long one where there are many.
        let nothing = find_program("true".into(), &config.search_path);
        if nothing.is_absolute() {
            let mut list = OsString::from("core.alternateRefsCommand=");
            list.push(nothing);
            settings.push(list);
        }
        if version >= Version::MULTI_PACK_REUSE {
            settings.push("pack.allowPackReuse=multi".into());
        }
        Self {
            program: config.program.clone().into(),
            arguments: settings.into_iter().flat_map(|setting| ["-c".into(), setting]).collect(),
            environment: vec![
                ("PATH", config.search_path.clone()),
                ("HOME", config.home_dir.clone().into()),
                ("LC_ALL", "C".into()),
                ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
                ("GIT_CONFIG_NOSYSTEM", "1".into()),
                ("GIT_ATTR_NOSYSTEM", "1".into()),
                ("GIT_TERMINAL_PROMPT", "0".into()),
                // A pushed refs/replace/* must not change what ancestry checks see.
                ("GIT_NO_REPLACE_OBJECTS", "1".into()),
                ("GIT_LITERAL_PATHSPECS", "1".into()),
                ("GIT_OPTIONAL_LOCKS", "0".into()),
            ],
            home: config.home_dir.clone(),
        }
    }

    /// `git version`, which must work before anything is known about the program.
    pub(crate) fn probe(config: &GitConfig) -> Command {
        let mut command = bare(config.program.as_os_str());
        command.env("PATH", &config.search_path).env("LC_ALL", "C").arg("version");
        command
    }

    /// `git SUBCOMMAND`, to be completed by the caller, with further settings (`name=value`) for this run only. Runs
    /// in `repository` when one is given.
    pub(crate) fn git(&self, settings: &[String], subcommand: &str, repository: Option<&Path>) -> Command {
        let mut command = bare(&self.program);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.args(&self.arguments).current_dir(&self.home);
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        if let Some(path) = repository {
            command.env("GIT_DIR", path);
        }
        command.arg(subcommand);
        command
    }
}

/// The program's full path, if it is a bare name that `search_path` leads to; else as it was.
///
/// A name would be looked up by the child at every start, which then costs a `fork` with a copy of this process's page
/// tables and a failed `exec` for every folder on the way; a path is started by `posix_spawn`.
pub(crate) fn find_program(program: PathBuf, search_path: &OsStr) -> PathBuf {
    if program.as_os_str().as_encoded_bytes().contains(&b'/') {
        return program;
    }
    let runs =
        |path: &PathBuf| path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
    let found = std::env::split_paths(search_path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&program))
        .find(runs);
    found.unwrap_or(program)
}

/// Settings every run gets; the command line outranks whatever a repository's own file says.
const FIXED_SETTINGS: [&str; 21] = [
    // By default git leaves the loose objects of a small push in the page cache.
    "core.fsync=committed",
    "core.fsyncMethod=fsync",
    "core.logAllRefUpdates=false",
    // Larger files are streamed instead of held in memory and compared for deltas.
    "core.bigFileThreshold=32m",
    "safe.directory=*",
    "transfer.fsckObjects=true",
    "receive.fsckObjects=true",
    "fetch.fsckObjects=true",
    "receive.advertisePushOptions=true",
    "receive.advertiseAtomic=true",
    // One pack per push: fewer files to sync than objects one by one.
    "receive.unpackLimit=1",
    "receive.autogc=false",
    "receive.updateServerInfo=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "uploadpack.allowFilter=true",
    // A partial clone asks later for single objects by name.
    "uploadpack.allowAnySHA1InWant=true",
    "lsrefs.unborn=advertise",
    "pack.windowMemory=128m",
    "pack.deltaCacheSize=64m",
    "protocol.version=2",
];

#[expect(clippy::disallowed_methods, reason = "the one place that starts children")]
fn bare(program: &OsStr) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that one signal reaches pack-objects and index-pack below it as well.
    command.process_group(0).kill_on_drop(true);
    command
}
