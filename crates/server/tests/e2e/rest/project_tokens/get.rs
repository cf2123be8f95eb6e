//! One token.

use serde_json::json;

use crate::app;

#[tokio::test]
async fn maintainers_and_siblings_read_it_others_do_not() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let one = ada.client.project_token(project, "one", &["api"]).await;
    let two = ada.client.project_token(project, "two", &["read_api"]).await;
    let path = format!("/projects/{project}/access_tokens/{}", one.id);
    let shown = ada.client.get(&path).await.ok();
    assert_eq!((&shown["name"], &shown["scopes"]), (&json!("one"), &json!(["api"])));
    assert_eq!(two.client.get(&path).await.ok(), shown, "a project token reads a sibling");
    let developer = app.person_in(project, "grace", 30).await;
    assert_eq!(developer.client.get(&path).await.to_string(), r#"401 {"message":"401 Unauthorized"}"#);
    let stranger = app.person("eve").await;
    assert_eq!(stranger.client.get(&path).await.to_string(), r#"404 {"message":"404 Project Not Found"}"#);
}

#[tokio::test]
async fn a_number_of_another_project_is_unknown() {
    let app = app().await;
    let admin = app.admin();
    let (one, two) = (admin.project("one").await, admin.project("two").await);
    let token = admin.project_token(two, "bot", &["api"]).await;
    let unknown = r#"404 {"message":"404 project Access Token Not Found"}"#;
    for id in [token.id, 999] {
        let path = format!("/projects/{one}/access_tokens/{id}");
        assert_eq!(admin.get(&path).await.to_string(), unknown);
        assert_eq!(admin.delete(&path).await.to_string(), unknown);
        assert_eq!(admin.post(&format!("{path}/rotate"), json!({})).await.to_string(), unknown);
    }
    token.client.get("/user").await.ok();
    let path = format!("/projects/{one}/access_tokens/one");
    assert_eq!(admin.get(&path).await.to_string(), r#"400 {"error":"token_id is invalid"}"#);
}
