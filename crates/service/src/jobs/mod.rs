//! Work that goes on after its cause was committed. A job is a row written with its cause; it is
//! idempotent, resumes where it was cut, and is tried again with growing waits.

mod days_of_use;
mod ended_members;
mod inactive_bots;
pub(crate) mod maintain_repository;
mod old_calls;
mod old_sessions;
mod old_uses;
pub(crate) mod point_head;
pub mod queue;
pub(crate) mod remove_repository;
pub(crate) mod remove_user;
pub mod run;
mod schedule;
mod sent_mails;
mod token_notices;

use std::time::Duration;

use tessera_model::caller::Caller;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::jobs::Job;

use crate::request::Ask;
use crate::{Service, Trouble, Tx, failpoint, fault};

/// How long a worker may be silent before another takes its job over, in seconds.
const LEASE: i64 = 60;
/// The longest wait between two tries, in seconds.
const LONGEST_WAIT: i64 = 3600;
/// How often the table is looked at without being called.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a step of a job came to.
pub(crate) enum Step {
    /// There is more to do.
    More,
    /// The job is done.
    Done,
}

/// One run of a job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Its row, unless it was called by name.
    job: Option<i64>,
    /// The present, for the whole of it: a run that crosses midnight is of one day.
    now: Timestamp,
}

pub(crate) fn ask(tx: &mut Tx<'_>, kind: &str, args: &serde_json::Value, key: &str) -> Result<()> {
    query::jobs::add(tx.conn, kind, &args.to_string(), Some(key), tx.now, tx.now).map_err(fault)
}

/// The project that a job is about.
fn project_of(job: &Job) -> Result<i64> {
    let args: serde_json::Value = serde_json::from_str(&job.args).map_err(Error::internal)?;
    args["project_id"].as_i64().ok_or_else(|| Error::internal("a job without a project"))
}

impl Service {
    /// Does jobs until told to stop.
    pub async fn run_jobs(&self, mut stop: tokio::sync::watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.ask_for_daily_jobs().await;
            self.run_due_jobs().await;
            tokio::select! {
                () = self.job_bell().notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Does every job that is due now.
    pub async fn run_due_jobs(&self) {
        while let Some(job) = self.claim(self.now()).await {
            let outcome = self.perform_job(&job).await;
            if let Err(error) = outcome {
                tracing::warn!(job = job.kind, id = job.id, attempts = job.attempts, %error, "a job failed");
                self.put_back(&job, &error).await;
            }
        }
    }

    /// Does every job that is due at `now`, and says how many. The first that fails ends it: were `now` far ahead,
    /// it would be due again at once.
    pub(crate) async fn run_jobs_due_at(&self, now: Timestamp) -> Result<u64> {
        let mut done = 0;
        while let Some(job) = self.claim(now).await {
            if let Err(error) = self.perform_job(&job).await {
                self.put_back(&job, &error).await;
                return Err(error);
            }
            done += 1;
        }
        Ok(done)
    }

    async fn claim(&self, now: Timestamp) -> Option<Job> {
        let claimed = self
            .store()
            .write(move |conn| query::jobs::claim(conn, now, now.plus_seconds(LEASE)).map_err(Trouble::from));
        claimed.await.unwrap_or_else(|trouble| {
            tracing::warn!(error = %trouble.0, "jobs could not be looked at");
            None
        })
    }

    async fn perform_job(&self, job: &Job) -> Result<()> {
        failpoint::reach(&job.kind);
        match job.kind.as_str() {
            remove_user::KIND => self.remove_user(job).await,
            point_head::KIND => self.point_head(job).await,
            maintain_repository::KIND => self.maintain_repository(job).await,
            remove_repository::KIND => self.remove_repository(job).await,
            other => match schedule::find(other) {
                Some(daily) => self.perform_daily(daily, job).await,
                None => Err(Error::internal(format!("no job is called {other}"))),
            },
        }
    }

    /// The last step of a job that did its work outside of the database.
    async fn finish(&self, job: &Job, place: &'static str) -> Result<()> {
        let (id, run) = (job.id, Run { job: Some(job.id), now: self.now() });
        self.step(run, place, move |tx| query::jobs::done(tx.conn, id).map_err(fault)).await
    }

    /// One step of a job: a transaction of the operator's, whole or not at all. The job stays with this worker for
    /// another while.
    pub(crate) async fn step<T, F>(&self, run: Run, place: &'static str, action: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> Fn(&mut Tx<'tx>) -> Result<T> + Send + 'static,
    {
        failpoint::reach(place);
        let core = self.core().clone();
        let done = self.store().write(move |conn| {
            let name = run.job.map_or_else(|| "job".to_owned(), |id| format!("job-{id}"));
            let ask = Ask::operator(name, run.now);
            if let Some(id) = run.job {
                query::jobs::renew(conn, id, core.clock.now().plus_seconds(LEASE))?;
            }
            let mut tx = Tx::new(conn, &core, &ask.meta, Caller::OPERATOR, run.now);
            let done = action(&mut tx).map_err(Trouble)?;
            failpoint::reach(place);
            Ok(done)
        });
        let done = done.await.map_err(|trouble: Trouble| trouble.0);
        failpoint::reach(place);
        done
    }

    async fn put_back(&self, job: &Job, error: &Error) {
        let (core, id, text) = (self.core().clone(), job.id, error.to_string());
        let wait = 2_i64.saturating_pow(u32::try_from(job.attempts).unwrap_or(u32::MAX)).min(LONGEST_WAIT);
        let done = self.store().write(move |conn| {
            let at: Timestamp = core.clock.now().plus_seconds(wait);
            query::jobs::retry(conn, id, at, &text).map_err(Trouble::from)
        });
        if let Err(trouble) = done.await {
            tracing::warn!(error = %trouble.0, "a failed job could not be put back");
        }
    }
}
