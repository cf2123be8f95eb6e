//! Midnight UTC (P4, D10).

use std::time::Duration;

use serde_json::json;

use crate::app;

const EXPIRED: &str = r#"401 {"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}"#;

#[tokio::test]
async fn a_token_lives_until_the_last_second_before_its_date() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-10" });
    let token = app.admin().project_token_with(project, wanted).await;
    let path = format!("/projects/{project}/access_tokens/{}", token.id);
    app.clock.to_eve_of("2027-03-10");
    token.client.get("/user").await.ok();
    assert_eq!(app.admin().get(&path).await.ok()["active"], true);
    app.clock.advance(Duration::from_secs(1));
    let reply = token.client.get("/user").await;
    assert_eq!(reply.to_string(), EXPIRED);
    assert_eq!(
        reply.header("www-authenticate"),
        "Bearer realm=\"Protected by OAuth 2.0\", error=\"invalid_token\", error_description=\"Token is expired. You can either do re-authorization or token refresh.\""
    );
    let row = app.admin().get(&path).await.ok();
    assert_eq!((&row["active"], &row["revoked"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn todays_date_is_accepted_and_the_token_is_born_dead() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": app.clock.in_days(0) });
    let token = app.admin().project_token_with(project, wanted).await;
    assert_eq!(token.json["active"], false);
    assert_eq!(token.client.get("/user").await.to_string(), EXPIRED);
}

#[tokio::test]
async fn expiry_kills_the_secret_not_the_bot() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-10" });
    let token = admin.project_token_with(project, wanted).await;
    app.clock.to_eve_of("2027-03-20");
    token.client.get("/user").await.expect(401);
    let new = admin.rotated(project, token.id).await;
    assert_eq!((new.user_id, &new.json["expires_at"]), (token.user_id, &json!("2027-03-26")));
    new.client.get("/user").await.ok();
}

#[tokio::test]
async fn project_tokens_expire_whatever_is_enforced_for_people() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-10" });
    let bot = ada.client.project_token_with(project, wanted).await;
    let personal = json!({ "name": "own", "scopes": ["api"], "expires_at": "2027-03-10" });
    let made =
        app.admin().post(&format!("/users/{}/personal_access_tokens", ada.id), personal).await.created();
    let person = app.token(made["token"].as_str().unwrap());
    app.clock.to_eve_of("2027-03-11");
    person.get("/user").await.expect(401);
    app.admin().put("/application/settings", json!({ "enforce_pat_expiration": false })).await.ok();
    person.get("/user").await.ok();
    bot.client.get("/user").await.expect(401);
}
