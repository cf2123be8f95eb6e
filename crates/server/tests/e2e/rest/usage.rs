//! The ledger: who used a token, when, from where, for what (U10).

use std::time::Duration;

use serde_json::{Value, json};
use tessera_testkit::Method;

use crate::app;

/// The ledger in short: operation, project, status, count.
fn short(lines: &Value) -> Vec<String> {
    let line = |line: &Value| {
        format!(
            "{} {} {} {} {} {}",
            line["used_at"].as_str().unwrap(),
            line["address"].as_str().unwrap(),
            line["operation"].as_str().unwrap(),
            line["project_id"],
            line["status"].as_str().unwrap(),
            line["count"]
        )
    };
    lines.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_maintainer_sees_what_a_bot_did_minute_by_minute() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let other = app.admin().project("other").await;
    let bot = app.admin().project_token(project, "ci", &["read_api", "read_repository"]).await;
    for _ in 0..3 {
        bot.client.get("/user").sent_from("198.51.100.7").await.ok();
    }
    bot.client.get("/user").sent_from("198.51.100.8").await.ok();
    bot.client.get(&format!("/projects/{project}")).await.ok();
    assert_eq!(bot.client.get(&format!("/projects/{other}")).await.status, 404);
    assert_eq!(
        bot.client.post(&format!("/projects/{project}/issues"), json!({ "title": "x" })).await.status,
        403
    );
    app.clock.advance(Duration::from_mins(1));
    let fetch = "/root/demo.git/info/refs?service=git-upload-pack";
    assert_eq!(app.anonymous().at(Method::GET, fetch).basic("any", bot.client.secret()).await.status, 200);
    app.settle().await;

    let ledger = app.admin().get(&format!("/projects/{project}/access_tokens/{}/usage", bot.id)).await.ok();
    let mut lines = short(&ledger);
    let day = lines[0][..10].to_owned();
    for line in &mut lines {
        *line = line.replace(&day, "DAY");
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    DAYT08:16:00.000Z 192.0.2.10 AdvertiseUploadPack 1 2xx 1
    DAYT08:15:00.000Z 198.51.100.8 GetCurrentUser null 2xx 1
    DAYT08:15:00.000Z 198.51.100.7 GetCurrentUser null 2xx 3
    DAYT08:15:00.000Z 192.0.2.10 GetProject 2 4xx 1
    DAYT08:15:00.000Z 192.0.2.10 GetProject 1 2xx 1
    DAYT08:15:00.000Z 192.0.2.10 CreateIssue null 4xx 1
    ");
    // The bot itself and its maker see the same; the next look has itself in it, a little later.
    let own = bot.client.get("/personal_access_tokens/self/usage").await.ok();
    assert_eq!(own, ledger);
    assert_eq!(
        app.admin().get(&format!("/personal_access_tokens/{}/usage?per_page=2", bot.id)).await.ok(),
        json!(ledger.as_array().unwrap()[..2])
    );
    let stranger = app.person("eve").await.client;
    assert_eq!(stranger.get(&format!("/personal_access_tokens/{}/usage", bot.id)).await.status, 401);
    assert_eq!(
        stranger.get(&format!("/projects/{project}/access_tokens/{}/usage", bot.id)).await.status,
        404
    );
}

#[tokio::test]
async fn lines_are_kept_as_long_as_the_setting_says() {
    let app = app().await;
    let ada = app.person("ada").await;
    ada.client.get("/user").await.ok();
    app.settle().await;
    let usage = || ada.client.get("/personal_access_tokens/self/usage");
    assert_eq!(usage().await.ok().as_array().unwrap().len(), 1);
    app.clock.advance(Duration::from_hours(24 * 32));
    app.settle().await;
    assert_eq!(usage().await.ok(), json!([]));
    app.settle().await;
    assert_eq!(usage().await.ok()[0]["operation"], "ListOwnTokenUsage", "that look has left its line");
    app.admin().put("/application/settings", json!({ "token_usage_retention_days": 0 })).await.ok();
    app.service.refresh().await.unwrap();
    app.clock.advance(Duration::from_hours(48));
    for _ in 0..3 {
        ada.client.get("/user").await.ok();
    }
    app.settle().await;
    assert_eq!(usage().await.ok(), json!([]));
}

#[tokio::test]
async fn a_token_is_told_what_it_may_do() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let reader = app.admin().project_token(project, "reader", &["read_repository"]).await.client;
    let told = reader.get("/personal_access_tokens/self?with_operations=true").await.ok();
    let doors: Vec<String> = told["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|door| format!("{} {}", door["method"].as_str().unwrap(), door["path"].as_str().unwrap()))
        .collect();
    insta::assert_snapshot!(doors.join("\n"), @"
    GET /api/v4/projects/:id/repository/files/:file_path
    GET /api/v4/projects/:id/repository/files/:file_path/raw
    GET /:path.git/info/refs?service=git-upload-pack
    POST /:path.git/git-upload-pack
    GET /api/v4/personal_access_tokens/self
    GET /api/v4/personal_access_tokens/self/usage
    GET /api/v4/personal_access_tokens/self/associations
    DELETE /api/v4/personal_access_tokens/self
    ");
    assert_eq!(told["name"], "reader");
    assert_eq!(reader.get("/personal_access_tokens/self").await.ok().get("operations"), None);
    // A Guest's bot with every scope is told of no more than a Guest may.
    let guest = json!({ "name": "guest", "scopes": ["api"], "access_level": 10 });
    let guest = app.admin().project_token_with(project, guest).await.client;
    let told = guest.get("/personal_access_tokens/self?with_operations=true").await.ok().to_string();
    assert!(
        told.contains("CreateIssue")
            && !told.contains("CreateProjectToken")
            && !told.contains("CreateBranch"),
        "{told}"
    );
}
