//! The features API (semantics sheet of project tokens, 4.3).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn a_flag_is_set_shown_and_forgotten() {
    let app = app().await;
    let admin = app.admin();
    admin.project("demo").await;
    assert_eq!(admin.get("/features").await.to_string(), "200 []", "what was never set is not listed");
    let set = admin
        .post("/features/resource_access_token", json!({ "value": "true", "project": "root/demo" }))
        .await;
    let flag = set.created();
    assert_eq!((&flag["name"], &flag["state"]), (&json!("resource_access_token"), &json!("conditional")));
    let gates = json!([{ "key": "boolean", "value": false }, { "key": "actors", "value": ["Project:1"] }]);
    assert_eq!(flag["gates"], gates);
    assert_eq!(admin.get("/features").await.each("name"), ["resource_access_token"]);
    assert_eq!(
        admin.get("/features/").await.each("name"),
        ["resource_access_token"],
        "as python-gitlab asks"
    );
    admin.delete("/features/resource_access_token").await.gone();
    admin.delete("/features/resource_access_token").await.gone();
    assert_eq!(admin.get("/features").await.to_string(), "200 []");
}

#[tokio::test]
async fn flags_are_the_administrators_affair() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.anonymous().get("/features").await.expect(401);
    assert_eq!(ada.client.get("/features").await.to_string(), r#"403 {"message":"403 Forbidden"}"#);
    ada.client.post("/features/resource_access_token", json!({ "value": "false" })).await.expect(403);
}

#[tokio::test]
async fn what_is_wrong_with_a_flag_is_told() {
    let app = app().await;
    let set = async |wanted: serde_json::Value| {
        app.admin().post("/features/resource_access_token", wanted).await.to_string()
    };
    assert_eq!(set(json!({})).await, r#"400 {"error":"value is missing"}"#);
    assert_eq!(
        set(json!({ "value": "50", "key": "percentage_of_actors", "project": "root/none" })).await,
        r#"400 {"error":"key, project are mutually exclusive"}"#
    );
    assert_eq!(
        set(json!({ "value": "true", "project": "root/none" })).await,
        r#"400 {"message":"400 Bad request - root/none is not found!"}"#
    );
}
