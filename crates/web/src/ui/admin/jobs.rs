//! `/admin/jobs`: what waits, what failed, and what runs every day.

use askama::Template;
use tessera_model::operation::admin_pages::{HastenJobs, ShowJobs};
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_service::jobs::queue::{self, Every, Unsent, Waiting};

use super::counted;
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::when::When;

const PATH: &str = "/admin/jobs";
/// Jobs, and mails, that are shown at most.
const ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "admin/jobs.html")]
struct JobsPage {
    frame: Frame,
    problems: Complaints,
    jobs: Vec<Line>,
    mails: Vec<Mail>,
    unsent: String,
    daily: Vec<Day>,
}

/// A job.
struct Line {
    id: i64,
    kind: String,
    args: String,
    /// `Waiting`, `Running` or `Failed`.
    state: &'static str,
    tries: String,
    next: When,
    error: String,
}

/// A mail that was not accepted.
struct Mail {
    to: String,
    subject: String,
    refused: bool,
    tries: String,
    next: When,
    error: String,
}

/// A job of every day.
struct Day {
    name: &'static str,
    what: &'static str,
    last: Option<When>,
    next: When,
}

impl Line {
    fn of(job: &Waiting, now: Timestamp) -> Self {
        let running = job.leased_until.is_some_and(|until| until > now);
        Self {
            id: job.id,
            kind: job.kind.clone(),
            args: Some(job.args.clone()).filter(|args| args != "{}").unwrap_or_default(),
            state: match (running, &job.last_error) {
                (true, _) => "Running",
                (false, Some(_)) => "Failed",
                (false, None) => "Waiting",
            },
            tries: counted(job.attempts, "try", "tries"),
            next: When::at(job.run_at, now),
            error: job.last_error.clone().unwrap_or_default(),
        }
    }
}

impl Mail {
    fn of(mail: Unsent, now: Timestamp) -> Self {
        Self {
            to: mail.recipient,
            subject: mail.subject,
            refused: mail.refused,
            tries: counted(mail.attempts, "try", "tries"),
            next: When::at(mail.next_try_at, now),
            error: mail.last_error.unwrap_or_default(),
        }
    }
}

impl Day {
    fn of(job: &Every, now: Timestamp) -> Self {
        let last = job.done_at.map(|time| When::at(time, now));
        Self { name: job.name, what: job.what, last, next: When::at(job.next, now) }
    }
}

impl Page for ShowJobs {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for HastenJobs {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let right = tx.instance::<Self>()?;
            let text = if form.is_on("mails") {
                queue::hasten_mails(tx, &right)?;
                "Every mail that waits is tried again now.".to_owned()
            } else {
                let kind = queue::hasten(tx, &right, form.number("job").unwrap_or(0))?;
                format!("The job {kind} is tried again now.")
            };
            Ok(Go::to(PATH).saying(text))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(Error::NotFound(_)) => {
                show(&visit, Complaints::saying("main", "This job is not there any more: it was done")).await
            }
            Err(error) => show(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let right = tx.instance::<Op>()?;
        queue::get(tx, &right, ROWS)
    });
    let (found, proof) = found.await?.take();
    let now = visit.service().now();
    let (waiting, refused) = found.unsent;
    let page = JobsPage {
        frame: admin_frame(visit.frame("Jobs").await?, AdminPage::Jobs, "Jobs"),
        jobs: found.jobs.iter().map(|job| Line::of(job, now)).collect(),
        mails: found.mails.into_iter().map(|mail| Mail::of(mail, now)).collect(),
        unsent: format!(
            "{} to be sent, {refused} refused for good",
            counted(waiting, "mail waits", "mails wait")
        ),
        daily: found.daily.iter().map(|job| Day::of(job, now)).collect(),
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
