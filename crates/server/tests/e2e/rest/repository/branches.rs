//! Branches.

use std::time::Duration;

use serde_json::json;

use super::{add, at, project};
use crate::app;

#[tokio::test]
async fn branches_are_listed_searched_and_sorted() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    for (number, name) in ["z-old", "feature/x", "feature/y"].into_iter().enumerate() {
        app.clock.advance(Duration::from_mins(1));
        add(&admin, project, &number.to_string(), json!({ "branch": name, "start_branch": "main" })).await;
    }
    let names = async |query: &str| admin.get(&at(project, &format!("branches?{query}"))).await.each("name");
    assert_eq!(names("").await, ["feature/x", "feature/y", "main", "z-old"]);
    assert_eq!(names("search=%5Efeature").await, ["feature/x", "feature/y"]);
    assert_eq!(names("search=X%24").await, ["feature/x"]);
    assert_eq!(names("search=ea&per_page=1&page=2").await, ["feature/y"]);
    assert_eq!(names("sort=updated_desc").await, ["feature/y", "feature/x", "z-old", "main"]);
    assert_eq!(names("sort=updated_asc&per_page=2").await, ["main", "z-old"]);
    let page = admin.get(&at(project, "branches?per_page=3")).await;
    assert_eq!((page.header("x-total"), page.header("x-next-page")), ("4", "2"));
    let one = admin.get(&at(project, "branches/feature%2Fx")).await.ok();
    assert_eq!(one["web_url"], "http://tessera.test/root/demo/-/tree/feature/x");
    let regex = admin.get(&at(project, "branches?regex=.")).await;
    assert_eq!(regex.to_string(), r#"400 {"error":"regex is not supported"}"#);
}

#[tokio::test]
async fn making_and_deleting() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    // Values in the query of a POST, as some clients send them.
    let made = admin.post(&at(project, "branches?branch=a%2F1&ref=main"), json!({})).await.created();
    assert_eq!((&made["name"], &made["merged"]), (&"a/1".into(), &false.into()));
    for (branch, revision, text) in [
        ("a/1", "main", "Branch already exists"),
        ("b", "nowhere", "Invalid reference name: nowhere"),
        ("b c", "main", "Branch name is invalid"),
        ("0123456789012345678901234567890123456789", "main", "Branch name is invalid"),
        ("a", "main", "Failed to create branch 'a': Branch name conflicts with existing branch hierarchy."),
    ] {
        let refused =
            admin.post(&at(project, "branches"), json!({ "branch": branch, "ref": revision })).await;
        assert_eq!((refused.status, &refused.json["message"]), (400, &text.into()));
    }
    let since = "Mon, 01 Jan 2024 00:00:00 GMT";
    let stale = admin.delete(&at(project, "branches/a%2F1")).header("if-unmodified-since", since).await;
    assert_eq!(stale.status, 412);
    admin.delete(&at(project, "branches/a%2F1")).await.gone();
    let missing = admin.delete(&at(project, "branches/a%2F1")).await;
    assert_eq!(missing.to_string(), r#"404 {"message":"404 Branch Not Found"}"#);
    let default = admin.delete(&at(project, "branches/main")).await;
    assert_eq!(
        default.to_string(),
        r#"400 {"message":"The default branch of a project cannot be deleted."}"#
    );
}

#[tokio::test]
async fn merged_branches_go_and_protected_ones_stay() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    for branch in ["done", "kept"] {
        admin.post(&at(project, "branches"), json!({ "branch": branch, "ref": "main" })).await.created();
    }
    admin.post(&format!("/projects/{project}/protected_branches"), json!({ "name": "kept" })).await.created();
    add(&admin, project, "open", json!({ "branch": "open", "start_branch": "main" })).await;
    add(&admin, project, "more", json!({})).await;
    admin.post(&at(project, "branches"), json!({ "branch": "new", "ref": "main" })).await.created();
    let listed = admin.get(&at(project, "branches")).await;
    assert_eq!(listed.each("merged"), ["true", "true", "false", "false", "false"]);
    let done = admin.delete(&at(project, "merged_branches")).await;
    assert_eq!(done.to_string(), r#"202 {"message":"202 Accepted"}"#);
    assert_eq!(admin.get(&at(project, "branches")).await.each("name"), ["kept", "main", "new", "open"]);
}

#[tokio::test]
async fn protected_branches_are_for_maintainers() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    admin
        .post(&format!("/projects/{project}/protected_branches"), json!({ "name": "rel-*" }))
        .await
        .created();
    admin.post(&at(project, "branches"), json!({ "branch": "rel-1", "ref": "main" })).await.created();
    let developer = json!({ "name": "dev", "scopes": ["api"], "access_level": 30 });
    let developer = admin.project_token_with(project, developer).await.client;
    let made = developer.post(&at(project, "branches"), json!({ "branch": "rel-2", "ref": "main" })).await;
    assert_eq!(
        made.to_string(),
        r#"400 {"message":"You are not allowed to create protected branches on this project."}"#
    );
    assert_eq!(developer.delete(&at(project, "branches/rel-1")).await.status, 400);
    let wanted = json!({ "branch": "rel-1", "content": "x", "commit_message": "m" });
    assert_eq!(developer.post(&at(project, "files/x"), wanted).await.status, 400);
    add(&developer, project, "x", json!({ "branch": "topic", "start_branch": "rel-1" })).await;
    admin.delete(&at(project, "branches/rel-1")).await.gone();
    let reporter = json!({ "name": "reader", "scopes": ["api"], "access_level": 20 });
    let reporter = admin.project_token_with(project, reporter).await.client;
    assert_eq!(reporter.get(&at(project, "branches")).await.each("can_push"), ["false", "false"]);
    assert_eq!(reporter.delete(&at(project, "branches/topic")).await.status, 403);
}
