//! What every answer carries, and what no path answers.

use serde_json::json;
use tessera_testkit::Method;

use crate::app;

#[tokio::test]
async fn clients_recognise_a_gitlab_by_its_headers() {
    let app = app().await;
    for reply in [app.admin().get("/version").await, app.anonymous().get("/version").await] {
        let meta: serde_json::Value = serde_json::from_str(reply.header("x-gitlab-meta")).unwrap();
        assert_eq!(meta["correlation_id"], reply.header("x-request-id"), "{reply}");
        assert_eq!(reply.header("x-frame-options"), "SAMEORIGIN");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("content-type"), "application/json");
        assert!(!reply.header("x-runtime").is_empty());
    }
}

#[tokio::test]
async fn unknown_paths_and_verbs_are_404_and_options_tells_the_known() {
    let app = app().await;
    let unknown = r#"404 {"error":"404 Not Found"}"#;
    assert_eq!(app.admin().get("/nothing/here").await.to_string(), unknown);
    assert_eq!(app.admin().request(Method::PATCH, "/user").await.to_string(), unknown);
    let options = app.anonymous().request(Method::OPTIONS, "/projects/1/access_tokens").await;
    assert_eq!((options.status, options.header("allow")), (204, "OPTIONS, GET, HEAD, POST"));
    let old = app.admin().at(Method::GET, "/api/v3/projects").await;
    assert_eq!(old.to_string(), r#"410 {"error":"API V3 is no longer supported. Use API V4 instead."}"#);
}

#[tokio::test]
async fn slashes_and_suffixes_are_forgiven() {
    let app = app().await;
    for path in ["/user", "/user/", "//user", "/user.json"] {
        assert_eq!(app.admin().get(path).await.ok()["username"], "root", "{path}");
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let app = app().await;
    let reader = app.personal_token(1, &["read_api"]).await;
    let reply = reader.request(Method::HEAD, "/user").await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_told_before_anyone_is_asked_who_they_are() {
    let app = app().await;
    let post = || app.anonymous().request(Method::POST, "/projects");
    let reply = post().body("application/json", "{not json").await;
    assert_eq!(reply.status, 400);
    assert!(reply.json["error"].as_str().unwrap().contains("message body does not match declared format"));
    let reply = post().body("text/plain", "x").await;
    assert_eq!(
        reply.to_string(),
        r#"415 {"error":"The provided content-type 'text/plain' is not supported."}"#
    );
    app.anonymous().post("/projects", json!({ "name": 7 })).await.expect(401);
}

#[tokio::test]
async fn there_is_no_license_which_means_the_free_edition() {
    let app = app().await;
    let reply = app.admin().get("/license").await;
    assert_eq!((reply.status, reply.header("content-type")), (404, "application/json"));
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let app = app().await;
    let reply = app.anonymous().at(Method::GET, "/-/health").await;
    assert_eq!(reply.to_string(), r#"200 {"status":"ok"}"#);
    for path in ["/-/readiness", "/-/liveness", "/-/metrics"] {
        app.anonymous().at(Method::GET, path).await.ok();
    }
}
