//! Revocation and what becomes of the bot (B7, D8).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn the_answer_is_the_end_of_token_and_bot() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let token = ada.client.project_token(project, "ci", &["api"]).await;
    let path = format!("/projects/{project}/access_tokens/{}", token.id);
    ada.client.delete(&path).await.gone();
    let refused = token.client.get("/user").await;
    assert_eq!(
        refused.to_string(),
        r#"401 {"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}"#
    );
    assert_eq!(app.admin().get(&format!("/users/{}", token.user_id)).await.status, 404, "the bot is no more");
    app.settle().await;
    assert_eq!(app.admin().get(&format!("/users/{}", token.user_id)).await.status, 404);
    let row = ada.client.get(&path).await.ok();
    assert_eq!((&row["revoked"], &row["active"], &row["name"]), (&json!(true), &json!(false), &json!("ci")));
    assert_eq!(row["access_level"], 40, "the row stays for the record");
    let inactive = ada.client.get(&format!("/projects/{project}/access_tokens?state=inactive")).await;
    assert_eq!(inactive.each("name"), ["ci"]);
    let again = ada.client.delete(&path).await;
    assert_eq!(again.to_string(), r#"404 {"message":"404 project Access Token Not Found"}"#);
}

#[tokio::test]
async fn the_bot_leaves_the_members_list() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let token = ada.client.project_token(project, "ci", &["api"]).await;
    let members = format!("/projects/{project}/members");
    assert!(ada.client.get(&members).await.each("id").contains(&token.user_id.to_string()));
    ada.client.delete(&format!("/projects/{project}/access_tokens/{}", token.id)).await.gone();
    assert!(!ada.client.get(&members).await.each("id").contains(&token.user_id.to_string()));
}

#[tokio::test]
async fn who_may_not_hears_both_names() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let token = ada.client.project_token(project, "release bot", &["api"]).await;
    let developer = app.person_in(project, "grace", 30).await;
    let path = format!("/projects/{project}/access_tokens/{}", token.id);
    let reply = developer.client.delete(&path).await;
    assert_eq!(reply.to_string(), r#"400 {"message":"400 Bad request - Grace cannot delete release bot"}"#);
    token.client.get("/user").await.ok();
    let stranger = app.person("eve").await;
    assert_eq!(stranger.client.delete(&path).await.to_string(), r#"404 {"message":"404 Project Not Found"}"#);
}

#[tokio::test]
async fn a_bot_kills_a_siblings_secret_but_not_the_sibling() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let one = ada.client.project_token(project, "one", &["api"]).await;
    let two = ada.client.project_token(project, "two", &["api"]).await;
    one.client.delete(&format!("/projects/{project}/access_tokens/{}", two.id)).await.gone();
    two.client.get("/user").await.expect(401);
    app.admin().get(&format!("/users/{}", two.user_id)).await.ok();
    let again = ada.client.rotated(project, two.id).await;
    assert_eq!(again.user_id, two.user_id, "a Maintainer gives the bot a new secret");
    again.client.get("/user").await.ok();
}

#[tokio::test]
async fn a_token_may_end_itself() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["read_registry"]).await;
    token.client.delete("/personal_access_tokens/self").await.gone();
    token.client.get("/personal_access_tokens/self").await.expect(401);
    app.admin().get(&format!("/users/{}", token.user_id)).await.ok();
}
