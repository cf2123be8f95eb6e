//! A project token is one project's: outside it sees what anybody sees (P1, D6).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn outside_it_is_nobody() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = |name: &'static str, visibility: &'static str| {
        ada.client.project_with(json!({ "name": name, "visibility": visibility }))
    };
    let home = project("home", "private").await;
    let (private, internal, public) =
        (project("a", "private").await, project("b", "internal").await, project("c", "public").await);
    let bot = ada
        .client
        .project_token_with(home, json!({ "name": "ci", "scopes": ["api"], "access_level": 50 }))
        .await;
    let get = async |id: i64| bot.client.get(&format!("/projects/{id}")).await.status;
    assert_eq!(
        [get(home).await, get(private).await, get(internal).await, get(public).await],
        [200, 404, 404, 200]
    );
    let list = bot.client.get("/projects?order_by=id&sort=asc").await;
    assert_eq!(list.each("id"), [home.to_string(), public.to_string()]);
}

#[tokio::test]
async fn it_changes_nothing_outside() {
    let app = app().await;
    let ada = app.person("ada").await;
    let home = ada.client.project("home").await;
    let public = ada.client.project_with(json!({ "name": "c", "visibility": "public" })).await;
    let bot = ada.client.project_token(home, "ci", &["api"]).await;
    let refused = r#"403 {"message":"403 Forbidden"}"#;
    let issues = format!("/projects/{public}/issues");
    assert_eq!(bot.client.post(&issues, json!({ "title": "x" })).await.to_string(), refused);
    let members = format!("/projects/{public}/members");
    assert_eq!(
        bot.client.post(&members, json!({ "user_id": ada.id, "access_level": 30 })).await.to_string(),
        refused
    );
    bot.client.get(&format!("/projects/{public}/access_tokens")).await.expect(401);
    bot.client.post("/projects", json!({ "name": "mine" })).await.expect(403);
    bot.client.post("/groups", json!({ "name": "mine", "path": "mine" })).await.expect(403);
    bot.client
        .post("/user/personal_access_tokens", json!({ "name": "x", "scopes": ["self_rotate"] }))
        .await
        .expect(403);
}

#[tokio::test]
async fn its_role_and_its_scopes_bound_it_inside() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("home").await;
    let wanted =
        |scopes: [&str; 1], level: i64| json!({ "name": "x", "scopes": scopes, "access_level": level });
    let reporter = ada.client.project_token_with(project, wanted(["api"], 20)).await;
    let reader = ada.client.project_token_with(project, wanted(["read_api"], 50)).await;
    let registry = ada.client.project_token_with(project, wanted(["read_registry"], 50)).await;
    let path = format!("/projects/{project}");
    reporter.client.get(&path).await.ok();
    reporter.client.put(&path, json!({ "description": "x" })).await.expect(403);
    reader.client.get(&path).await.ok();
    let refused = reader.client.put(&path, json!({ "description": "x" })).await;
    assert_eq!(refused.json["error"], "insufficient_scope");
    registry.client.get(&path).await.expect(403);
    registry.client.get("/projects/999").await.expect(403);
}

#[tokio::test]
async fn the_project_of_a_removed_member_goes_on_without_them() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("home").await;
    let maker = app.person_in(project, "grace", 40).await;
    let token = maker.client.project_token(project, "ci", &["api"]).await;
    app.admin().delete(&format!("/projects/{project}/members/{}", maker.id)).await.gone();
    maker.client.get(&format!("/projects/{project}")).await.expect(404);
    token.client.get(&format!("/projects/{project}")).await.ok();
}
