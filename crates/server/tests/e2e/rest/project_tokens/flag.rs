//! The feature flag `resource_access_token` (P8, D13).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn off_refuses_birth_and_rotation_and_nothing_else() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let token = ada.client.project_token(project, "ci", &["api"]).await;
    app.admin().post("/features/resource_access_token", json!({ "value": "false" })).await.created();
    let path = format!("/projects/{project}/access_tokens");
    let refused = ada.client.post(&path, json!({ "name": "x", "scopes": ["api"] })).await;
    assert_eq!(
        refused.to_string(),
        r#"400 {"message":"400 Bad request - User does not have permission to create project access token"}"#
    );
    ada.client.post(&format!("{path}/{}/rotate", token.id), json!({})).await.expect(401);
    token.client.post(&format!("{path}/self/rotate"), json!({})).await.expect(401);
    token.client.get("/user").await.ok();
    assert_eq!(ada.client.get(&path).await.each("name"), ["ci"]);
    ada.client.delete(&format!("{path}/{}", token.id)).await.gone();
}

#[tokio::test]
async fn a_projects_own_word_counts_more_than_the_global_one() {
    let app = app().await;
    let admin = app.admin();
    let (one, two) = (admin.project("one").await, admin.project("two").await);
    let may = async |project: i64| {
        let wanted = json!({ "name": "x", "scopes": ["api"] });
        admin.post(&format!("/projects/{project}/access_tokens"), wanted).await.status == 201
    };
    let set = async |value: &str, project: Option<&str>| {
        let wanted = json!({ "value": value, "project": project });
        admin.post("/features/resource_access_token", wanted).await.created()
    };
    assert!(may(one).await, "never set: on");
    set("false", Some("root/one")).await;
    assert_eq!((may(one).await, may(two).await), (false, true), "off for one alone");
    set("true", None).await;
    assert_eq!((may(one).await, may(two).await), (false, true), "the global switch leaves it alone");
    set("false", None).await;
    set("true", Some("root/one")).await;
    assert_eq!((may(one).await, may(two).await), (true, false), "on for one alone");
    admin.delete("/features/resource_access_token").await.gone();
    assert_eq!((may(one).await, may(two).await), (true, true), "forgotten: the default");
}
