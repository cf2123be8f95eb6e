//! `tessera doctor`: looks at everything, mends nothing. It works with the server running or not; only the audit log is
//! asked of whoever has the instance, since what is new in it is sealed before it is verified.

mod database;
mod files;
mod repositories;

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use tessera_model::time::Clock;
use tessera_store::Single;

use super::{Command, audit};
use crate::cli::{self, Common};
use crate::config::Config;
use crate::control::client;
use crate::system::SystemClock;
use crate::{Failure, instance};

#[derive(Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    common: Common,
    /// Also check every object of every repository, which takes long.
    #[arg(long)]
    deep: bool,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Ok,
    Warn,
    Fail,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    status: Status,
    /// What was found.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

/// What was found, in the order of the checks.
#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn ok(&mut self, check: &'static str, found: impl Into<String>) {
        self.0.push(Finding { check, status: Status::Ok, found: found.into(), fix: None });
    }

    fn warn(&mut self, check: &'static str, found: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { check, status: Status::Warn, found: found.into(), fix: Some(fix.into()) });
    }

    fn fail(&mut self, check: &'static str, found: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Finding { check, status: Status::Fail, found: found.into(), fix: Some(fix.into()) });
    }

    fn failed(&self) -> usize {
        self.0.iter().filter(|finding| finding.status == Status::Fail).count()
    }

    /// A line for each check.
    fn text(&self) -> String {
        let line = |finding: &Finding| {
            let status = match finding.status {
                Status::Ok => "OK",
                Status::Warn => "WARN",
                Status::Fail => "FAIL",
            };
            let fix = finding.fix.as_ref().map_or_else(String::new, |fix| format!("; {fix}"));
            let text = format!("{status:4}  {}: {}{fix}", finding.check, finding.found);
            text.replace(['\n', '\r'], " ") + "\n"
        };
        self.0.iter().map(line).collect()
    }
}

/// Looks at everything and prints what was found.
///
/// # Errors
/// When a check failed, or the configuration cannot be read.
pub(crate) fn run(args: &DoctorArgs) -> Result<(), Failure> {
    let config = args.common.place.load()?;
    let clock = SystemClock::new();
    let mut report = Report::default();
    examine(args, &config, &clock, &mut report);
    let text = if args.common.json {
        serde_json::to_string(&report.0).map_err(Failure::failed)? + "\n"
    } else {
        report.text()
    };
    cli::print(&text)?;
    match report.failed() {
        0 => Ok(()),
        1 => Err(Failure::Failed("1 check failed".to_owned())),
        count => Err(Failure::Failed(format!("{count} checks failed"))),
    }
}

fn examine(args: &DoctorArgs, config: &Config, clock: &dyn Clock, report: &mut Report) {
    files::url(config, report);
    let git = repositories::git(config, report);
    let Some(data) = files::directory(&config.server.data_dir, report) else { return };
    files::permissions(data.path(), report);
    files::space(data.path(), report);
    files::restores(&data, report);
    let store = instance::store_config(config, &data);
    let mut single = match Single::reading(&store) {
        Ok(single) => single,
        Err(error) => {
            let fix = "nothing works without it; restore a backup if it cannot be mended";
            report.fail("database", error.to_string(), fix);
            return;
        }
    };
    let kind = if config.has_own_server() { "PostgreSQL" } else { "SQLite" };
    let migrations = tessera_store::migration::known().len();
    report.ok("database", format!("{kind}, with migration {migrations} of this version"));
    let sound = database::faults(&mut single, report) && database::keys(&mut single, &data, report);
    let known = repositories::folders(&mut single, &data, report);
    database::queues(&mut single, clock, report);
    database::clock(&mut single, clock, report);
    drop(single);
    if sound {
        log(args, report);
    } else {
        report.warn("audit log", "not verified", "mend what failed above first");
    }
    if args.deep {
        match (git, known) {
            (true, Some(known)) => repositories::deep(config, &data, &known, report),
            _ => report.warn("objects", "not checked", "mend what failed above first"),
        }
    }
}

/// Has the audit log verified by whoever has the instance.
fn log(args: &DoctorArgs, report: &mut Report) {
    let asked = client::with_link(&args.common.place, async |link| {
        link.call(Command::Audit(audit::Request::Verify)).await
    });
    let found: Value = match asked {
        Ok(output) => output.into_json(),
        Err(failure) => {
            report.fail("audit log", failure.into_text(), "it could not be verified");
            return;
        }
    };
    let records = &found["records"];
    if found["whole"] == true {
        report.ok("audit log", format!("{records} records, whole"));
    } else {
        let first = found["problems"][0].as_str().unwrap_or("it is not as it was written");
        let fix = "tessera audit verify tells all of it; find out who changed the database";
        report.fail("audit log", format!("{} problems, the first: {first}", found["problem_count"]), fix);
    }
}

/// Some of many names, for one line.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut text = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        use std::fmt::Write as _;
        let _ = write!(text, " and {} more", names.len() - SHOWN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_why_and_what_to_do() {
        let mut report = Report::default();
        report.ok("git", "2.39.5");
        report.warn("mail", "3 wait", "look\nat it");
        report.fail("keys", "missing", "put them back");
        assert_eq!(
            report.text(),
            "OK    git: 2.39.5\nWARN  mail: 3 wait; look at it\nFAIL  keys: missing; put them back\n"
        );
        assert_eq!(report.failed(), 1);
        let json = serde_json::to_value(&report.0).unwrap();
        assert_eq!(json[1]["status"], "WARN");
        assert_eq!(json[0].get("fix"), None);
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (1..=5).map(|number| number.to_string()).collect();
        assert_eq!(some(&names[..2]), "1, 2");
        assert_eq!(some(&names), "1, 2, 3 and 2 more");
    }
}
