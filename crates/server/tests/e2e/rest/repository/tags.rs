//! Tags.

use std::time::Duration;

use serde_json::json;

use super::{add, at, project};
use crate::app;

#[tokio::test]
async fn a_tag_with_a_message_is_an_object_of_its_own() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    let light = admin.post(&at(project, "tags?tag_name=light&ref=main"), json!({})).await.created();
    assert_eq!((&light["message"], &light["created_at"]), (&json!(null), &json!(null)));
    assert_eq!((&light["target"], &light["release"]), (&light["commit"]["id"], &json!(null)));
    let wanted = json!({ "tag_name": "v/1", "ref": "main", "message": " Release 1\n\nnotes \n" });
    let heavy = admin.post(&at(project, "tags"), wanted).await.created();
    assert_eq!(heavy["message"], "Release 1\n\nnotes");
    assert_ne!(heavy["target"], heavy["commit"]["id"]);
    assert_eq!(admin.get(&at(project, "tags/v%2F1")).await.ok(), heavy);
    for (name, revision, text) in [
        ("light", "main", "Tag light already exists"),
        ("x", "nowhere", "Target nowhere is invalid"),
        ("x", "", "Target is empty"),
        ("a b", "main", "Tag name invalid"),
        ("main", "main", "You cannot use default branch name to create a tag"),
    ] {
        let refused = admin.post(&at(project, "tags"), json!({ "tag_name": name, "ref": revision })).await;
        assert_eq!((refused.status, &refused.json["message"]), (400, &text.into()));
    }
    admin.delete(&at(project, "tags/v%2F1")).await.gone();
    let missing = admin.get(&at(project, "tags/v%2F1")).await;
    assert_eq!(missing.to_string(), r#"404 {"message":"404 Tag Not Found"}"#);
}

#[tokio::test]
async fn tags_come_in_the_order_asked_for() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    for name in ["v1.10", "v1.2", "v1.2-rc1", "v1.9"] {
        app.clock.advance(Duration::from_mins(1));
        add(&admin, project, name, json!({})).await;
        admin.post(&at(project, "tags"), json!({ "tag_name": name, "ref": "main" })).await.created();
    }
    let names = async |query: &str| admin.get(&at(project, &format!("tags?{query}"))).await.each("name");
    assert_eq!(names("").await, ["v1.9", "v1.2-rc1", "v1.2", "v1.10"]);
    assert_eq!(names("sort=asc").await, ["v1.10", "v1.2", "v1.2-rc1", "v1.9"]);
    assert_eq!(names("order_by=name&sort=asc").await, ["v1.10", "v1.2", "v1.2-rc1", "v1.9"]);
    assert_eq!(names("order_by=version").await, ["v1.10", "v1.9", "v1.2", "v1.2-rc1"]);
    assert_eq!(names("search=%5Ev1.2&order_by=version&per_page=1").await, ["v1.2"]);
}

#[tokio::test]
async fn protected_tags_are_for_maintainers() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    admin.post(&format!("/projects/{project}/protected_tags"), json!({ "name": "v*" })).await.created();
    let made = admin.post(&at(project, "tags"), json!({ "tag_name": "v1", "ref": "main" })).await.created();
    assert_eq!(made["protected"], true);
    let developer = json!({ "name": "dev", "scopes": ["api"], "access_level": 30 });
    let developer = admin.project_token_with(project, developer).await.client;
    let refused = developer.post(&at(project, "tags"), json!({ "tag_name": "v2", "ref": "main" })).await;
    assert_eq!(
        refused.to_string(),
        r#"400 {"message":"You are not allowed to create this tag as it is protected."}"#
    );
    assert_eq!(developer.delete(&at(project, "tags/v1")).await.status, 403);
    developer.post(&at(project, "tags"), json!({ "tag_name": "w1", "ref": "main" })).await.created();
    developer.delete(&at(project, "tags/w1")).await.gone();
    admin.delete(&at(project, "tags/v1")).await.gone();
}
