//! `tessera backup …`
//!
//! A backup is read by the command itself, from the same data directory and database that a running server works on:
//! the server does nothing for it but write down that it is taken. A restore owns the data directory.

mod archive;
mod create;
mod manifest;
mod restore;
mod scratch;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tessera_model::Result;

use super::{Command, Operator, Output};
use crate::cli::{self, Common};
use crate::control::client;
use crate::data_dir::DataDir;
use crate::system::SystemClock;
use crate::{Failure, instance};

#[derive(Subcommand)]
pub(crate) enum BackupCommand {
    /// Write database, keys, repositories and objects into one file, as they are at one moment.
    Create(CreateArgs),
    /// Put a backup in the place of what is there; the server must be stopped.
    Restore(RestoreArgs),
}

#[derive(Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    common: Common,
    /// The file, or - for standard output. It holds the keys of the instance: keep it where nobody else reads it.
    file: PathBuf,
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    common: Common,
    /// The backup.
    file: PathBuf,
    /// What `tessera audit export` wrote since: tokens that were revoked by it are revoked again.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// Revoke every token. Bots stay; whoever maintains their projects gives them new secrets by rotating.
    #[arg(long, conflicts_with = "keep_all")]
    revoke_all: bool,
    /// Bring every token back as it was, also those that were revoked since.
    #[arg(long)]
    keep_all: bool,
}

/// What is asked of whoever has the instance.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// That a backup is being taken is to be written down.
    Begin { file: String },
}

impl BackupCommand {
    /// Runs it and prints its answer.
    ///
    /// # Errors
    /// One line.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create(args) => create(&args),
            Self::Restore(args) => {
                let output = restore::run(&args)?;
                cli::print(&output.rendered(args.common.json)?)
            }
        }
    }
}

pub(super) async fn execute(operator: &Operator, request: Request) -> Result<Output> {
    let Request::Begin { file } = request;
    operator.service.note_backup(&operator.ask()?, file).await?;
    Ok(Output::default())
}

fn create(args: &CreateArgs) -> Result<(), Failure> {
    let file = (args.file != Path::new("-")).then_some(args.file.as_path());
    create::check(file, args.force)?;
    let told = match file {
        Some(file) => std::path::absolute(file).map_err(Failure::failed)?.display().to_string(),
        None => "standard output".to_owned(),
    };
    client::with_link(&args.common.place, async |link| {
        link.call(Command::Backup(Request::Begin { file: told.clone() })).await
    })?;
    let config = args.common.place.load()?;
    let data = DataDir::prepare(&config.server.data_dir)?;
    let store = instance::store_config(&config, &data);
    let taken = create::create(&store, &data, &SystemClock::new(), file, args.force)?;
    let tokens = taken.rows.get("tokens").copied().unwrap_or(0);
    let output = Output::new(
        format!(
            "{told}: {}, {}, {}, {} bytes",
            counted(taken.rows.get("projects").copied().unwrap_or(0), "project"),
            counted(taken.repositories, "repository"),
            counted(tokens, "token"),
            taken.bytes
        ),
        json!({
            "file": told, "created_at": taken.created_at, "repositories": taken.repositories, "rows": taken.rows,
            "bytes": taken.bytes,
        }),
    )
    .map_err(Failure::failed)?;
    match file {
        Some(_) => cli::print(&output.rendered(args.common.json)?),
        // Standard output holds the backup.
        None => Ok(()),
    }
}

/// A number with its noun.
fn counted(count: u64, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (count, Some(stem)) => format!("{count} {stem}ies"),
        (count, None) => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_nouns() {
        assert_eq!(counted(1, "repository"), "1 repository");
        assert_eq!(counted(0, "repository"), "0 repositories");
        assert_eq!(counted(2, "token"), "2 tokens");
    }
}
