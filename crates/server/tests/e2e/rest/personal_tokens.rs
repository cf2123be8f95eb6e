//! Personal and impersonation tokens (semantics sheet of scopes, 3.2, 3.3 and 4).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn one_sees_ones_own_and_no_others() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    let own = ada.client.get("/personal_access_tokens/self").await.ok();
    let path = format!("/personal_access_tokens/{}", own["id"]);
    assert_eq!(ada.client.get(&path).await.ok()["user_id"], ada.id);
    let refused = r#"401 {"message":"401 Unauthorized"}"#;
    assert_eq!(eve.client.get(&path).await.to_string(), refused);
    assert_eq!(eve.client.get("/personal_access_tokens/999").await.to_string(), refused);
    assert_eq!(app.admin().get("/personal_access_tokens/999").await.status, 404);
    assert_eq!(ada.client.get("/personal_access_tokens").await.each("id"), [own["id"].to_string()]);
    let others = eve.client.get(&format!("/personal_access_tokens?user_id={}", ada.id)).await;
    assert_eq!(others.to_string(), refused);
    let listed = app.admin().get(&format!("/personal_access_tokens?user_id={}", ada.id)).await;
    assert_eq!(listed.each("id"), [own["id"].to_string()]);
}

#[tokio::test]
async fn revoking_by_number_is_for_the_owner_and_administrators() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    let second = app.personal_token(ada.id, &["read_user"]).await;
    let id = second.get("/personal_access_tokens/self").await.ok()["id"].clone();
    let path = format!("/personal_access_tokens/{id}");
    assert_eq!(eve.client.delete(&path).await.to_string(), r#"400 {"message":"400 Bad request"}"#);
    ada.client.delete(&path).await.gone();
    second.get("/user").await.expect(401);
    let unknown = ada.client.delete("/personal_access_tokens/999").await;
    assert_eq!(unknown.to_string(), r#"404 {"message":"404 Not found"}"#);
}

#[tokio::test]
async fn rotation_keeps_everything_but_the_secret() {
    let app = app().await;
    let ada = app.person("ada").await;
    let old = ada.client.get("/personal_access_tokens/self").await.ok();
    let new = ada.client.post("/personal_access_tokens/self/rotate", json!({})).await.ok();
    assert_eq!((&new["name"], &new["scopes"]), (&old["name"], &old["scopes"]));
    ada.client.get("/user").await.expect(401);
    let fresh = app.token(new["token"].as_str().unwrap());
    fresh.get("/user").await.ok();
    let again = app.admin().post(&format!("/personal_access_tokens/{}/rotate", old["id"]), json!({})).await;
    assert_eq!(again.to_string(), r#"400 {"message":"400 Bad request - Token already revoked"}"#);
}

#[tokio::test]
async fn an_administrator_makes_tokens_for_people_but_not_for_bots() {
    let app = app().await;
    let ada = app.person("ada").await;
    let path = format!("/users/{}/personal_access_tokens", ada.id);
    let bad = app.admin().post(&path, json!({ "name": "x", "scopes": ["nonsense"] })).await;
    assert_eq!(bad.to_string(), r#"400 {"error":"scopes does not have a valid value"}"#);
    let above = app.admin().post(&path, json!({ "name": "x", "scopes": ["sudo"] })).await;
    assert_eq!(above.status, 422, "sudo is for administrators: {above}");
    ada.client.post(&path, json!({ "name": "x", "scopes": ["api"] })).await.expect(403);
    let project = ada.client.project("demo").await;
    let bot = ada.client.project_token(project, "ci", &["api"]).await;
    let path = format!("/users/{}/personal_access_tokens", bot.user_id);
    let refused = app.admin().post(&path, json!({ "name": "x", "scopes": ["api"] })).await;
    assert_eq!(refused.to_string(), r#"422 {"message":"Not permitted to create"}"#);
}

#[tokio::test]
async fn one_makes_oneself_only_the_harmless() {
    let app = app().await;
    let ada = app.person("ada").await;
    let own = |scopes: &[&str]| {
        ada.client.post("/user/personal_access_tokens", json!({ "name": "x", "scopes": scopes }))
    };
    assert_eq!(own(&["api"]).await.to_string(), r#"400 {"error":"scopes does not have a valid value"}"#);
    own(&["self_rotate"]).await.created();
}

#[tokio::test]
async fn impersonation_tokens_are_the_administrators_affair() {
    let app = app().await;
    let ada = app.person("ada").await;
    let path = format!("/users/{}/impersonation_tokens", ada.id);
    let made = app.admin().post(&path, json!({ "name": "as ada", "scopes": ["api"] })).await.created();
    assert_eq!(made["impersonation"], true);
    let acting = app.token(made["token"].as_str().unwrap());
    assert_eq!(acting.get("/user").await.ok()["username"], "ada");
    ada.client.get(&path).await.expect(403);
    let id = made["id"].as_i64().unwrap();
    assert!(!ada.client.get("/personal_access_tokens").await.each("id").contains(&id.to_string()));
    ada.client.get(&format!("/personal_access_tokens/{id}")).await.expect(401);
    ada.client.delete(&format!("/personal_access_tokens/{id}")).await.expect(404);
    acting.get("/user").await.ok();
    assert_eq!(app.admin().get(&path).await.each("id"), [id.to_string()]);
    let one = format!("{path}/{id}");
    app.admin().delete(&one).await.gone();
    acting.get("/user").await.expect(401);
    app.admin().delete(&one).await.gone();
    assert_eq!(app.admin().get(&format!("{path}?state=active")).await.to_string(), "200 []");
    let unknown = app.admin().get(&format!("{path}/999")).await;
    assert_eq!(unknown.to_string(), r#"404 {"message":"404 Impersonation Token Not Found"}"#);
    let nobody = app.admin().get("/users/999/impersonation_tokens").await;
    assert_eq!(nobody.to_string(), r#"404 {"message":"404 User Not Found"}"#);
}

#[tokio::test]
async fn a_narrow_token_mints_nothing_wider() {
    let app = app().await;
    let narrow = app.personal_token(1, &["read_api"]).await;
    narrow
        .post("/users/1/personal_access_tokens", json!({ "name": "x", "scopes": ["api"] }))
        .await
        .expect(403);
    let api = app.personal_token(1, &["api"]).await;
    let reply =
        api.post("/users/1/personal_access_tokens", json!({ "name": "x", "scopes": ["api", "sudo"] })).await;
    assert_eq!(reply.status, 422, "api alone gives no sudo: {reply}");
}

#[tokio::test]
async fn last_use_is_refreshed_once_a_day() {
    let app = app().await;
    let ada = app.person("ada").await;
    let used = async || {
        app.settle().await;
        let listed = app.admin().get(&format!("/personal_access_tokens?user_id={}", ada.id)).await;
        listed.json[0]["last_used_at"].clone()
    };
    assert_eq!(used().await, json!(null));
    ada.client.get("/user").await.ok();
    assert_eq!(used().await, "2027-03-04T08:15:30.120Z");
    app.clock.advance(std::time::Duration::from_hours(23));
    ada.client.get("/user").await.ok();
    assert_eq!(used().await, "2027-03-04T08:15:30.120Z");
    app.clock.advance(std::time::Duration::from_hours(1));
    ada.client.get("/user").await.ok();
    assert_eq!(used().await, "2027-03-05T08:15:30.120Z");
}
