//! What a token of a project does to its files and branches, and what it may not.

use serde_json::{Value, json};
use tessera_testkit::{Client, TestApp};

use crate::app;

/// A project with one file on `main`, written by a Maintainer's bot.
async fn world(app: &TestApp) -> (i64, Client) {
    let project = app.admin().project("demo").await;
    let bot = app.admin().project_token(project, "ci", &["api"]).await.client;
    let wanted = json!({ "branch": "main", "content": "hello\n", "commit_message": "Say hello" });
    bot.post(&format!("/projects/{project}/repository/files/docs%2FREADME.md"), wanted).await.created();
    (project, bot)
}

#[tokio::test]
async fn read_repository_reads_files_and_no_more() {
    let app = app().await;
    let (project, _) = world(&app).await;
    let reader = app.admin().project_token(project, "reader", &["read_repository"]).await.client;
    let path = format!("/projects/{project}/repository/files/docs%2FREADME.md");
    let file = reader.get(&format!("{path}?ref=main")).await.ok();
    assert_eq!(
        (&file["content"], &file["encoding"], &file["size"]),
        (&json!("aGVsbG8K"), &json!("base64"), &json!(6))
    );
    assert_eq!(reader.get(&format!("{path}/raw?ref=main")).await.text(), "hello\n");
    let refused = reader.delete(&format!("{path}?branch=main&commit_message=x")).await;
    assert_eq!((refused.status, &refused.json["scope"]), (403, &json!("read_repository api read_api")));
    let branches = reader.get(&format!("/projects/{project}/repository/branches")).await;
    assert_eq!((branches.status, &branches.json["scope"]), (403, &json!("api read_api")));
    let missing = reader.get(&format!("/projects/{project}/repository/files/none?ref=main")).await;
    assert_eq!(missing.to_string(), r#"404 {"message":"404 File Not Found"}"#);
}

#[tokio::test]
async fn a_commit_by_the_api_is_the_bots() {
    let app = app().await;
    let (project, bot) = world(&app).await;
    let branch = bot.get(&format!("/projects/{project}/repository/branches/main")).await.ok();
    assert_eq!(branch["commit"]["author_name"], "ci");
    assert_eq!(branch["commit"]["author_email"], "project_1_bot@noreply.tessera.test");
    assert_eq!((&branch["protected"], &branch["default"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn a_developer_writes_beside_the_protected_branch() {
    let app = app().await;
    let (project, _) = world(&app).await;
    let wanted = json!({ "name": "dev", "scopes": ["api"], "access_level": 30 });
    let developer = app.admin().project_token_with(project, wanted).await.client;
    let write = async |branch: &str| -> Value {
        let wanted = json!({ "branch": branch, "content": "x", "commit_message": "x" });
        let reply =
            developer.post(&format!("/projects/{project}/repository/files/{branch}.txt"), wanted).await;
        json!(reply.status)
    };
    assert_ne!(write("main").await, 201);
    developer
        .post(&format!("/projects/{project}/repository/branches?branch=topic&ref=main"), json!({}))
        .await
        .created();
    assert_eq!(write("topic").await, 201);
    let default = developer.delete(&format!("/projects/{project}/repository/branches/main")).await;
    assert_eq!(
        default.to_string(),
        r#"400 {"message":"The default branch of a project cannot be deleted."}"#
    );
    developer.delete(&format!("/projects/{project}/repository/branches/topic")).await.gone();
    developer
        .post(&format!("/projects/{project}/protected_branches"), json!({ "name": "x" }))
        .await
        .expect(403);
}
