//! `tessera audit …`

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tessera_model::audit::Report;
use tessera_model::{Error, Result};
use tessera_service::audit::{Cursor, Page};

use super::{Command, Operator, Output};
use crate::Failure;
use crate::cli::{self, Common, Place};
use crate::control::client;

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Tell whether the audit log is as it was written, and where it was changed or cut.
    Verify(VerifyArgs),
    /// Print every record as a line of JSON, in the order of sealing.
    Export(ExportArgs),
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    place: Place,
}

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Verify,
    /// The page after a point.
    Export(Option<Cursor>),
}

impl AuditCommand {
    /// Runs it and prints its answer.
    ///
    /// # Errors
    /// One line; for a log that is not whole as well.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Verify(VerifyArgs { common }) => verify(&common),
            Self::Export(ExportArgs { place }) => client::with_link(&place, async |link| {
                let mut after = None;
                loop {
                    let page = link.call(Command::Audit(Request::Export(after))).await?;
                    cli::print(&page.rendered(false)?)?;
                    match serde_json::from_value(page.into_json()).map_err(Failure::failed)? {
                        Some(next) => after = Some(next),
                        None => return Ok(()),
                    }
                }
            }),
        }
    }
}

fn verify(common: &Common) -> Result<(), Failure> {
    let command = Command::Audit(Request::Verify);
    let output = client::with_link(&common.place, async |link| link.call(command).await)?;
    cli::print(&output.rendered(common.json)?)?;
    match output.into_json()["problem_count"].as_u64() {
        Some(0) => Ok(()),
        count => Err(Failure::Failed(format!(
            "the audit log is not as it was written ({} found)",
            count.map_or_else(|| "something".to_owned(), |count| counted(count, "problem"))
        ))),
    }
}

pub(super) async fn execute(operator: &Operator, request: Request) -> Result<Output> {
    match request {
        Request::Verify => {
            let report = operator.service.verify_audit().await?;
            Output::new(text(&report), json(&report))
        }
        Request::Export(after) => {
            let Page { records, next } = operator.service.export_audit(after).await?;
            let mut lines = String::new();
            for record in records {
                lines.push_str(&serde_json::to_string(&record).map_err(Error::internal)?);
                lines.push('\n');
            }
            Output::new(lines, next)
        }
    }
}

fn json(report: &Report) -> serde_json::Value {
    json!({
        "whole": report.is_whole(),
        "records": report.records,
        "seals": report.seals,
        "unsealed": report.unsealed,
        "newest_seal": report.newest,
        "retained_after_seal": report.retained_after,
        "problem_count": report.problem_count,
        "problems": report.problems,
    })
}

/// What was found, the problems first.
fn text(report: &Report) -> String {
    use std::fmt::Write as _;
    let mut lines = report.problems.clone();
    let told = report.problems.len() as u64;
    if report.problem_count > told {
        lines.push(format!("and {}", counted(report.problem_count - told, "further problem")));
    }
    let mut end = format!("{} in {}", counted(report.records, "record"), counted(report.seals, "seal"));
    if let Some(seal) = report.retained_after {
        let _ = write!(end, ", those up to seal {seal} removed by retention");
    }
    if report.unsealed > 0 {
        let _ = write!(end, ", {} not sealed yet", report.unsealed);
    }
    end.push_str(if report.is_whole() { ": whole" } else { ": NOT whole" });
    lines.push(end);
    lines.join("\n")
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_ends_with_its_verdict() {
        let mut report = Report { records: 1, seals: 2, newest: Some(2), ..Report::default() };
        assert_eq!(text(&report), "1 record in 2 seals: whole");
        report.retained_after = Some(1);
        report.unsealed = 3;
        assert_eq!(
            text(&report),
            "1 record in 2 seals, those up to seal 1 removed by retention, 3 not sealed yet: whole"
        );
        report.problems = vec!["seal 2 is missing".to_owned()];
        report.problem_count = 3;
        assert!(text(&report).starts_with("seal 2 is missing\nand 2 further problems\n"));
        assert!(text(&report).ends_with(": NOT whole"));
    }
}
