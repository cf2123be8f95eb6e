//! `tessera jobs …`

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_service::jobs;

use super::{Command, Operator, Output};
use crate::Failure;
use crate::cli::Common;
use crate::control::client;

#[derive(Subcommand)]
pub(crate) enum JobsCommand {
    /// Run a job at once, whenever it was due.
    Run(RunArgs),
    /// List the jobs that can be run.
    List(ListArgs),
}

#[derive(Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    run: Run,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    common: Common,
}

/// A job to run.
#[derive(Args, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Its name.
    name: String,
    /// As if it were this point in time (RFC 3339) [default: the present].
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<String>,
}

fn time(text: &str) -> Result<String, String> {
    Timestamp::parse(text)
        .map(|_| text.to_owned())
        .ok_or_else(|| "a point in time is written 2027-01-31T01:00:00Z".to_owned())
}

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Run(Run),
    List,
}

impl JobsCommand {
    /// Runs it and prints its answer.
    ///
    /// # Errors
    /// One line.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let (common, request) = match self {
            Self::Run(RunArgs { common, run }) => (common, Request::Run(run)),
            Self::List(ListArgs { common }) => (common, Request::List),
        };
        client::run(&common, Command::Jobs(request))
    }
}

pub(super) async fn execute(operator: &Operator, request: Request) -> Result<Output> {
    match request {
        Request::List => list(operator).await,
        Request::Run(Run { name, now }) => {
            let job = jobs::run::find(&name).ok_or_else(|| {
                let names: Vec<&str> = jobs::run::all().map(|job| job.name).collect();
                Error::Refused(format!("there is no job {name:?}; there are: {}", names.join(", ")))
            })?;
            let now = now.as_deref().and_then(Timestamp::parse).unwrap_or_else(|| operator.service.now());
            let done = operator.service.run_job(job, now).await?;
            Output::new(format!("{name}: {done}"), json!({ "job": name, "now": now, "result": done }))
        }
    }
}

async fn list(operator: &Operator) -> Result<Output> {
    let shown = operator.service.jobs().await?;
    let row = |shown: &jobs::run::Shown| {
        vec![
            shown.job.name.to_owned(),
            shown.at.clone().unwrap_or_else(|| "all the time".to_owned()),
            shown.done_at.map_or_else(String::new, |time| time.to_string()),
            shown.job.what.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = shown.iter().map(row).collect();
    let object = |shown: &jobs::run::Shown| json!({ "name": shown.job.name, "at": shown.at, "last_run": shown.done_at, "does": shown.job.what });
    let objects: Vec<_> = shown.iter().map(object).collect();
    Output::new(super::table::table(&["NAME", "AT (UTC)", "LAST RUN", "DOES"], &rows), objects)
}
