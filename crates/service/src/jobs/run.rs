//! Jobs that can be run by name, at once and as if it were another day.

use tessera_model::Result;
use tessera_model::time::Timestamp;

use crate::Service;

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
    Waiting,
    LastUses,
}

/// Every job that can be run by name.
pub const JOBS: &[Job] = &[
    Job {
        name: "waiting_jobs",
        what: "does the work that waits, such as moving records of removed users",
        kind: Kind::Waiting,
    },
    Job { name: "token_last_used", what: "writes down when tokens were last used", kind: Kind::LastUses },
];

/// The job of this name.
pub fn find(name: &str) -> Option<Job> {
    JOBS.iter().copied().find(|job| job.name == name)
}

impl Service {
    /// Runs a job to its end, as if it were `now`, and says what it did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn run_job(&self, job: Job, now: Timestamp) -> Result<String> {
        match job.kind {
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
