//! Projects and groups, as far as tokens hang on them.

use serde_json::json;

use crate::app;

#[tokio::test]
async fn clients_find_what_they_insist_on() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let token = ada
        .client
        .project_token_with(project, json!({ "name": "ci", "scopes": ["api"], "access_level": 30 }))
        .await;
    let seen = token.client.get("/projects/ada%2Fdemo").await.ok();
    assert_eq!(seen["permissions"]["project_access"]["access_level"], 30, "semantic-release reads this");
    assert!(seen["permissions"].as_object().unwrap().contains_key("group_access"));
    for key in [
        "path_with_namespace",
        "default_branch",
        "http_url_to_repo",
        "visibility",
        "namespace",
        "archived",
        "empty_repo",
        "_links",
    ] {
        assert!(seen.get(key).is_some(), "{key} is missing");
    }
    assert_eq!(seen["http_url_to_repo"], "http://tessera.test/ada/demo.git");
    assert_eq!(token.client.get("/projects/ADA%2FDemo").await.ok()["id"], project, "whatever the case");
}

#[tokio::test]
async fn visibility_decides_what_a_list_shows() {
    let app = app().await;
    let ada = app.person("ada").await;
    for visibility in ["private", "internal", "public"] {
        ada.client.project_with(json!({ "name": visibility, "visibility": visibility })).await;
    }
    let eve = app.person("eve").await;
    let outsider = app.person_with("otto", json!({ "external": true })).await;
    let names = async |client: &tessera_testkit::Client| {
        client.get("/projects?order_by=id&sort=asc").await.each("name").join(" ")
    };
    assert_eq!(names(&ada.client).await, "private internal public");
    assert_eq!(names(&app.admin()).await, "private internal public");
    assert_eq!(names(&eve.client).await, "internal public");
    assert_eq!(names(&outsider.client).await, "public");
    assert_eq!(names(&app.anonymous()).await, "public");
    let keyset = ada.client.get("/projects?pagination=keyset&order_by=id&sort=asc&per_page=2").await;
    assert_eq!(keyset.each("name"), ["private", "internal"]);
    assert!(
        keyset.header("link").contains("id_after=2") && keyset.header("x-total").is_empty(),
        "{}",
        keyset.header("link")
    );
}

#[tokio::test]
async fn an_archived_project_takes_no_writes_and_tokens_go_on_reading() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let token = ada.client.project_token(project, "ci", &["api"]).await;
    let path = format!("/projects/{project}");
    ada.client.post(&format!("{path}/archive"), json!({})).await.created();
    assert_eq!(token.client.get(&path).await.ok()["archived"], true);
    token.client.post(&format!("{path}/issues"), json!({ "title": "x" })).await.expect(403);
    ada.client.post(&format!("{path}/unarchive"), json!({})).await.created();
    token.client.post(&format!("{path}/issues"), json!({ "title": "x" })).await.created();
}

#[tokio::test]
async fn a_top_level_group_closes_the_mint_and_nothing_else() {
    let app = app().await;
    let ada = app.person("ada").await;
    let group = ada.client.group("tools").await;
    let project = ada.client.project_with(json!({ "name": "demo", "namespace_id": group })).await;
    let token = ada.client.project_token(project, "ci", &["api"]).await;
    let closed = json!({ "resource_access_token_creation_allowed": false });
    ada.client.put(&format!("/groups/{group}"), closed).await.ok();
    let path = format!("/projects/{project}/access_tokens");
    let refused = ada.client.post(&path, json!({ "name": "x", "scopes": ["api"] })).await;
    assert_eq!(
        refused.to_string(),
        r#"400 {"message":"400 Bad request - User does not have permission to create project access token"}"#
    );
    token.client.get("/user").await.ok();
    assert_eq!(ada.client.get(&path).await.each("name"), ["ci"]);
    ada.client.delete(&format!("{path}/{}", token.id)).await.gone();
}

#[tokio::test]
async fn the_end_of_a_group_is_the_end_of_the_tokens_below() {
    let app = app().await;
    let ada = app.person("ada").await;
    let group = ada.client.group("tools").await;
    let project = ada.client.project_with(json!({ "name": "demo", "namespace_id": group })).await;
    let token = ada.client.project_token(project, "ci", &["api"]).await;
    ada.client.delete(&format!("/groups/{group}")).await.expect(202);
    token.client.get("/user").await.expect(401);
    app.settle().await;
    token.client.get("/user").await.expect(401);
    ada.client.get(&format!("/projects/{project}")).await.expect(404);
}

#[tokio::test]
async fn only_owners_delete_and_no_bot_does() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let path = format!("/projects/{project}");
    let maintainer = app.person_in(project, "grace", 40).await;
    let wanted = json!({ "name": "owner", "scopes": ["api"], "access_level": 50 });
    let bot = ada.client.project_token_with(project, wanted).await;
    for client in [&maintainer.client, &bot.client] {
        assert_eq!(client.delete(&path).await.to_string(), r#"403 {"message":"403 Forbidden"}"#);
    }
    assert_eq!(ada.client.delete(&path).await.to_string(), r#"202 {"message":"202 Accepted"}"#);
    assert_eq!(ada.client.get(&path).await.to_string(), r#"404 {"message":"404 Project Not Found"}"#);
}
