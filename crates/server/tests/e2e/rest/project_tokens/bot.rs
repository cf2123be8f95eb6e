//! The bot behind a token (B1 to B6).

use insta::assert_snapshot;
use serde_json::json;

use crate::app;

#[tokio::test]
async fn its_name_is_the_tokens_and_its_username_of_the_projects_series() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let mut usernames = Vec::new();
    for name in ["first", "second", "third"] {
        let token = ada.client.project_token(project, name, &["api"]).await;
        let bot = token.client.get("/user").await.ok();
        assert_eq!((&bot["name"], &bot["bot"]), (&json!(name), &json!(true)));
        usernames.push(bot["username"].as_str().unwrap().to_owned());
    }
    assert_eq!(usernames, ["project_1_bot", "project_1_bot1", "project_1_bot2"]);
}

#[tokio::test]
async fn a_number_of_the_series_is_never_given_twice() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let first = ada.client.project_token(project, "first", &["api"]).await;
    ada.client.delete(&format!("/projects/{project}/access_tokens/{}", first.id)).await.gone();
    app.settle().await;
    let second = ada.client.project_token(project, "second", &["api"]).await;
    assert_eq!(second.client.get("/user").await.ok()["username"], "project_1_bot1");
    assert!(second.user_id > first.user_id, "no number is ever used twice (D32)");
}

#[tokio::test]
async fn it_sees_itself_as_clients_need_it() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["read_api"]).await;
    let me = token.client.get("/user").await;
    assert_snapshot!(me.json["email"], @r#""project_1_bot@noreply.tessera.test""#);
    assert_eq!(me.json["state"], "active");
    assert_eq!(token.client.get("/personal_access_tokens/self").await.ok()["id"], token.id);
}

#[tokio::test]
async fn it_is_a_member_that_nobody_can_change() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "access_level": 30, "expires_at": "2027-05-01" });
    let token = ada.client.project_token_with(project, wanted).await;
    let path = format!("/projects/{project}/members/{}", token.user_id);
    let member = ada.client.get(&path).await.ok();
    assert_eq!((&member["access_level"], &member["expires_at"]), (&json!(30), &json!(null)));
    let refused = r#"403 {"message":"403 Forbidden"}"#;
    for client in [&ada.client, &app.admin(), &token.client] {
        assert_eq!(client.put(&path, json!({ "access_level": 40 })).await.to_string(), refused);
        assert_eq!(client.delete(&path).await.to_string(), refused);
    }
    assert_eq!(ada.client.get(&path).await.ok()["access_level"], 30);
}

#[tokio::test]
async fn it_joins_no_other_project_or_group() {
    let app = app().await;
    let ada = app.person("ada").await;
    let (home, other) = (ada.client.project("home").await, ada.client.project("other").await);
    let token = ada.client.project_token(home, "ci", &["api"]).await;
    let wanted = json!({ "user_id": token.user_id, "access_level": 30 });
    let refused =
        r#"400 {"message":{"user_id":["project bots cannot be added to other groups / projects"]}}"#;
    let reply = ada.client.post(&format!("/projects/{other}/members"), wanted.clone()).await;
    assert_eq!(reply.to_string(), refused);
    let group = ada.client.group("tools").await;
    let reply = ada.client.post(&format!("/groups/{group}/members"), wanted.clone()).await;
    assert_eq!(reply.to_string(), refused);
    let reply = ada.client.post(&format!("/projects/{home}/members"), wanted).await;
    assert_eq!(reply.to_string(), r#"409 {"message":"Member already exists"}"#);
}

#[tokio::test]
async fn a_blocked_bot_does_nothing() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["api"]).await;
    app.admin().post(&format!("/users/{}/block", token.user_id), json!({})).await.created();
    let refused = token.client.get("/user").await;
    assert_eq!(refused.to_string(), r#"403 {"message":"403 Forbidden - Your account has been blocked."}"#);
    app.admin().post(&format!("/users/{}/unblock", token.user_id), json!({})).await.created();
    token.client.get("/user").await.ok();
}

#[tokio::test]
async fn the_bot_of_an_external_maker_is_external() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let guest = app.person_with("eve", json!({ "external": true })).await;
    app.member(project, guest.id, 40).await;
    let token = guest.client.project_token(project, "ci", &["api"]).await;
    let bot = app.admin().get(&format!("/users/{}", token.user_id)).await.ok();
    assert_eq!(bot["external"], true);
}
