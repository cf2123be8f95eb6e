//! The flags of `tessera token …`.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use tessera_model::time::Date;

use super::many::Many;
use super::select::Select;
use super::{Named, Request};
use crate::Failure;
use crate::cli::Common;
use crate::commands::import::args::ImportArgs;
use crate::commands::secret::Secret;
use crate::commands::{Command, import};
use crate::control::client;

/// The orders of a list.
const ORDERS: [&str; 8] = [
    "created_asc",
    "created_desc",
    "expires_asc",
    "expires_desc",
    "last_used_asc",
    "last_used_desc",
    "name_asc",
    "name_desc",
];
/// Where a token's string is taken from when no flag gives one.
const VALUE: &str = "TESSERA_TOKEN_VALUE";

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, once.
    Create(CreateArgs),
    /// List tokens of every kind.
    List(Box<ListArgs>),
    /// Show a token.
    Show(NamedArgs),
    /// Revoke a token, or all that the flags select: from this moment they open nothing.
    Revoke(Box<RevokeArgs>),
    /// Put off the end of the tokens that the flags select; what is dead stays dead.
    Extend(Box<ExtendArgs>),
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
    #[command(flatten)]
    pub(crate) select: Select,
    /// In which order [default: by their numbers].
    #[arg(long, value_parser = ORDERS.to_vec())]
    pub(crate) sort: Option<String>,
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
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    select: Select,
    /// Do it; without this, what the flags select is only shown. A single token is revoked at once.
    #[arg(long)]
    yes: bool,
}

impl RevokeArgs {
    fn request(self) -> Result<Request, Failure> {
        if self.select.is_empty() {
            return self.which.named().map(Request::Revoke);
        }
        if self.which.is_given() {
            let why =
                "a token is named by --id, --value or --value-stdin, or tokens are selected by other flags";
            return Err(Failure::Usage(why.to_owned()));
        }
        Ok(Request::RevokeMany(Many { select: self.select, ids: Vec::new(), yes: self.yes }))
    }
}

#[derive(Args)]
pub(crate) struct ExtendArgs {
    #[command(flatten)]
    common: Common,
    /// The day (YYYY-MM-DD) on which they shall have ended.
    #[arg(long, value_name = "DATE", value_parser = day)]
    expires_at: String,
    /// Only the tokens of these numbers, separated by commas.
    #[arg(long = "id", value_delimiter = ',', value_name = "NUMBERS")]
    ids: Vec<i64>,
    #[command(flatten)]
    select: Select,
    /// Do it; without this it is only shown what would be done.
    #[arg(long)]
    yes: bool,
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
    fn is_given(&self) -> bool {
        self.id.is_some() || self.value.is_some() || self.value_stdin
    }

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
            Self::List(args) => (args.common, Request::List(args.list)),
            Self::Show(NamedArgs { common, which }) => (common, Request::Show(which.named()?)),
            Self::Revoke(args) => (args.common.clone(), args.request()?),
            Self::Extend(args) => {
                let ExtendArgs { common, expires_at, ids, select, yes } = *args;
                (common, Request::ExtendMany { many: Many { select, ids, yes }, expires_at })
            }
            Self::Rotate(RotateArgs { common, which, expires_at }) => {
                (common, Request::Rotate(Rotate { named: which.named()?, expires_at }))
            }
        };
        client::run(&common, Command::Token(Box::new(request)))
    }
}
