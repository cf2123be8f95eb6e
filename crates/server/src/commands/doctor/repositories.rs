//! The repositories: git itself, a folder for each project that needs one, and what is in them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tessera_git::{Git, GitError, RepositoryId, snapshot};
use tessera_store::Single;
use tessera_store::query::health;

use super::{Report, some};
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::progress::Progress;
use crate::{Failure, instance};

/// Whether there is a git that serves.
pub(super) fn git(config: &Config, report: &mut Report) -> bool {
    const CHECK: &str = "git";
    // Where the data lies makes no difference to the program.
    let data = DataDir::as_it_is(&config.server.data_dir);
    let probed = instance::git_config(config, &data)
        .and_then(|git| runtime()?.block_on(Git::probe(git)).map_err(Failure::failed));
    match probed {
        Ok(version) => {
            report.ok(CHECK, version.to_string());
            true
        }
        Err(failure) => {
            let fix = "install git 2.39 or newer, or name it by git.program";
            report.fail(CHECK, failure.into_text(), fix);
            false
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::failed)
}

/// Whether projects and folders fit; returns those projects that have one.
pub(super) fn folders(single: &mut Single, data: &DataDir, report: &mut Report) -> Option<Vec<u64>> {
    const CHECK: &str = "repositories";
    let mut expected: BTreeMap<PathBuf, (u64, bool)> = BTreeMap::new();
    let read = health::projects(single, |id, empty| {
        if let Ok(id) = u64::try_from(id) {
            expected.insert(RepositoryId(id).relative_path(), (id, empty));
        }
    });
    if let Err(error) = read {
        report.fail(CHECK, error.to_string(), "the database does not answer");
        return None;
    }
    let found = match snapshot::folders(&data.join("repositories")) {
        Ok(found) => found,
        Err(error) => {
            report.fail(CHECK, error.to_string(), "the folder of repositories cannot be read");
            return None;
        }
    };
    let orphans: Vec<String> = found
        .iter()
        .filter(|folder| !expected.contains_key(*folder))
        .map(|folder| folder.display().to_string())
        .collect();
    let (mut present, mut missing) = (Vec::new(), Vec::new());
    for (folder, (id, empty)) in &expected {
        match (found.binary_search(folder), empty) {
            (Ok(_), _) => present.push(*id),
            // It is made at its first use.
            (Err(_), true) => {}
            (Err(_), false) => missing.push(format!("that of project {id}")),
        }
    }
    if !missing.is_empty() {
        report.fail(
            CHECK,
            format!("missing: {}", some(&missing)),
            "restore a backup, or push the content again",
        );
    } else if orphans.is_empty() {
        report.ok(CHECK, format!("{} folders, each of a project", present.len()));
    }
    if !orphans.is_empty() {
        let fix = "they are removed by a job if their project was deleted just now; else look at them and remove them";
        report.warn(CHECK, format!("of no project: {}", some(&orphans)), fix);
    }
    Some(present)
}

/// Checks every object.
pub(super) fn deep(config: &Config, data: &DataDir, projects: &[u64], report: &mut Report) {
    const CHECK: &str = "objects";
    let mut progress = Progress::new("repositories", Some(projects.len() as u64));
    let mut checked = || -> Result<Vec<String>, Failure> {
        runtime()?.block_on(async {
            let git = Git::open(instance::git_config(config, data)?).await.map_err(Failure::failed)?;
            let mut damaged = Vec::new();
            for id in projects {
                let faults = git.repository(RepositoryId(*id)).fsck().await;
                let faults = faults.or_else(|error| match error {
                    GitError::NotFound => Ok(Vec::new()),
                    other => Err(Failure::failed(other)),
                })?;
                if let Some(first) = faults.first() {
                    damaged.push(format!("project {id} ({first})"));
                }
                progress.step(1);
            }
            Ok(damaged)
        })
    };
    let checked = checked();
    progress.end();
    match checked {
        Ok(damaged) if damaged.is_empty() => {
            report.ok(CHECK, format!("all objects of {} repositories are sound", projects.len()));
        }
        Ok(damaged) => {
            let fix = "restore a backup, or push from a good copy into a new project";
            report.fail(CHECK, format!("damaged: {}", some(&damaged)), fix);
        }
        Err(failure) => report.fail(CHECK, failure.into_text(), "they could not be checked"),
    }
}
