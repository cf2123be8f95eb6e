//! The command line.

use std::path::PathBuf;
use std::sync::OnceLock;

use clap::{Args, Parser, Subcommand};

use crate::commands::audit::AuditCommand;
use crate::commands::backup::BackupCommand;
use crate::commands::doctor::{self, DoctorArgs};
use crate::commands::feature::FeatureCommand;
use crate::commands::jobs::JobsCommand;
use crate::commands::token::args::TokenCommand;
use crate::commands::user::UserCommand;
use crate::config::Config;
use crate::console::{self, ConsoleArgs};
use crate::{Failure, serve};

/// Tessera hosts Git repositories for people and machines, each with a key of its own.
#[derive(Parser)]
#[command(name = "tessera", version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(Box<ServeArgs>),
    /// Take commands at a prompt, with history and completion.
    Console(ConsoleArgs),
    #[command(flatten)]
    Operation(Operation),
}

/// What is asked of an instance, here and in the console.
#[derive(Subcommand)]
pub(crate) enum Operation {
    /// Make, list, show, revoke, rotate and import tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Make, list, show, block, unblock and delete users, reset their passwords, set up their second factors.
    #[command(subcommand)]
    User(UserCommand),
    /// Turn features on and off, for everyone or for one project.
    #[command(subcommand)]
    Feature(FeatureCommand),
    /// Run scheduled work at once.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Check and read out the audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Take a backup, with the server running or not, and restore one.
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Check the health of the instance: directory, keys, database, repositories, audit log, queues.
    Doctor(DoctorArgs),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// The place that a console was started for.
static OF_ALL: OnceLock<Place> = OnceLock::new();

/// Where an instance is; every command takes these.
#[derive(Args, Clone, Default)]
pub(crate) struct Place {
    /// The data directory [default: ./data].
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// A TOML file with the configuration.
    #[arg(long, value_name = "FILE", env = "TESSERA_CONFIG")]
    pub(crate) config: Option<PathBuf>,
}

impl Place {
    /// The effective configuration.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn load(&self) -> Result<Config, Failure> {
        let of_all = OF_ALL.get();
        let file = self.config.as_ref().or_else(|| of_all?.config.as_ref());
        let folder = self.data_dir.as_ref().or_else(|| of_all?.data_dir.as_ref());
        let mut config = Config::load(file.map(PathBuf::as_path))?;
        if let Some(folder) = folder {
            config.server.data_dir.clone_from(folder);
        }
        Ok(config)
    }

    /// Makes this the place of every later command that names none: the console was told once for all its lines.
    pub(crate) fn stands_for_all(self) {
        let _ = OF_ALL.set(self);
    }
}

/// What every command takes that prints.
#[derive(Args, Clone, Default)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `tessera serve`.
#[derive(Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The address to listen at [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// The URL that clients use.
    #[arg(long, value_name = "URL")]
    pub(crate) external_url: Option<String>,
    /// Keep everything in a temporary directory that is removed at the end.
    #[arg(long, conflicts_with = "data_dir")]
    pub(crate) ephemeral: bool,
    /// Give the administrator this token (for tests; the variable shows in no process list).
    #[arg(long, value_name = "TOKEN", env = "TESSERA_ROOT_TOKEN", hide_env_values = true)]
    pub(crate) root_token: Option<String>,
    /// Give the administrator this password at first start.
    #[arg(long, value_name = "PW", env = "TESSERA_ROOT_PASSWORD", hide_env_values = true)]
    pub(crate) root_password: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the effective configuration with secrets hidden.
    Show(Place),
}

/// Runs a command.
///
/// # Errors
/// What went wrong, in one line.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Serve(args) => serve::run(*args),
        Command::Console(arguments) => console::run(arguments),
        Command::Operation(operation) => operation.run(),
    }
}

impl Operation {
    /// Runs it.
    ///
    /// # Errors
    /// What went wrong, in one line.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Token(command) => command.run(),
            Self::User(command) => command.run(),
            Self::Feature(command) => command.run(),
            Self::Jobs(command) => command.run(),
            Self::Audit(command) => command.run(),
            Self::Backup(command) => command.run(),
            Self::Doctor(args) => doctor::run(&args),
            Self::Config(ConfigCommand::Show(place)) => print(&place.load()?.show()?),
        }
    }
}

/// Writes a result to standard output; a closed pipe is no failure.
///
/// # Errors
/// When it cannot be written, as on a full disk: a token that was made and not shown is lost.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write};
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
