//! How mails leave: once each, again after a failure, never lost.

use std::time::Duration;

use serde_json::json;
use tessera_service::mail::SendError;
use tessera_testkit::TestApp;

use super::{forget, subjects};
use crate::app;

/// Has a mail written to `ada`.
async fn cause(app: &TestApp, user: i64) {
    let path = format!("/users/{user}/personal_access_tokens");
    app.admin().post(&path, json!({ "name": "x", "scopes": ["api"] })).await.created();
}

#[tokio::test]
async fn a_mail_that_fails_is_tried_again_later_with_the_same_number() {
    let app = app().await;
    let ada = app.person("ada").await;
    forget(&app).await;
    cause(&app, ada.id).await;
    app.outbox.fail(SendError::Later("451 greylisted".to_owned()));
    app.outbox.fail(SendError::Later("451 greylisted".to_owned()));
    assert!(app.mails().await.is_empty());
    app.clock.advance(Duration::from_secs(29));
    assert!(app.mails().await.is_empty(), "it waits half a minute");
    app.clock.advance(Duration::from_secs(1));
    assert!(app.mails().await.is_empty(), "it fails once more");
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(app.mails().await.len(), 1);
    app.clock.advance(Duration::from_hours(24));
    assert!(app.mails().await.is_empty(), "once accepted it is never sent again");
}

#[tokio::test]
async fn a_server_that_is_away_is_asked_once_a_round() {
    let app = app().await;
    let ada = app.person("ada").await;
    forget(&app).await;
    for _ in 0..3 {
        cause(&app, ada.id).await;
    }
    app.outbox.fail(SendError::Unavailable("connection refused".to_owned()));
    assert!(app.mails().await.is_empty(), "the others wait without an attempt");
    assert_eq!(app.mails().await.len(), 2, "they had none, so they go first");
    app.clock.advance(Duration::from_secs(30));
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_kept_until_the_operator_asks() {
    let app = app().await;
    let ada = app.person("ada").await;
    forget(&app).await;
    cause(&app, ada.id).await;
    for _ in 0..28 {
        app.outbox.fail(SendError::Refused("550 no such user".to_owned()));
        assert!(app.mails().await.is_empty());
        app.clock.advance(Duration::from_hours(1));
    }
    app.clock.advance(Duration::from_hours(240));
    assert!(app.mails().await.is_empty(), "it is kept aside");
    app.outbox.fail(SendError::Refused("550 no such user".to_owned()));
    let job = tessera_service::jobs::run::find("mail_delivery").unwrap();
    let run = async || app.service.run_job(job, app.service.now()).await.unwrap();
    assert_eq!(run().await, "0 mails sent, 1 were refused for good and are kept: 550 no such user");
    assert_eq!(run().await, "1 mails sent");
    let sent = app.outbox.take();
    assert_eq!(subjects(&sent), ["ada@people.test: A new personal access token has been created"]);
}

#[tokio::test]
async fn accepted_mails_are_forgotten_after_a_month() {
    let app = app().await;
    let ada = app.person("ada").await;
    cause(&app, ada.id).await;
    forget(&app).await;
    let job = tessera_service::jobs::run::find("sent_mails_cleanup").unwrap();
    let run = async || app.service.run_job(job, app.service.now()).await.unwrap();
    app.clock.advance(Duration::from_hours(30 * 24 - 1));
    assert_eq!(run().await, "0 mails forgotten");
    app.clock.advance(Duration::from_hours(1));
    // Those of the administrator's and the person's first tokens among them.
    assert_eq!(run().await, "3 mails forgotten");
    assert_eq!(run().await, "0 mails forgotten");
}
