//! Failed authentications and refusals: merged, counted, written beside the requests (D30).

use std::time::Duration;

use serde_json::{Value, json};
use tessera_testkit::TestApp;

use crate::app;

/// The records of an action, oldest first.
async fn told(app: &TestApp, event: &str) -> Vec<Value> {
    app.service.keep_audit().await;
    let events = app.admin().get("/audit_events?per_page=100&sort=asc").await;
    events.json.as_array().unwrap().iter().filter(|found| found["event_name"] == event).cloned().collect()
}

#[tokio::test]
async fn failures_are_merged_by_minute_with_a_count() {
    let app = app().await;
    let wrong = app.token("glpat-a-token-that-was-never-made");
    assert_eq!(wrong.get("/user").await.status, 401);
    let first = told(&app, "authentication_fail").await;
    assert_eq!(first.len(), 1, "the first is written at once");
    assert_eq!(
        (&first[0]["details"]["reason"], &first[0]["details"]["count"]),
        (&json!("unknown_credential"), &json!(1))
    );
    assert_eq!(first[0]["details"]["ip_address"], "192.0.2.10");
    assert_eq!((&first[0]["author_id"], &first[0]["details"]["token_id"]), (&json!(-1), &Value::Null));
    for _ in 0..5 {
        app.clock.advance(Duration::from_secs(1));
        wrong.get("/projects").await;
    }
    assert_eq!(told(&app, "authentication_fail").await.len(), 1, "the rest waits for the end of the minute");
    app.clock.advance(Duration::from_mins(1));
    let all = told(&app, "authentication_fail").await;
    let counts: Vec<&Value> = all.iter().map(|event| &event["details"]["count"]).collect();
    assert_eq!(counts, [1, 5]);
    assert_eq!(all[1]["details"]["last_at"], "2027-03-04T08:15:35.120Z");
    assert!(super::walk(&app).await.is_whole());
}

#[tokio::test]
async fn whose_dead_token_it_was_is_told() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let dead = app.admin().project_token(project, "ci", &["api"]).await;
    app.admin().delete(&format!("/projects/{project}/access_tokens/{}", dead.id)).await.gone();
    dead.client.get("/user").await;
    let ada = app.person("ada").await;
    app.admin().post(&format!("/users/{}/block", ada.id), json!({})).await.created();
    ada.client.get("/user").await;
    let all = told(&app, "authentication_fail").await;
    let shown: Vec<_> = all
        .iter()
        .map(|event| {
            (
                event["details"]["reason"].as_str().unwrap(),
                event["details"]["target_details"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(shown.contains(&("revoked_token", "project_1_bot")), "{shown:?}");
    assert!(shown.contains(&("account_barred", "ada")), "{shown:?}");
    let revoked = all.iter().find(|event| event["details"]["reason"] == "revoked_token").unwrap();
    assert_eq!(revoked["details"]["token_id"], dead.id);
}

#[tokio::test]
async fn refusals_name_who_what_and_why() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let developer = app.person_in(project, "dev", 30).await;
    let tokens = format!("/projects/{project}/access_tokens");
    let wanted = json!({ "name": "x", "scopes": ["api"] });
    assert_eq!(developer.client.post(&tokens, wanted.clone()).await.status, 400);
    admin.put("/application/settings", json!({ "max_personal_access_token_lifetime": 30 })).await.ok();
    let late = json!({ "name": "x", "scopes": ["api"], "expires_at": app.clock.in_days(60) });
    assert_eq!(admin.post(&tokens, late).await.status, 400);
    let reader = admin.project_token(project, "reader", &["read_api"]).await;
    assert_eq!(reader.client.post("/projects/1/issues", json!({ "title": "x" })).await.status, 403);
    admin.post("/features/resource_access_token", json!({ "value": false })).await.created();
    assert_eq!(admin.post(&tokens, wanted).await.status, 400);
    let all = told(&app, "access_refuse").await;
    let mut shown: Vec<String> = all
        .iter()
        .map(|event| {
            let details = &event["details"];
            let text = |name: &str| details[name].as_str().unwrap().to_owned();
            format!("{} {}: {}", text("author_username"), text("target_details"), text("reason"))
        })
        .collect();
    shown.sort();
    assert_eq!(
        shown,
        [
            "dev CreateProjectToken: forbidden",
            "project_1_bot CreateIssue: insufficient_scope",
            "root CreateProjectToken: feature_off",
            "root CreateProjectToken: token_lifetime",
        ]
    );
    // What is merely wrong, and what nobody asked for with a credential, is no refusal.
    admin.post(&tokens, json!({ "name": "", "scopes": ["api"] })).await;
    app.anonymous().get("/user").await;
    assert_eq!(told(&app, "access_refuse").await.len(), 4);
    assert_eq!(told(&app, "authentication_fail").await.len(), 0);
}

#[tokio::test]
async fn git_says_which_name_was_tried() {
    let app = crate::instance().listening().start().await;
    app.admin().project("demo").await;
    let ask = |user: &'static str, password: &'static str| {
        let client = app.anonymous();
        async move {
            let path = "/root/demo.git/info/refs?service=git-upload-pack";
            client.at(tessera_testkit::Method::GET, path).basic(user, password).await.status
        }
    };
    assert_eq!(ask("mallory", "a wrong password").await, 401);
    assert_eq!(ask("mallory", "another wrong one").await, 401);
    let all = told(&app, "authentication_fail").await;
    assert_eq!(all.len(), 1, "{all:?}");
    let details = &all[0]["details"];
    assert_eq!((&details["target_details"], &details["count"]), (&json!("mallory"), &json!(2)));
    assert_eq!(details["surface"], "git");
}
