//! The flags of `tessera token …`.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use tessera_model::time::Date;

use super::{Named, Request};
use crate::Failure;
use crate::cli::Common;
use crate::commands::import::args::ImportArgs;
use crate::commands::secret::Secret;
use crate::commands::{Command, import};
use crate::control::client;

/// Where a token's string is taken from when no flag gives one.
const VALUE: &str = "TESSERA_TOKEN_VALUE";

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, once.
    Create(CreateArgs),
    /// List tokens of every kind.
    List(ListArgs),
    /// Show a token.
    Show(NamedArgs),
    /// Revoke a token: from this moment it opens nothing.
    Revoke(NamedArgs),
    /// Revoke a token and print its successor, once.
    Rotate(RotateArgs),
    /// Bring in many tokens from a file.
    Import(Box<ImportArgs>),
}

#[derive(Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    create: Create,
    /// Read the string that the token shall be from standard input.
    #[arg(long, conflicts_with = "value")]
    value_stdin: bool,
}

/// A token to be made.
#[derive(Args, Serialize, Deserialize)]
pub(crate) struct Create {
    /// Whose token it is.
    #[arg(long, value_name = "USERNAME", required_unless_present = "project")]
    pub(crate) user: Option<String>,
    /// Make a project access token, with a bot of its own, for the project of this path or number.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["user", "value", "value_stdin", "impersonation"])]
    pub(crate) project: Option<String>,
    /// The role of a project access token's bot [default: maintainer].
    #[arg(long, value_name = "ROLE", requires = "project")]
    pub(crate) role: Option<String>,
    /// What it is called.
    #[arg(long)]
    pub(crate) name: String,
    /// What it opens, separated by commas.
    #[arg(long, required = true, value_delimiter = ',', value_name = "SCOPES")]
    pub(crate) scopes: Vec<String>,
    /// A remark.
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// The day (YYYY-MM-DD) on which it has ended, at 00:00 UTC.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) expires_at: Option<String>,
    /// The string that the token shall be: 20 characters, or the instance's prefix and 20 or more. For tests;
    /// --value-stdin or the variable `TESSERA_TOKEN_VALUE` shows in no process list.
    #[arg(long, value_name = "STRING")]
    pub(crate) value: Option<Secret>,
    /// Make an impersonation token, which its user does not see.
    #[arg(long)]
    pub(crate) impersonation: bool,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    list: List,
}

/// Which tokens to list.
#[derive(Args, Default, Serialize, Deserialize)]
pub(crate) struct List {
    /// Only this user's.
    #[arg(long, value_name = "USERNAME")]
    pub(crate) user: Option<String>,
    /// Only those of the project of this path or number.
    #[arg(long, value_name = "PATH")]
    pub(crate) project: Option<String>,
    /// Only those in this state.
    #[arg(long, value_parser = ["active", "inactive", "revoked", "expired"])]
    pub(crate) state: Option<String>,
    /// Only those of this kind.
    #[arg(long, value_parser = ["personal", "impersonation", "project"])]
    pub(crate) kind: Option<String>,
    /// Only those with this in their name.
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    pub(crate) limit: i64,
}

#[derive(Args)]
pub(crate) struct NamedArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    which: WhichArgs,
}

#[derive(Args)]
pub(crate) struct RotateArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    which: WhichArgs,
    /// The day (YYYY-MM-DD) on which the successor has ended [default: as the instance's policy says].
    #[arg(long, value_name = "DATE", value_parser = day)]
    expires_at: Option<String>,
}

/// A token to get a successor.
#[derive(Serialize, Deserialize)]
pub(crate) struct Rotate {
    pub(crate) named: Named,
    pub(crate) expires_at: Option<String>,
}

#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct WhichArgs {
    /// The token of this number.
    #[arg(long)]
    id: Option<i64>,
    /// The token of this string. For tests; --value-stdin or the variable `TESSERA_TOKEN_VALUE` shows in no
    /// process list.
    #[arg(long, value_name = "STRING")]
    value: Option<Secret>,
    /// The token whose string is the first line of standard input.
    #[arg(long)]
    value_stdin: bool,
}

impl WhichArgs {
    fn named(self) -> Result<Named, Failure> {
        if let Some(id) = self.id {
            return Ok(Named::Id(id));
        }
        let value = match self.value {
            None if self.value_stdin => Some(Secret::from_stdin("token")?),
            None => Secret::from_environment(VALUE),
            given => given,
        };
        let missing = || Failure::Usage(format!("say which token: --id, --value-stdin, --value or {VALUE}"));
        value.map(Named::Value).ok_or_else(missing)
    }
}

/// Reads a date, for the usage error that a wrong one is.
pub(in crate::commands) fn day(text: &str) -> Result<String, String> {
    let date = Date::parse(text).ok_or("a date is written YYYY-MM-DD")?;
    Ok(date.to_string())
}

impl TokenCommand {
    /// Runs it and prints its answer.
    ///
    /// # Errors
    /// One line.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let (common, request) = match self {
            Self::Import(args) => return import::run(*args),
            Self::Create(CreateArgs { common, mut create, value_stdin }) => {
                if value_stdin {
                    create.value = Some(Secret::from_stdin("token")?);
                } else if create.value.is_none() && create.project.is_none() {
                    create.value = Secret::from_environment(VALUE);
                }
                (common, Request::Create(create))
            }
            Self::List(ListArgs { common, list }) => (common, Request::List(list)),
            Self::Show(NamedArgs { common, which }) => (common, Request::Show(which.named()?)),
            Self::Revoke(NamedArgs { common, which }) => (common, Request::Revoke(which.named()?)),
            Self::Rotate(RotateArgs { common, which, expires_at }) => {
                (common, Request::Rotate(Rotate { named: which.named()?, expires_at }))
            }
        };
        client::run(&common, Command::Token(request))
    }
}
