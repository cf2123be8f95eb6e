//! Jobs that can be run by name, at once and as if it were another day.

use tessera_model::Result;
use tessera_model::time::Timestamp;
use tessera_store::query;

use super::Run;
use super::schedule::{self, DAILY, Daily};
use crate::mail::Delivered;
use crate::web_hooks::Called;
use crate::{Service, Trouble};

/// A job with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Daily(Daily),
    Waiting,
    Mails,
    WebHooks,
    LastUses,
}

/// Jobs without a time of their own: what they do is done all the time.
const STEADY: &[Job] = &[
    Job {
        name: "waiting_jobs",
        what: "does the work that waits, such as moving records of removed users",
        kind: Kind::Waiting,
    },
    Job {
        name: "mail_delivery",
        what: "tries every mail that was not accepted yet, those too that were refused for good",
        kind: Kind::Mails,
    },
    Job {
        name: "web_hook_delivery",
        what: "makes every call of web hooks that was not answered well yet",
        kind: Kind::WebHooks,
    },
    Job { name: "token_last_used", what: "writes down when tokens were last used", kind: Kind::LastUses },
];

/// Every job that can be run by name.
pub fn all() -> impl Iterator<Item = Job> {
    let daily = DAILY.iter().map(|job| Job { name: job.name, what: job.what, kind: Kind::Daily(*job) });
    daily.chain(STEADY.iter().copied())
}

/// The job of this name.
pub fn find(name: &str) -> Option<Job> {
    all().find(|job| job.name == name)
}

/// A job as lists show it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The job.
    pub job: Job,
    /// When it runs each day, UTC, as `01:00`; nothing for what runs all the time.
    pub at: Option<String>,
    /// When a daily job last came to its end, on whichever node.
    pub done_at: Option<Timestamp>,
}

impl Service {
    /// Every job that can be run by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn jobs(&self) -> Result<Vec<Shown>> {
        let past = self.store().read(|conn| query::daily_jobs::all(conn).map_err(Trouble::from));
        let past = past.await.map_err(|trouble| trouble.0)?;
        let shown = |job: Job| {
            let at = schedule::find(job.name).map(|daily| format!("{:02}:{:02}", daily.at.0, daily.at.1));
            let done_at = past.iter().find(|past| past.name == job.name).and_then(|past| past.done_at);
            Shown { job, at, done_at }
        };
        Ok(all().map(shown).collect())
    }

    /// Runs a job to its end, as if it were `now`, and says what it did. Mails that it wrote are delivered and web hooks
    /// called before it answers.
    ///
    /// # Errors
    /// When the database does not answer. A mail that cannot be sent is no error: it waits.
    pub async fn run_job(&self, job: Job, now: Timestamp) -> Result<String> {
        match job.kind {
            Kind::Daily(daily) => {
                let did = self.run_daily(daily, Run { job: None, now }).await?;
                let mut told = vec![did];
                if daily.writes_mails() {
                    let delivered = self.deliver_mails(now.max(self.now())).await?;
                    told.extend((delivered != Delivered::default()).then(|| delivered.to_string()));
                }
                if daily.calls_web_hooks() {
                    let called = self.call_web_hooks(now.max(self.now())).await?;
                    told.extend((called != Called::default()).then(|| called.to_string()));
                }
                Ok(told.join(", "))
            }
            Kind::WebHooks => Ok(self.call_all(now.max(self.now())).await?.to_string()),
            Kind::Mails => Ok(self.deliver_all(now.max(self.now())).await?.to_string()),
            Kind::Waiting => {
                let done = self.run_jobs_due_at(now).await?;
                Ok(format!("{done} done"))
            }
            Kind::LastUses => {
                self.flush_usage().await;
                Ok("written".to_owned())
            }
        }
    }
}
