//! The flags of `tessera token import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::Failure;
use crate::cli::Common;
use crate::commands::secret::Secret;
use crate::commands::token::args::day;

/// Where a GitLab's key is taken from when no flag gives one.
const GITLAB_KEY: &str = "TESSERA_GITLAB_DB_KEY_BASE";
/// Where the check token is taken from when no flag gives one.
const CHECK_TOKEN: &str = "TESSERA_CHECK_TOKEN";

#[derive(Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The file; - reads standard input.
    pub(crate) file: PathBuf,
    /// What the file holds.
    #[arg(long, value_enum)]
    pub(crate) format: Format,
    /// Whose the tokens are (plain).
    #[arg(long, value_name = "USERNAME", required_if_eq("format", "plain"))]
    pub(crate) user: Option<String>,
    /// What they open, separated by commas (plain).
    #[arg(long, value_delimiter = ',', value_name = "SCOPES", required_if_eq("format", "plain"))]
    pub(crate) scopes: Vec<String>,
    /// What their names begin with; the number of the line follows (plain).
    #[arg(long, value_name = "TEXT", default_value = "imported-")]
    pub(crate) name_prefix: String,
    /// The day (YYYY-MM-DD) on which they have ended, at 00:00 UTC (plain).
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) expires_at: Option<String>,
    /// Leave out tokens of users who do not exist here, and say so, instead of refusing their batch.
    #[arg(long)]
    pub(crate) skip_unknown_users: bool,
    /// Leave out scopes that do not exist here, and tokens that have no other.
    #[arg(long)]
    pub(crate) drop_unknown_scopes: bool,
    /// A file (CSV or JSON lines) with the columns id and username, for rows that have only `user_id` (gitlab).
    #[arg(long, value_name = "FILE")]
    pub(crate) users: Option<PathBuf>,
    /// Read the old instance's `db_key_base` from the first line of standard input and keep it in secrets/
    /// (gitlab); the variable `TESSERA_GITLAB_DB_KEY_BASE` does the same.
    #[arg(long, conflicts_with = "gitlab_db_key_base_file")]
    gitlab_db_key_base_stdin: bool,
    /// Read it from this file.
    #[arg(long, value_name = "FILE")]
    gitlab_db_key_base_file: Option<PathBuf>,
    /// Read a token whose row is in the file from the next line of standard input: nothing is imported unless
    /// its digest under the key is found (gitlab); the variable `TESSERA_CHECK_TOKEN` does the same.
    #[arg(long)]
    check_token_stdin: bool,
}

/// What a file of tokens holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One token a line, all for one user.
    Plain,
    /// CSV or JSON lines with user, name, scopes, `expires_at` and digest, made by this instance's key.
    Digest,
    /// CSV or JSON lines with the columns of GitLab's `personal_access_tokens` and user or `user_id`.
    Gitlab,
}

impl Format {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Digest => "digest",
            Self::Gitlab => "gitlab",
        }
    }
}

impl ImportArgs {
    pub(super) fn reads_stdin(&self) -> bool {
        self.file.as_os_str() == "-"
    }

    /// The GitLab's key and the token to check it with, as given.
    ///
    /// # Errors
    /// When they cannot be read, or make no sense together.
    pub(super) fn gitlab(&self) -> Result<(Option<Secret>, Option<Secret>), Failure> {
        if self.format != Format::Gitlab {
            return Ok((None, None));
        }
        let key = match &self.gitlab_db_key_base_file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::Failed(format!("{}: {error}", path.display())))?;
                Some(Secret::new(text.trim().to_owned()))
            }
            None if self.gitlab_db_key_base_stdin => Some(Secret::from_stdin("db_key_base")?),
            None => Secret::from_environment(GITLAB_KEY),
        };
        let check = if self.check_token_stdin {
            Some(Secret::from_stdin("token")?)
        } else {
            Secret::from_environment(CHECK_TOKEN)
        };
        if check.is_some() && key.is_none() {
            return Err(Failure::Usage("a token can be checked only together with a db_key_base".to_owned()));
        }
        if check.is_some() && self.reads_stdin() {
            return Err(Failure::Usage(
                "a token can be checked only against a file, not standard input".to_owned(),
            ));
        }
        Ok((key, check))
    }
}
