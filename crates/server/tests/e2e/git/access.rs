//! Who may clone (P2, semantics sheet 5).

use serde_json::json;
use tessera_testkit::Method;
use tessera_testkit::program::GitClient;
use tessera_testkit::{Client, Reply, TestApp};

use crate::instance;

/// The address of a repository with a token as password.
pub(crate) fn url(app: &TestApp, user: &str, token: &Client, path: &str) -> String {
    format!("http://{user}:{}@{}/{path}.git", token.secret(), app.address())
}

async fn advertised(client: &Client, path: &str, service: &str, token: Option<&Client>) -> Reply {
    let request = client.at(Method::GET, &format!("/{path}.git/info/refs?service={service}"));
    match token {
        Some(token) => request.basic("any", token.secret()).await,
        None => request.await,
    }
}

#[tokio::test]
async fn any_user_name_and_the_token_as_password() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let writer = app.admin().project_token(project, "writer", &["write_repository"]).await;
    let reader = app.admin().project_token(project, "reader", &["read_repository"]).await;
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    work.run(&["push", "-q", &url(&app, "oauth2", &writer.client, "root/demo"), "main"]).await.ok();
    let place = GitClient::in_folder(app.folder().join("clones"));
    for user in ["oauth2", "gitlab-ci-token", "project_1_bot", "anything"] {
        place.run(&["clone", "-q", &url(&app, user, &reader.client, "root/demo"), user]).await.ok();
        let text = std::fs::read_to_string(place.folder().join(user).join("README.md")).unwrap();
        assert_eq!(text, "hello\n", "{user}");
    }
}

#[tokio::test]
async fn the_scopes_that_fetch_and_those_that_push() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    for (scope, fetch, push) in [
        ("api", 200, 200),
        ("read_api", 200, 403),
        ("read_repository", 200, 403),
        ("write_repository", 200, 200),
        ("read_registry", 403, 403),
        ("write_registry", 403, 403),
        ("self_rotate", 403, 403),
    ] {
        let token = app.admin().project_token(project, scope, &[scope]).await.client;
        let upload = advertised(&app.anonymous(), "root/demo", "git-upload-pack", Some(&token)).await;
        let receive = advertised(&app.anonymous(), "root/demo", "git-receive-pack", Some(&token)).await;
        assert_eq!((upload.status, receive.status), (fetch, push), "{scope}");
        if fetch == 403 {
            assert_eq!(upload.text().trim_end(), "You are not allowed to download code.");
        }
        if push == 403 {
            assert_eq!(receive.text().trim_end(), "You are not allowed to upload code.");
        }
    }
}

#[tokio::test]
async fn visibility_decides_for_strangers_and_the_fence_for_bots() {
    let app = instance().listening().start().await;
    let ada = app.person("ada").await;
    for visibility in ["private", "internal", "public"] {
        ada.client.project_with(json!({ "name": visibility, "visibility": visibility })).await;
    }
    let home = ada.client.project("home").await;
    let bot = ada.client.project_token(home, "ci", &["api"]).await.client;
    let eve = app.person("eve").await.client;
    let dead = app.token("token-string-here123");
    let nobody = app.anonymous();
    // For each caller what private, internal, public and missing answer to a fetch, then to a push.
    for (who, token, fetch, push) in [
        ("nobody", None, [401, 401, 200, 401], [401, 401, 401, 401]),
        ("a bad token", Some(&dead), [401, 401, 401, 401], [401, 401, 401, 401]),
        ("a stranger", Some(&eve), [404, 200, 200, 404], [404, 403, 403, 404]),
        ("another project's bot", Some(&bot), [404, 404, 200, 404], [404, 404, 403, 404]),
        ("the owner", Some(&ada.client), [200, 200, 200, 404], [200, 200, 200, 404]),
    ] {
        for (place, path) in ["ada/private", "ada/internal", "ada/public", "ada/none"].iter().enumerate() {
            let upload = advertised(&nobody, path, "git-upload-pack", token).await;
            let receive = advertised(&nobody, path, "git-receive-pack", token).await;
            assert_eq!(
                (upload.status, receive.status),
                (fetch[place], push[place]),
                "{who} at {path}: {upload:?} {receive:?}"
            );
            if upload.status == 401 {
                assert_eq!(upload.header("www-authenticate"), "Basic realm=\"GitLab\"");
                assert!(upload.text().starts_with("HTTP Basic: Access denied"));
            }
        }
    }
}

#[tokio::test]
async fn every_carrier_of_a_token_has_the_same_verdict() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    for (scope, status) in [("read_repository", 200), ("read_registry", 403)] {
        let token = app.admin().project_token(project, scope, &[scope]).await.client;
        let get = || app.anonymous().at(Method::GET, "/root/demo.git/info/refs?service=git-upload-pack");
        assert_eq!(get().basic("any", token.secret()).await.status, status, "{scope} by Basic");
        assert_eq!(get().bearer(token.secret()).await.status, status, "{scope} by Bearer");
        let header = get().header("private-token", token.secret()).await;
        assert_eq!(header.status, status, "{scope} by PRIVATE-TOKEN");
    }
}

#[tokio::test]
async fn a_password_does_where_no_token_is_needed() {
    let app = instance().listening().start().await;
    let ada = app.person("ada").await;
    ada.client.project("demo").await;
    let get = || app.anonymous().at(Method::GET, "/ada/demo.git/info/refs?service=git-upload-pack");
    assert_eq!(get().basic("ada", "a password of the tests").await.status, 200);
    assert_eq!(get().basic("ada", "another password").await.status, 401);
    assert_eq!(get().basic("nobody", "a password of the tests").await.status, 401);
}

#[tokio::test]
async fn an_address_without_git_is_sent_on_and_says_nothing() {
    let app = instance().listening().start().await;
    app.admin().project("demo").await;
    for path in ["root/demo", "root/none"] {
        let reply =
            app.anonymous().at(Method::GET, &format!("/{path}/info/refs?service=git-upload-pack")).await;
        let to = format!("/{path}.git/info/refs?service=git-upload-pack");
        assert_eq!((reply.status, reply.header("location")), (301, to.as_str()));
    }
    let dumb = app.anonymous().at(Method::GET, "/root/demo.git/info/refs").await;
    assert_eq!(dumb.to_string(), "403 The command you're trying to execute is not allowed.");
}

#[tokio::test]
async fn git_follows_an_address_without_git() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["write_repository"]).await.client;
    let place = GitClient::in_folder(app.folder().join("work"));
    let work = place.repository("mine").await;
    work.run(&["push", "-q", &url(&app, "x", &token, "root/demo"), "main"]).await.ok();
    let short = format!("http://x:{}@{}/root/demo", token.secret(), app.address());
    place.run(&["clone", "-q", &short, "copy"]).await.ok();
    assert_eq!(std::fs::read_to_string(place.folder().join("copy/README.md")).unwrap(), "hello\n");
}
