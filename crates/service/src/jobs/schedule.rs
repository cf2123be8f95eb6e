//! Jobs of every day, at fixed times in UTC. A point in time is claimed in the transaction that writes the job's row,
//! so that each runs once however many nodes there are; what was missed while no node ran is caught up once.

use std::sync::atomic::Ordering;

use tessera_model::Result;
use tessera_model::time::Timestamp;
use tessera_store::query;
use tessera_store::query::jobs::Job;

use super::Run;
use crate::{Service, Trouble, failpoint};

/// A job of every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Daily {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// When it runs: hour and minute, UTC.
    pub(crate) at: (i64, i64),
    work: Work,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    InactiveBots,
    DaysOfUse,
    EndedMembers,
    OldUses,
    AuditRetention,
    Ends,
    Ended,
    SentMails,
    OldCalls,
    OldSessions,
}

/// Every job of the day, in the order of their times, which are GitLab's.
pub(crate) const DAILY: &[Daily] = &[
    Daily {
        name: "inactive_bots_cleanup",
        what: "ends bots all of whose secrets have been dead for long",
        at: (0, 0),
        work: Work::InactiveBots,
    },
    Daily {
        name: "token_usage_by_day",
        what: "counts how often each token was used on the days that are over",
        at: (0, 5),
        work: Work::DaysOfUse,
    },
    Daily {
        name: "membership_expiry",
        what: "removes memberships that have ended",
        at: (0, 10),
        work: Work::EndedMembers,
    },
    Daily {
        name: "token_usage_cleanup",
        what: "forgets lines of the tokens' ledger that are older than they are to be kept",
        at: (0, 20),
        work: Work::OldUses,
    },
    Daily {
        name: "audit_retention",
        what: "removes records of the audit log that are older than the settings allow",
        at: (0, 30),
        work: Work::AuditRetention,
    },
    Daily {
        name: "token_expiry_notice",
        what: "tells people by mail, and web hooks, that tokens end soon",
        at: (1, 0),
        work: Work::Ends,
    },
    Daily {
        name: "token_expired_notice",
        what: "tells people by mail that tokens have ended",
        at: (2, 0),
        work: Work::Ended,
    },
    Daily {
        name: "sent_mails_cleanup",
        what: "forgets mails that were sent long ago",
        at: (3, 0),
        work: Work::SentMails,
    },
    Daily {
        name: "web_hook_events_cleanup",
        what: "forgets what was sent to web hooks long ago",
        at: (3, 10),
        work: Work::OldCalls,
    },
    Daily {
        name: "sessions_cleanup",
        what: "forgets sessions that nobody has used for long",
        at: (3, 20),
        work: Work::OldSessions,
    },
];

/// The daily job of this name.
pub(crate) fn find(name: &str) -> Option<Daily> {
    DAILY.iter().copied().find(|job| job.name == name)
}

impl Daily {
    /// Whether people are told of something by it.
    pub(super) fn writes_mails(self) -> bool {
        matches!(self.work, Work::Ends | Work::Ended)
    }

    /// Whether web hooks are told of something by it.
    pub(super) fn calls_web_hooks(self) -> bool {
        self.work == Work::Ends
    }

    /// The last time at or before `now` when it was to run.
    pub(super) fn latest(self, now: Timestamp) -> Timestamp {
        let (hour, minute) = self.at;
        let time = |date: tessera_model::time::Date| date.midnight().plus_seconds((hour * 60 + minute) * 60);
        let today = time(now.date());
        if today <= now { today } else { time(now.date().plus_days(-1)) }
    }
}

impl Service {
    /// Asks for each daily job whose time has come since it was last asked for, on whichever node.
    pub async fn ask_for_daily_jobs(&self) {
        let now = self.now();
        if now.0 < self.next_daily_job().load(Ordering::Relaxed) {
            return;
        }
        match self.claim_daily_jobs(now).await {
            Ok(()) => {
                let next = DAILY.iter().map(|job| job.latest(now).plus_seconds(86_400).0).min();
                self.next_daily_job().store(next.unwrap_or(i64::MAX), Ordering::Relaxed);
            }
            Err(trouble) => tracing::warn!(error = %trouble.0, "the daily jobs could not be looked at"),
        }
    }

    async fn claim_daily_jobs(&self, now: Timestamp) -> Result<(), Trouble> {
        let known = self.store().read(|conn| query::daily_jobs::all(conn).map_err(Trouble::from)).await?;
        for job in DAILY {
            let time = job.latest(now);
            if known.iter().any(|known| known.name == job.name && known.asked_for >= time) {
                continue;
            }
            failpoint::reach("schedule");
            let job = *job;
            let asked = self.store().write(move |conn| {
                let first = query::daily_jobs::ask(conn, job.name, time)?;
                if first {
                    query::jobs::add(conn, job.name, "{}", Some(job.name), time, now)?;
                }
                failpoint::reach("schedule");
                Ok::<_, Trouble>(first)
            });
            if asked.await? {
                tracing::info!(job = job.name, %time, "a daily job is due");
            }
            failpoint::reach("schedule");
        }
        Ok(())
    }

    /// Runs a daily job that was asked for.
    pub(super) async fn perform_daily(&self, daily: Daily, job: &Job) -> Result<()> {
        let run = Run { job: Some(job.id), now: self.now() };
        let did = self.run_daily(daily, run).await?;
        let id = job.id;
        self.step(run, "the end of a daily job", move |tx| {
            query::daily_jobs::done(tx.conn, daily.name, tx.now).map_err(crate::fault)?;
            query::jobs::done(tx.conn, id).map_err(crate::fault)
        })
        .await?;
        self.ring_for_mail();
        tracing::info!(job = daily.name, did, "a daily job ran");
        Ok(())
    }

    /// Runs a daily job to its end, and says what it did.
    pub(super) async fn run_daily(&self, daily: Daily, run: Run) -> Result<String> {
        match daily.work {
            Work::InactiveBots => self.end_inactive_bots(run).await,
            Work::DaysOfUse => self.count_days_of_use(run).await,
            Work::EndedMembers => self.end_memberships(run).await,
            Work::OldUses => self.forget_old_uses(run).await,
            Work::AuditRetention => self.retain_audit(run).await,
            Work::Ends => self.tell_of_ends(run).await,
            Work::Ended => self.tell_of_ended(run).await,
            Work::SentMails => self.forget_sent_mails(run).await,
            Work::OldCalls => self.forget_old_calls(run).await,
            Work::OldSessions => self.forget_old_sessions(run).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latest(at: (i64, i64), now: &str) -> String {
        Daily { at, ..DAILY[0] }.latest(Timestamp::parse(now).unwrap()).to_string()
    }

    #[test]
    fn the_time_of_a_day_has_come_from_its_first_moment_on() {
        assert_eq!(latest((1, 0), "2027-03-01T00:59:59.999999Z"), "2027-02-28T01:00:00.000Z");
        assert_eq!(latest((1, 0), "2027-03-01T01:00:00Z"), "2027-03-01T01:00:00.000Z");
        assert_eq!(latest((0, 0), "2027-03-01T00:00:00Z"), "2027-03-01T00:00:00.000Z");
        assert_eq!(latest((23, 59), "2027-03-01T23:58:00Z"), "2027-02-28T23:59:00.000Z");
    }

    #[test]
    fn names_are_distinct_and_times_in_order() {
        assert!(DAILY.is_sorted_by_key(|job| job.at));
        for job in DAILY {
            assert_eq!(find(job.name), Some(*job));
        }
    }
}
