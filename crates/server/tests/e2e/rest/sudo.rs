//! Acting as somebody else (semantics sheet 3.1).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn an_administrator_acts_as_whom_they_name() {
    let app = app().await;
    let ada = app.person("ada").await;
    for who in ["ada", "ADA", &ada.id.to_string()] {
        assert_eq!(app.admin().sudo(who).get("/user").await.ok()["id"], ada.id, "{who}");
    }
    assert_eq!(app.admin().get("/user?sudo=ada").await.ok()["username"], "ada");
    assert_eq!(
        app.admin().sudo("root").get("/user?sudo=ada").await.ok()["username"],
        "ada",
        "the parameter wins"
    );
    let made = app.admin().sudo("ada").post("/projects", json!({ "name": "hers" })).await.created();
    assert_eq!(made["path_with_namespace"], "ada/hers");
}

#[tokio::test]
async fn what_stands_in_the_way_is_told() {
    let app = app().await;
    let ada = app.person("ada").await;
    let get = |client: &tessera_testkit::Client, who: &str| client.sudo(who).get("/user");
    assert_eq!(
        get(&ada.client, "root").await.to_string(),
        r#"403 {"message":"403 Forbidden - Must be admin to use sudo"}"#
    );
    assert_eq!(get(&app.anonymous(), "root").await.to_string(), r#"401 {"message":"401 Unauthorized"}"#);
    assert_eq!(
        get(&app.admin(), "nobody").await.to_string(),
        r#"404 {"message":"404 User with ID or username 'nobody' Not Found"}"#
    );
    let narrow = app.personal_token(1, &["api"]).await;
    assert_eq!(
        get(&narrow, "ada").await.to_string(),
        r#"403 {"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"sudo"}"#
    );
}

#[tokio::test]
async fn the_scope_sudo_suffices_for_others_but_not_for_oneself() {
    let app = app().await;
    app.person("ada").await;
    let only_sudo = app.personal_token(1, &["sudo"]).await;
    only_sudo.sudo("ada").get("/user").await.ok();
    only_sudo.sudo("root").get("/user").await.expect(403);
    only_sudo.get("/user").await.expect(403);
}

#[tokio::test]
async fn a_bot_acts_as_nobody_else() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let bot = app.admin().project_token(project, "ci", &["api"]).await;
    bot.client.sudo("root").get("/user").await.expect(403);
}
