//! Rotation, by a person and by the token itself.

use serde_json::json;

use crate::app;

#[tokio::test]
async fn a_new_secret_for_the_same_bot() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let wanted = json!({ "name": "bot", "scopes": ["api", "read_api"], "access_level": 30, "expires_at": "2027-09-01" });
    let old = ada.client.project_token_with(project, wanted).await;
    let new = ada.client.rotated(project, old.id).await;
    assert_eq!((new.user_id, new.id == old.id), (old.user_id, false));
    assert_ne!(new.client.secret(), old.client.secret());
    for key in ["name", "scopes", "access_level", "description"] {
        assert_eq!(new.json[key], old.json[key], "{key}");
    }
    assert_eq!(new.json["expires_at"], "2027-03-11", "a week from today");
    old.client.get("/user").await.expect(401);
}

#[tokio::test]
async fn the_end_is_as_asked_or_a_week_or_none() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let endless = admin.project_token(project, "endless", &["api"]).await;
    let rotated = admin.rotated(project, endless.id).await;
    assert_eq!(rotated.json["expires_at"], json!(null), "what had no end gets none (D26)");
    let path = format!("/projects/{project}/access_tokens/{}/rotate", rotated.id);
    assert_eq!(
        admin.post(&path, json!({ "expires_at": "2027-12-24" })).await.ok()["expires_at"],
        "2027-12-24"
    );
    let again = admin.post(&path, json!({})).await;
    assert_eq!(again.to_string(), r#"400 {"message":"400 Bad request - Token already revoked"}"#);
}

#[tokio::test]
async fn who_may_not_rotate_hears_401() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let token = ada.client.project_token(project, "bot", &["api"]).await;
    let developer = app.person_in(project, "grace", 30).await;
    let sibling = ada.client.project_token(project, "sibling", &["api"]).await;
    let path = format!("/projects/{project}/access_tokens/{}/rotate", token.id);
    let refused = r#"401 {"message":"401 Unauthorized"}"#;
    for client in [&developer.client, &sibling.client, &app.anonymous()] {
        assert_eq!(client.post(&path, json!({})).await.to_string(), refused);
    }
    token.client.get("/user").await.ok();
}

#[tokio::test]
async fn a_maintainer_gets_no_owners_secret_by_rotation() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let wanted = json!({ "name": "owner bot", "scopes": ["api"], "access_level": 50 });
    let token = ada.client.project_token_with(project, wanted).await;
    let maintainer = app.person_in(project, "grace", 40).await;
    let path = format!("/projects/{project}/access_tokens/{}/rotate", token.id);
    let reply = maintainer.client.post(&path, json!({})).await;
    assert_eq!(
        reply.to_string(),
        r#"400 {"message":"400 Bad request - Not eligible to rotate tokens with permissions not held by the user"}"#
    );
    token.client.get("/user").await.ok();
}

#[tokio::test]
async fn a_token_rotates_itself_with_api_or_self_rotate() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let path = format!("/projects/{project}/access_tokens/self/rotate");
    for (scopes, status) in [
        (vec!["api"], 200),
        (vec!["self_rotate"], 200),
        (vec!["self_rotate", "read_repository"], 200),
        (vec!["read_api"], 403),
        (vec!["read_repository", "write_repository", "read_registry", "write_registry"], 403),
    ] {
        let wanted = json!({ "name": "self", "scopes": scopes, "access_level": 10 });
        let old = admin.project_token_with(project, wanted).await;
        let reply = old.client.post(&path, json!({ "expires_at": "2027-08-01" })).await;
        assert_eq!(reply.status, status, "{scopes:?}: {reply}");
        old.client.get("/personal_access_tokens/self").await.expect(if status == 200 { 401 } else { 200 });
        if status == 200 {
            assert_eq!(reply.json["expires_at"], "2027-08-01");
            let new = old.client.minted(reply.json);
            assert_eq!(new.client.get("/personal_access_tokens/self").await.ok()["id"], new.id);
        }
    }
}

#[tokio::test]
async fn only_the_projects_own_token_rotates_itself_here() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let path = format!("/projects/{project}/access_tokens/self/rotate");
    let not_allowed = r#"405 {"message":"405 Method Not Allowed"}"#;
    assert_eq!(ada.client.post(&path, json!({})).await.to_string(), not_allowed);
    assert_eq!(app.admin().post(&path, json!({})).await.to_string(), not_allowed);
    let open = ada.client.project_with(json!({ "name": "open", "visibility": "public" })).await;
    let elsewhere = ada.client.project_token(open, "other", &["api"]).await;
    elsewhere.client.post(&path, json!({})).await.expect(404);
    let own = ada.client.project_token(project, "own", &["api"]).await;
    own.client.post(&format!("/projects/{open}/access_tokens/self/rotate"), json!({})).await.expect(401);
    app.anonymous().post(&path, json!({})).await.expect(401);
}
