//! When daily jobs run, and how often.

use std::time::Duration;

use super::{last_run, last_runs};
use crate::app;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn each_runs_at_its_time_and_not_before() {
    let app = app().await;
    app.clock.to_eve_of("2027-03-10");
    app.settle().await;
    for (name, ran) in last_runs(&app).await {
        assert_eq!(ran.as_deref(), Some("2027-03-09T23:59:59.000Z"), "{name} was never asked for");
    }
    app.clock.advance(Duration::from_secs(1));
    app.settle().await;
    let midnight = Some("2027-03-10T00:00:00.000Z".to_owned());
    assert_eq!(last_run(&app, "inactive_bots_cleanup").await, midnight);
    app.clock.advance(Duration::from_secs(599));
    app.settle().await;
    assert_eq!(last_run(&app, "membership_expiry").await.as_deref(), Some("2027-03-09T23:59:59.000Z"));
    app.clock.advance(Duration::from_secs(1));
    app.settle().await;
    assert_eq!(last_run(&app, "membership_expiry").await.as_deref(), Some("2027-03-10T00:10:00.000Z"));
    assert_eq!(last_run(&app, "inactive_bots_cleanup").await, midnight, "it ran once");
}

#[tokio::test]
async fn what_was_missed_is_caught_up_once() {
    let app = app().await;
    app.settle().await;
    app.clock.advance(10 * DAY);
    app.settle().await;
    let ran = last_runs(&app).await;
    let now = "2027-03-14T08:15:30.120Z";
    assert!(ran.iter().all(|(_, time)| time.as_deref() == Some(now)), "{ran:?}");
    app.clock.advance(Duration::from_mins(1));
    app.settle().await;
    assert_eq!(last_runs(&app).await, ran, "ten missed days are one run");
}

#[tokio::test]
async fn a_clock_that_is_set_back_repeats_nothing() {
    let app = app().await;
    app.clock.to_eve_of("2027-03-10");
    app.clock.advance(Duration::from_hours(1));
    app.settle().await;
    let ran = last_runs(&app).await;
    app.clock.to_eve_of("2027-03-09");
    app.settle().await;
    app.clock.to_eve_of("2027-03-10");
    app.settle().await;
    assert_eq!(last_runs(&app).await, ran);
}
