//! The days of use: counted from the ledger when they are over.

use std::time::Duration;

use serde_json::json;
use tessera_model::operation::users::GetUser;
use tessera_service::jobs::run;
use tessera_service::tokens::sheet::{self, Pages};
use tessera_testkit::{Person, TestApp};

use super::{ask, used};
use crate::app;

const DAY: Duration = Duration::from_hours(24);

/// The days of a person's only token: how many days ago, uses, failures.
async fn days(app: &TestApp, person: &Person) -> Vec<(usize, i64, i64)> {
    let user = person.id;
    let look = move |tx: &mut tessera_service::Tx<'_>| {
        let user = tx.user::<GetUser>(user)?;
        sheet::of_person(tx, &user, Pages::default())
    };
    let sheet = app.service.read::<GetUser, _, _>(&ask(app, &person.client), look).await.unwrap();
    used(&sheet.active.items[0].days)
}

async fn uses(person: &Person, times: usize) {
    for _ in 0..times {
        person.client.get("/user").await.ok();
    }
}

#[tokio::test]
async fn each_day_has_its_uses_and_failures() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    uses(&ada, 2).await;
    ada.client.get("/projects/999").await.expect(404);
    app.settle().await;
    assert_eq!(days(&app, &ada).await, [(0, 3, 1)], "today is read from the ledger itself");
    app.clock.advance(2 * DAY);
    uses(&ada, 5).await;
    uses(&eve, 1).await;
    app.settle().await;
    assert_eq!(days(&app, &ada).await, [(0, 5, 0), (2, 3, 1)]);
    app.clock.advance(DAY);
    app.settle().await;
    assert_eq!(days(&app, &ada).await, [(1, 5, 0), (3, 3, 1)]);
    assert_eq!(days(&app, &eve).await, [(1, 1, 0)]);
    app.clock.advance(26 * DAY);
    app.settle().await;
    assert_eq!(days(&app, &ada).await, [(27, 5, 0), (29, 3, 1)]);
    app.clock.advance(DAY);
    app.settle().await;
    assert_eq!(days(&app, &ada).await, [(28, 5, 0)], "thirty days are shown");
}

#[tokio::test]
async fn days_outlive_the_lines_that_they_were_counted_from() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.admin().put("/application/settings", json!({ "token_usage_retention_days": 1 })).await.ok();
    app.clock.to_eve_of("2027-03-05");
    uses(&ada, 4).await;
    app.settle().await;
    for past in 1..=3 {
        app.clock.advance(DAY);
        app.settle().await;
        assert_eq!(days(&app, &ada).await, [(past, 4, 0)], "counted again from less it is not less");
    }
}

#[tokio::test]
async fn what_was_missed_is_caught_up_and_what_comes_late_is_counted() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.settle().await;
    let job = run::find("token_usage_by_day").unwrap();
    // Nothing ran for a week.
    for _ in 0..7 {
        uses(&ada, 1).await;
        app.service.flush_usage().await;
        app.clock.advance(DAY);
    }
    assert_eq!(days(&app, &ada).await, []);
    app.service.run_job(job, app.service.now()).await.unwrap();
    let week: Vec<_> = (1..=7).map(|back| (back, 1, 0)).collect();
    assert_eq!(days(&app, &ada).await, week);
    app.service.run_job(job, app.service.now()).await.unwrap();
    assert_eq!(days(&app, &ada).await, week, "run again it changes nothing");
    // A use of the day before is written down after that day was counted.
    app.clock.to_eve_of("2027-03-15");
    uses(&ada, 3).await;
    app.clock.advance(Duration::from_secs(601));
    app.service.run_job(job, app.service.now()).await.unwrap();
    assert_eq!(days(&app, &ada).await.first(), Some(&(5, 1, 0)), "what waits in memory is not there yet");
    app.settle().await;
    app.clock.advance(DAY);
    app.settle().await;
    assert_eq!(days(&app, &ada).await.first(), Some(&(2, 3, 0)));
}

#[tokio::test]
async fn who_keeps_no_ledger_keeps_no_days() {
    let app = app().await;
    let ada = app.person("ada").await;
    uses(&ada, 4).await;
    app.settle().await;
    app.clock.advance(DAY);
    app.settle().await;
    assert_eq!(days(&app, &ada).await, [(1, 4, 0)]);
    app.admin().put("/application/settings", json!({ "token_usage_retention_days": 0 })).await.ok();
    app.clock.advance(DAY);
    app.settle().await;
    assert_eq!(days(&app, &ada).await, []);
}
