//! Settings that change what a token is.

use serde_json::json;

use crate::app;

#[tokio::test]
async fn the_longest_life_bounds_the_end_and_gives_the_default() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    admin.put("/application/settings", json!({ "max_personal_access_token_lifetime": 30 })).await.ok();
    let path = format!("/projects/{project}/access_tokens");
    let make = |end: serde_json::Value| {
        let wanted = json!({ "name": "x", "scopes": ["api"], "expires_at": end });
        admin.post(&path, wanted)
    };
    assert_eq!(
        make(json!("2027-04-03")).await.created()["expires_at"],
        "2027-04-03",
        "the limit is included"
    );
    assert_eq!(
        make(json!("2027-04-04")).await.to_string(),
        r#"400 {"message":"400 Bad request - Expires at must be before 2027-04-03"}"#
    );
    assert_eq!(make(json!(null)).await.created()["expires_at"], "2027-04-03");
}

#[tokio::test]
async fn a_required_end_is_a_year_away() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    admin.put("/application/settings", json!({ "require_personal_access_token_expiry": true })).await.ok();
    let token = admin.project_token(project, "ci", &["api"]).await;
    assert_eq!(token.json["expires_at"], "2028-03-03");
}

#[tokio::test]
async fn another_prefix_counts_for_new_tokens_only() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let old = admin.project_token(project, "old", &["api"]).await;
    admin.put("/application/settings", json!({ "personal_access_token_prefix": "acme-" })).await.ok();
    let new = admin.project_token(project, "new", &["api"]).await;
    assert!(new.client.secret().starts_with("acme-"));
    old.client.get("/user").await.ok();
    new.client.get("/user").await.ok();
}
