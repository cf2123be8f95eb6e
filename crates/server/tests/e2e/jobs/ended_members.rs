//! Memberships whose date has come.

use std::time::Duration;

use serde_json::json;
use tessera_testkit::TestApp;

use crate::app;

/// Runs the job now, and says what it did.
async fn run(app: &TestApp) -> String {
    let job = tessera_service::jobs::run::find("membership_expiry").unwrap();
    app.service.run_job(job, app.service.now()).await.unwrap()
}

#[tokio::test]
async fn they_count_no_more_from_midnight_and_are_removed_soon_after() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let eve = app.person("eve").await;
    let wanted = json!({ "user_id": eve.id, "access_level": 30, "expires_at": "2027-03-10" });
    ada.client.post(&format!("/projects/{project}/members"), wanted).await.created();
    let path = format!("/projects/{project}");
    app.clock.to_eve_of("2027-03-10");
    app.settle().await;
    eve.client.get(&path).await.ok();
    app.clock.advance(Duration::from_secs(1));
    eve.client.get(&path).await.expect(404);
    assert_eq!(run(&app).await, "1 memberships removed");
    assert_eq!(run(&app).await, "0 memberships removed");
    ada.client.get(&path).await.ok();
    // The place is free for a new membership.
    app.member(project, eve.id, 20).await;
    eve.client.get(&path).await.ok();
}

#[tokio::test]
async fn the_last_owner_of_a_group_keeps_the_row() {
    let app = app().await;
    let ada = app.person("ada").await;
    let group = ada.client.group("tools").await;
    let eve = app.person("eve").await;
    let wanted = json!({ "user_id": eve.id, "access_level": 50, "expires_at": "2027-03-10" });
    ada.client.post(&format!("/groups/{group}/members"), wanted).await.created();
    let last = format!("/groups/{group}/members/{}", ada.id);
    ada.client.put(&last, json!({ "access_level": 50, "expires_at": "2027-03-12" })).await.ok();
    app.clock.to_eve_of("2027-03-13");
    // While nobody else is left, each of the two is the last.
    assert_eq!(run(&app).await, "0 memberships removed");
    let root = json!({ "user_id": 1, "access_level": 50 });
    app.admin().post(&format!("/groups/{group}/members"), root).await.created();
    assert_eq!(run(&app).await, "2 memberships removed");
}
