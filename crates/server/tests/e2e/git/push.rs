//! Pushing, and what ends it.

use serde_json::json;
use tessera_testkit::program::GitClient;
use tessera_testkit::{Client, Method};

use crate::git::access::url;
use crate::instance;

/// Some hundred kilobytes, packed too.
fn noise() -> String {
    let numbers = (0..40_000_u32).map(|number| number.wrapping_mul(2_654_435_761).to_string());
    numbers.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_was_pushed_comes_back_byte_for_byte() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["write_repository"]).await.client;
    let place = GitClient::in_folder(app.folder().join("work"));
    let work = place.repository("mine").await;
    work.commit("large/file.txt", &noise()).await;
    work.run(&["tag", "-a", "v1", "-m", "first"]).await.ok();
    let url = url(&app, "ci", &token, "root/demo");
    work.run(&["push", "-q", "--follow-tags", &url, "main"]).await.ok();
    place.run(&["clone", "-q", &url, "copy"]).await.ok();
    let copy = place.below("copy");
    for what in [["rev-parse", "HEAD"], ["rev-parse", "v1"], ["rev-parse", "HEAD^{tree}"]] {
        assert_eq!(copy.run(&what).await.ok(), work.run(&what).await.ok());
    }
    copy.run(&["fsck", "--full", "--strict"]).await.ok();
}

#[tokio::test]
async fn a_large_push_asks_first_whether_it_is_let_in() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let writer = app.admin().project_token(project, "writer", &["write_repository"]).await.client;
    let reader = app.admin().project_token(project, "reader", &["read_repository"]).await.client;
    let ask = async |token: &Client| {
        let request = app.anonymous().at(Method::POST, "/root/demo.git/git-receive-pack");
        let request = request.body("application/x-git-receive-pack-request", "0000");
        request.header("content-length", "4").basic("x", token.secret()).await
    };
    let answer = ask(&writer).await;
    assert_eq!((answer.status, &*answer.text()), (200, ""));
    assert_eq!(answer.header("content-type"), "application/x-git-receive-pack-result");
    assert_eq!(ask(&reader).await.status, 403);
    // What git does when the pack is larger than its buffer; what follows comes in chunks.
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    work.commit("large/file.txt", &noise()).await;
    let url = url(&app, "ci", &writer, "root/demo");
    work.run(&["-c", "http.postBuffer=65536", "push", "-q", &url, "main"]).await.ok();
    let tip = app.admin().get(&format!("/projects/{project}/repository/branches/main")).await.ok();
    assert_eq!(tip["commit"]["id"], work.run(&["rev-parse", "main"]).await.ok().trim());
}

#[tokio::test]
async fn a_reader_fetches_and_does_not_push() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let reader = app.admin().project_token(project, "reader", &["read_repository"]).await.client;
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    let refused = work.run(&["push", &url(&app, "x", &reader, "root/demo"), "main"]).await.refused();
    assert!(refused.contains("403"), "{refused}");
    let branches = app.admin().get(&format!("/projects/{project}/repository/branches")).await;
    assert_eq!(branches.to_string(), "200 []");
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_the_next_command() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["write_repository"]).await;
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    let url = url(&app, "x", &token.client, "root/demo");
    work.run(&["push", "-q", &url, "main"]).await.ok();
    app.admin().delete(&format!("/projects/{project}/access_tokens/{}", token.id)).await.gone();
    work.run(&["ls-remote", &url]).await.refused();
    work.commit("more", "text").await;
    work.run(&["push", "-q", &url, "main"]).await.refused();
}

#[tokio::test]
async fn the_default_branch_is_protected_from_developers() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let mint = async |level: i64| {
        let wanted = json!({ "name": "ci", "scopes": ["write_repository"], "access_level": level });
        let token = app.admin().project_token_with(project, wanted).await.client;
        url(&app, "x", &token, "root/demo")
    };
    let (maintainer, developer, reporter) = (mint(40).await, mint(30).await, mint(20).await);
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    work.run(&["push", "-q", &maintainer, "main"]).await.ok();
    work.commit("more", "text").await;
    let refused = work.run(&["push", &developer, "main"]).await.refused();
    assert!(
        refused.contains("You are not allowed to push code to protected branches on this project."),
        "{refused}"
    );
    work.run(&["push", "-q", &developer, "main:topic"]).await.ok();
    work.run(&["push", "-q", &reporter, "main:other"]).await.refused();
    let other = work.run(&["commit-tree", "HEAD^{tree}", "-m", "another beginning"]).await.ok();
    let refused =
        work.run(&["push", "--force", &maintainer, &format!("{}:main", other.trim())]).await.refused();
    assert!(refused.contains("You are not allowed to force push code to a protected branch"), "{refused}");
    let both = work.run(&["push", &developer, "main:second", "main"]).await.refused();
    assert!(both.contains("second") && both.contains("main"), "one refusal refuses all: {both}");
    let branches = app.admin().get(&format!("/projects/{project}/repository/branches")).await;
    assert_eq!(branches.each("name"), ["main", "topic"]);
}

#[tokio::test]
async fn an_archived_project_is_read_and_not_written() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["write_repository"]).await.client;
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    let url = url(&app, "x", &token, "root/demo");
    work.run(&["push", "-q", &url, "main"]).await.ok();
    app.admin().post(&format!("/projects/{project}/archive"), json!({})).await.created();
    work.commit("more", "text").await;
    work.run(&["push", &url, "main"]).await.refused();
    work.run(&["ls-remote", &url]).await.ok();
}
