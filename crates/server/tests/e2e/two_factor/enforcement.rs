//! An instance that asks everybody for a second factor.

use std::time::Duration;

use serde_json::{Value, json};
use tessera_testkit::{Reply, TestApp};

use super::{PASSWORD, refs};
use crate::app;

async fn set(app: &TestApp, settings: Value) -> Reply {
    app.admin().put("/application/settings", settings).await
}

async fn enforce(app: &TestApp, hours: i64) {
    let settings = json!({ "require_two_factor_authentication": true, "two_factor_grace_period": hours });
    set(app, settings).await.ok();
}

#[tokio::test]
async fn the_setting_is_gitlabs_and_comes_with_its_time() {
    let app = app().await;
    let settings = app.admin().get("/application/settings").await.ok();
    assert_eq!(settings["require_two_factor_authentication"], false);
    assert_eq!(settings["two_factor_grace_period"], 48);
    let alone = set(&app, json!({ "require_two_factor_authentication": true })).await;
    assert_eq!(alone.to_string(), r#"400 {"error":"two_factor_grace_period is missing"}"#);
    set(&app, json!({ "require_two_factor_authentication": false })).await.ok();
    let negative = json!({ "require_two_factor_authentication": true, "two_factor_grace_period": -1 });
    assert_eq!(
        set(&app, negative).await.to_string(),
        r#"400 {"message":{"two_factor_grace_period":["must be greater than or equal to 0"]}}"#
    );
    enforce(&app, 24).await;
    let events = app.admin().get("/audit_events").await.ok();
    let told: Vec<&Value> =
        events.as_array().unwrap().iter().map(|event| &event["details"]["target_details"]).collect();
    assert!(told.contains(&&json!("require_two_factor_authentication")), "{told:?}");
    assert!(told.contains(&&json!("two_factor_grace_period")), "{told:?}");
}

#[tokio::test]
async fn the_time_begins_with_the_first_use_of_the_password() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    ada.project("demo").await;
    enforce(&app, 24).await;
    let end = async || ada.get("/user/two_factor").await.ok()["two_factor_grace_period_ends_at"].clone();
    assert_eq!(end().await, Value::Null);
    app.clock.advance(Duration::from_hours(24 * 30));
    assert_eq!(refs(&app.anonymous(), "ada", "another password").await.status, 401);
    assert_eq!(end().await, Value::Null, "a wrong password begins nothing");
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 200);
    assert_eq!(end().await, "2027-04-04T08:15:30.120Z");
    app.clock.advance(Duration::from_hours(12));
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 200);
    assert_eq!(end().await, "2027-04-04T08:15:30.120Z", "it does not begin again");
    app.clock.advance(Duration::from_hours(12));
    let late = refs(&app.anonymous(), "ada", PASSWORD).await;
    assert_eq!(late.status, 401);
    assert!(late.text().contains("personal access token"), "{}", late.text());
    assert_eq!(late.header("www-authenticate"), "");
    // More time is more time; asked anew, everybody has all of it.
    set(&app, json!({ "two_factor_grace_period": 25 })).await.ok();
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 200);
    app.clock.advance(Duration::from_hours(2));
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 401);
    set(&app, json!({ "require_two_factor_authentication": false })).await.ok();
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 200);
    enforce(&app, 24).await;
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 200);
    assert_eq!(end().await, "2027-04-05T10:15:30.120Z");
}

#[tokio::test]
async fn without_time_the_first_use_is_refused_and_a_token_sets_one_up() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    ada.project("demo").await;
    enforce(&app, 0).await;
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 401);
    assert_eq!(refs(&app.anonymous(), "ada", ada.secret()).await.status, 200);
    let (_, codes) = app.two_factor(&ada).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(ada.get("/user/two_factor").await.ok()["two_factor_required"], true);
}
