//! A rotated secret is presented again (D22).

use std::time::Duration;

use serde_json::json;

use crate::app;

#[tokio::test]
async fn the_whole_family_dies_but_not_the_bot() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let first = admin.project_token(project, "ci", &["api"]).await;
    let second = admin.rotated(project, first.id).await;
    app.clock.advance(Duration::from_secs(1));
    let third = admin.rotated(project, second.id).await;
    app.clock.advance(Duration::from_secs(1));
    third.client.get("/user").await.ok();
    first.client.get("/user").await.expect(401);
    third.client.get("/user").await.expect(401);
    admin.get(&format!("/users/{}", first.user_id)).await.ok();
    let fresh = admin.rotated(project, third.id).await;
    assert_eq!(fresh.user_id, first.user_id);
    fresh.client.get("/user").await.ok();
}

#[tokio::test]
async fn a_setting_keeps_it_to_the_audit_log() {
    let app = app().await;
    let admin = app.admin();
    admin.put("/application/settings", json!({ "token_reuse_response": "audit_only" })).await.ok();
    let project = admin.project("demo").await;
    let first = admin.project_token(project, "ci", &["api"]).await;
    let second = admin.rotated(project, first.id).await;
    app.clock.advance(Duration::from_secs(1));
    first.client.get("/user").await.expect(401);
    second.client.get("/user").await.ok();
}

#[tokio::test]
async fn what_was_revoked_for_good_takes_nothing_with_it() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let one = admin.project_token(project, "one", &["api"]).await;
    let two = admin.project_token(project, "two", &["api"]).await;
    admin.delete(&format!("/projects/{project}/access_tokens/{}", one.id)).await.gone();
    app.clock.advance(Duration::from_secs(1));
    one.client.get("/user").await.expect(401);
    two.client.get("/user").await.ok();
}
