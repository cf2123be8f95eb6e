//! The database: whether it is sound, fits the keys, and is worked on.

use tessera_model::time::Clock;
use tessera_service::keys;
use tessera_store::Single;
use tessera_store::query::health::{self, Stuck};

use super::{Report, some};
use crate::data_dir::DataDir;

/// How long work may wait, in seconds, before it is told.
const PATIENCE: i64 = 3600;
/// How far records may be ahead of the clock, in seconds: clocks of several nodes differ.
const AHEAD: i64 = 300;

/// Whether the database finds nothing wrong with itself.
pub(super) fn faults(single: &mut Single, report: &mut Report) -> bool {
    const CHECK: &str = "integrity";
    let fix = "stop the server, keep a copy of the file, and restore a backup";
    match single.faults() {
        Ok(faults) if faults.is_empty() => {
            report.ok(CHECK, "pages, indexes and foreign keys are sound");
            true
        }
        Ok(faults) => {
            report.fail(CHECK, some(&faults), fix);
            false
        }
        Err(error) => {
            report.fail(CHECK, error.to_string(), fix);
            false
        }
    }
}

/// Whether the keys are those of the database.
pub(super) fn keys(single: &mut Single, data: &DataDir, report: &mut Report) -> bool {
    const CHECK: &str = "keys";
    let known = match keys::fingerprint(single) {
        Ok(known) => known,
        Err(error) => {
            report.fail(CHECK, error.to_string(), "the database does not answer");
            return false;
        }
    };
    match keys::check(&data.join("secrets"), known.as_deref()) {
        Ok(()) => {
            report.ok(CHECK, "the key in secrets/ is that of the database");
            true
        }
        Err(error) => {
            report.fail(CHECK, error.to_string(), "no token is known without it");
            false
        }
    }
}

/// Whether mails leave and jobs are done, and nothing is half made.
pub(super) fn queues(single: &mut Single, clock: &dyn Clock, report: &mut Report) {
    let stuck = match health::stuck(single, clock.now().plus_seconds(-PATIENCE)) {
        Ok(stuck) => stuck,
        Err(error) => return report.fail("queues", error.to_string(), "the database does not answer"),
    };
    tell(stuck, report);
}

fn tell(stuck: Stuck, report: &mut Report) {
    let Stuck {
        waiting_mails,
        refused_mails,
        waiting_calls,
        overdue_jobs,
        failing_jobs,
        undone_daily_jobs,
        ..
    } = stuck;
    if waiting_mails == 0 && refused_mails == 0 {
        report.ok("mail", "nothing has waited for an hour");
    } else {
        let found = format!("{waiting_mails} mails have waited for an hour, {refused_mails} were refused");
        let fix = "tessera jobs run mail_delivery tries them and says what is wrong";
        report.warn("mail", found, fix);
    }
    if waiting_calls == 0 {
        report.ok("web hooks", "no call has waited for an hour");
    } else {
        let fix = "tessera jobs run web_hook_delivery tries them and says what is wrong";
        report.warn("web hooks", format!("{waiting_calls} calls have waited for an hour"), fix);
    }
    if overdue_jobs == 0 && failing_jobs == 0 && undone_daily_jobs == 0 {
        report.ok("jobs", "none is overdue");
    } else {
        let found = format!(
            "{overdue_jobs} are an hour overdue, {failing_jobs} fail again and again, {undone_daily_jobs} daily ones \
             have not run"
        );
        report.warn("jobs", found, "they run while the server does; its log says why they fail");
    }
    match stuck.tokens_without_user {
        0 => report.ok("tokens", "each live one has its user"),
        count => {
            let found = format!("{count} live ones have no user");
            report.fail("tokens", found, "they open nothing; revoke them: tessera token list --state active");
        }
    }
    match stuck.bots_without_token {
        0 => report.ok("bots", "each has had a token"),
        count => {
            let found = format!("{count} never had a token: their making was cut in the middle");
            report.fail("bots", found, "delete them: tessera user list, tessera user delete");
        }
    }
}

/// Whether the clock can be right.
pub(super) fn clock(single: &mut Single, clock: &dyn Clock, report: &mut Report) {
    const CHECK: &str = "clock";
    let now = clock.now();
    match health::newest_record(single) {
        Ok(Some(newest)) if newest > now.plus_seconds(AHEAD) => {
            let found = format!("it is {now} here, but records were written at {newest}");
            report.fail(CHECK, found, "set it right: ends of tokens are judged by it");
        }
        Ok(_) => report.ok(CHECK, format!("{now}, after everything that was written")),
        Err(error) => report.fail(CHECK, error.to_string(), "the database does not answer"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn statuses(stuck: Stuck) -> Vec<Status> {
        let mut report = Report::default();
        tell(stuck, &mut report);
        report.0.iter().map(|finding| finding.status).collect()
    }

    #[test]
    fn every_kind_of_stuck_work_shows_in_its_line() {
        let fine = Stuck::default();
        assert_eq!(statuses(fine), [Status::Ok; 5]);
        for (stuck, line, status) in [
            (Stuck { waiting_mails: 1, ..fine }, 0, Status::Warn),
            (Stuck { refused_mails: 1, ..fine }, 0, Status::Warn),
            (Stuck { waiting_calls: 1, ..fine }, 1, Status::Warn),
            (Stuck { overdue_jobs: 1, ..fine }, 2, Status::Warn),
            (Stuck { failing_jobs: 1, ..fine }, 2, Status::Warn),
            (Stuck { undone_daily_jobs: 1, ..fine }, 2, Status::Warn),
            (Stuck { tokens_without_user: 1, ..fine }, 3, Status::Fail),
            (Stuck { bots_without_token: 1, ..fine }, 4, Status::Fail),
        ] {
            let mut expected = [Status::Ok; 5];
            expected[line] = status;
            assert_eq!(statuses(stuck), expected, "{stuck:?}");
        }
    }
}
