//! Retention (D11): a bot goes when all of its secrets have been dead for long enough.

use std::time::Duration;

use serde_json::json;

use crate::app;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_bot_goes_thirty_days_after_its_last_secret_died() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-10" });
    let token = ada.client.project_token_with(project, wanted).await;
    let issue = token.client.post(&format!("/projects/{project}/issues"), json!({ "title": "found" })).await;
    let issue = issue.created()["iid"].as_i64().unwrap();
    let bot = format!("/users/{}", token.user_id);
    app.clock.to_eve_of("2027-04-09");
    app.settle().await;
    app.admin().get(&bot).await.ok();
    app.clock.advance(Duration::from_secs(1));
    app.settle().await;
    app.admin().get(&bot).await.expect(404);
    let issue = ada.client.get(&format!("/projects/{project}/issues/{issue}")).await.ok();
    assert_eq!(issue["author"]["username"], "ghost", "its records are kept (B7)");
    let kept = ada.client.get(&format!("/projects/{project}/access_tokens?state=inactive")).await.ok();
    assert_eq!((&kept[0]["name"], &kept[0]["active"]), (&json!("ci"), &json!(false)));
}

#[tokio::test]
async fn a_bot_with_a_live_secret_is_never_touched() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let endless = ada.client.project_token(project, "endless", &["api"]).await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-10" });
    let dated = ada.client.project_token_with(project, wanted).await;
    app.clock.to_eve_of("2027-04-09");
    // One second before its end the bot gets a new secret.
    let revived = ada.client.rotated(project, dated.id).await;
    for _ in 0..3 {
        app.clock.advance(DAY);
        app.settle().await;
    }
    revived.client.get("/user").await.ok();
    endless.client.get("/user").await.ok();
    // The new secret lives a week; thirty days after that the bot goes.
    app.clock.to_eve_of("2027-05-15");
    app.settle().await;
    app.admin().get(&format!("/users/{}", revived.user_id)).await.ok();
    app.clock.advance(Duration::from_secs(1));
    app.settle().await;
    app.admin().get(&format!("/users/{}", revived.user_id)).await.expect(404);
    endless.client.get("/user").await.ok();
}

#[tokio::test]
async fn a_bot_whose_secrets_were_killed_by_reuse_is_kept_as_long() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let old = ada.client.project_token(project, "ci", &["api"]).await;
    ada.client.rotated(project, old.id).await;
    app.clock.advance(Duration::from_secs(1));
    old.client.get("/user").await.expect(401);
    let bot = format!("/users/{}", old.user_id);
    app.clock.advance(29 * DAY);
    app.settle().await;
    app.admin().get(&bot).await.ok();
    app.clock.advance(2 * DAY);
    app.settle().await;
    app.admin().get(&bot).await.expect(404);
}

#[tokio::test]
async fn the_setting_moves_the_day_or_keeps_bots_for_ever() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-10" });
    let token = ada.client.project_token_with(project, wanted).await;
    let bot = format!("/users/{}", token.user_id);
    let name = "inactive_resource_access_tokens_delete_after_days";
    app.admin().put("/application/settings", json!({ name: null })).await.ok();
    app.clock.to_eve_of("2028-03-10");
    app.settle().await;
    app.admin().get(&bot).await.ok();
    app.admin().put("/application/settings", json!({ name: 366 })).await.ok();
    app.clock.advance(Duration::from_secs(1));
    app.settle().await;
    app.admin().get(&bot).await.expect(404);
}
