//! When parameters are judged: after the credential, before any object (semantics sheet 1.1).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn first_the_credential_then_the_scope_then_the_parameters_then_the_object() {
    let app = app().await;
    let path = "/projects/999/access_tokens";
    let wrong = json!({ "scopes": ["nonsense"] });
    assert_eq!(app.anonymous().post(path, wrong.clone()).await.status, 401);
    let reader = app.personal_token(1, &["read_api"]).await;
    assert_eq!(reader.post(path, wrong.clone()).await.json["error"], "insufficient_scope");
    let reply = app.admin().post(path, wrong).await;
    assert_eq!(reply.to_string(), r#"400 {"error":"name is missing, scopes does not have a valid value"}"#);
    let right = json!({ "name": "x", "scopes": ["api"] });
    assert_eq!(app.admin().post(path, right).await.to_string(), r#"404 {"message":"404 Project Not Found"}"#);
}

#[tokio::test]
async fn endless_values_are_refused_at_once() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let path = format!("/projects/{project}/access_tokens");
    let scopes: Vec<String> = (0..100_000).map(|number| format!("scope{number}")).collect();
    let reply = app.admin().post(&path, json!({ "name": "x", "scopes": scopes })).await;
    assert_eq!(reply.to_string(), r#"400 {"error":"scopes does not have a valid value"}"#);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let reply =
        app.anonymous().request(tessera_testkit::Method::POST, &path).body("application/json", deep).await;
    assert_eq!(reply.status, 400);
    let large = vec![b' '; 21 << 20];
    let reply =
        app.anonymous().request(tessera_testkit::Method::POST, &path).body("application/json", large).await;
    assert_eq!(reply.status, 413);
}
