//! Work that nobody asks for: the jobs of every day, on a clock that is moved by hand.

mod ended_members;
mod inactive_bots;
mod schedule;

use tessera_testkit::TestApp;

/// What a daily job did last: its name and the end of its last run.
async fn last_runs(app: &TestApp) -> Vec<(String, Option<String>)> {
    let daily = app.service.jobs().await.unwrap().into_iter().filter(|shown| shown.at.is_some());
    daily.map(|shown| (shown.job.name.to_owned(), shown.done_at.map(|time| time.to_string()))).collect()
}

/// When a daily job last came to its end.
async fn last_run(app: &TestApp, name: &str) -> Option<String> {
    last_runs(app).await.into_iter().find(|(known, _)| known == name).unwrap().1
}
