//! A project's files and history by the pages.

use serde_json::json;
use tessera_testkit::{Client, Session, TestApp};

use crate::app;

/// A project with two folders, a README and three commits, and somebody in a browser who owns it.
async fn project(app: &TestApp, visibility: &str) -> (Client, Session, i64) {
    let ada = app.person("ada").await;
    let wanted = json!({ "name": "app", "visibility": visibility });
    let made = ada.client.post("/projects", wanted).await.created();
    let id = made["id"].as_i64().unwrap();
    for (path, content) in [
        ("README.md", "# The app\n\n<script>alert(1)</script>\n\n[more](docs/more.md)\n"),
        ("docs%2Fmore.md", "More.\n"),
        ("src%2Fmain.rs", "fn main() {\n    println!(\"<b>\");\n}\n"),
    ] {
        let body = json!({ "branch": "main", "content": content, "commit_message": format!("Add {path}") });
        ada.client.post(&format!("/projects/{id}/repository/files/{path}"), body).await.created();
    }
    (ada.client, app.session("ada").await, id)
}

#[tokio::test]
async fn files_and_history_are_read() {
    let app = app().await;
    let (_, ada, _) = project(&app, "private").await;
    let (front, statements) = app.statements_of(ada.get("/ada/app")).await;
    assert_eq!(front.status, 200, "{front}");
    assert!(statements <= 12, "{statements} statements");
    let text = front.text();
    assert!(text.contains("README.md") && text.contains("/ada/app/-/tree/main/docs"), "{text}");
    assert!(!text.contains("<script>alert"), "what a README writes is no part of the page");
    assert!(
        text.contains("href=\"/ada/app/-/blob/main/docs/more.md\""),
        "links lead below the project: {text}"
    );

    let tree = ada.get("/ada/app/-/tree/main/src").await.text();
    assert!(tree.contains("main.rs") && tree.contains("Add src%2Fmain.rs"), "{tree}");
    let blob = ada.get("/ada/app/-/blob/main/src/main.rs").await.text();
    assert!(blob.contains("println!(&#34;&#60;b&#62;&#34;)") && blob.contains("3 lines"), "{blob}");
    let moved = ada.get("/ada/app/-/blob/main/src").await;
    assert_eq!((moved.status, moved.header("location")), (303, "/ada/app/-/tree/main/src"));
    let prose = ada.get("/ada/app/-/blob/main/README.md").await.text();
    assert!(prose.contains("The app</h1>") || prose.contains("The app"), "{prose}");
    assert!(ada.get("/ada/app/-/blob/main/README.md?plain=1").await.text().contains("# The app"));

    let raw = ada.get("/ada/app/-/raw/main/src/main.rs").await;
    assert_eq!(raw.header("content-type"), "text/plain; charset=utf-8");
    assert!(raw.header("content-security-policy").contains("sandbox"));
    assert_eq!(raw.text(), "fn main() {\n    println!(\"<b>\");\n}\n");

    let commits = ada.get("/ada/app/-/commits/main").await.text();
    let (_, rest) = commits.split_once("/ada/app/-/commit/").unwrap();
    let sha = &rest[..40];
    assert_eq!(commits.matches("commit-title").count(), 3);
    let commit = ada.get(&format!("/ada/app/-/commit/{sha}")).await.text();
    assert!(commit.contains("1 file") && commit.contains("3 lines added"), "{commit}");
    assert!(ada.get("/ada/app/-/branches").await.text().contains("Default"));
    assert!(ada.get("/ada/app/-/tags").await.text().contains("No tags yet"));
    for nowhere in [
        "/-/tree/none",
        "/-/blob/main/none",
        "/-/commit/0123456789",
        "/-/blob/main/..%2f..%2fx",
        "/-/tree/%ff",
    ] {
        assert_eq!(ada.get(&format!("/ada/app{nowhere}")).await.status, 404, "{nowhere}");
    }
}

#[tokio::test]
async fn who_may_not_read_code_sees_none_of_it() {
    let app = app().await;
    let (_, _, id) = project(&app, "private").await;
    let guest = app.person("guest").await;
    let members = format!("/projects/{id}/members");
    app.admin().post(&members, json!({ "user_id": guest.id, "access_level": 10 })).await.created();
    let guest = app.session("guest").await;
    let front = guest.get("/ada/app").await;
    assert_eq!(front.status, 200);
    assert!(!front.text().contains("README") && front.text().contains("Reporter"), "{front}");
    app.person("stranger").await;
    let stranger = app.session("stranger").await;
    for page in [
        "/-/tree/main",
        "/-/blob/main/README.md",
        "/-/raw/main/README.md",
        "/-/commits/main",
        "/-/branches",
        "/-/tags",
    ] {
        let path = format!("/ada/app{page}");
        assert_eq!(guest.get(&path).await.status, 403, "{page}");
        assert_eq!(stranger.get(&path).await.status, 404, "{page}");
        assert_eq!(app.browser().get(&path).await.status, 303, "{page}");
    }
}

#[tokio::test]
async fn a_public_project_is_read_by_everybody_and_an_empty_one_says_what_to_do() {
    let app = app().await;
    let (ada, _, _) = project(&app, "public").await;
    for page in ["", "/-/tree/main", "/-/blob/main/README.md", "/-/raw/main/README.md", "/-/commits/main"] {
        assert_eq!(app.browser().get(&format!("/ada/app{page}")).await.status, 200, "{page}");
    }
    ada.post("/projects", json!({ "name": "bare" })).await.created();
    let session = app.session("ada").await;
    let empty = session.get("/ada/bare").await.text();
    assert!(
        empty.contains("This repository is empty") && empty.contains("git push --set-upstream origin main"),
        "{empty}"
    );
    assert_eq!(session.get("/ada/bare/-/tree/main").await.status, 303);
    assert!(session.get("/ada/bare/-/branches").await.text().contains("No branches yet"));
}
