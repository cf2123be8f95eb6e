//! Git takes a token in place of the password (U3; the state table of L14).

use std::time::Duration;

use serde_json::json;
use tessera_testkit::TestApp;
use tessera_testkit::program::GitClient;

use super::{PASSWORD, disable, refs};
use crate::git::access::url;
use crate::{app, instance};

#[tokio::test]
async fn git_is_told_to_use_a_token_and_does_not_ask_for_the_password_again() {
    let app = instance().listening().start().await;
    let ada = app.person("ada").await.client;
    ada.project("demo").await;
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    let by_password = format!("http://ada:{}@{}/ada/demo.git", PASSWORD.replace(' ', "%20"), app.address());
    work.run(&["push", "-q", &by_password, "main"]).await.ok();
    let (device, _) = app.two_factor(&ada).await;

    for command in [vec!["ls-remote", &by_password], vec!["push", &by_password, "main:other"]] {
        let refused = work.run(&command).await.refused();
        assert!(refused.contains("HTTP Basic: Access denied"), "{refused}");
        assert!(
            refused.contains(
                "personal access token with read_repository or write_repository scope for Git over HTTP"
            ),
            "{refused}"
        );
        assert!(refused.contains("/-/user_settings/personal_access_tokens"), "{refused}");
        assert!(!refused.contains("could not read"), "git asks nobody again: {refused}");
    }
    work.run(&["push", "-q", &url(&app, "ada", &ada, "ada/demo"), "main:other"]).await.ok();
    let heads = work.run(&["ls-remote", "--heads", &url(&app, "any", &ada, "ada/demo")]).await.ok();
    assert_eq!(heads.lines().count(), 2);
    disable(&ada, PASSWORD, &device.next_code(&app)).await.gone();
    work.run(&["ls-remote", &by_password]).await.ok();
}

#[tokio::test]
async fn the_answer_has_no_challenge_and_a_wrong_password_is_answered_as_ever() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    ada.project("demo").await;
    app.two_factor(&ada).await;
    let nobody = app.anonymous();
    let refused = refs(&nobody, "ada", PASSWORD).await;
    assert_eq!(refused.status, 401);
    assert!(refused.text().starts_with("HTTP Basic: Access denied\n"), "{}", refused.text());
    assert_eq!(refused.header("www-authenticate"), "");
    let by_address = refs(&nobody, "ada@people.test", PASSWORD).await;
    assert_eq!(by_address.text(), refused.text());
    let wrong = refs(&nobody, "ada", "another password").await;
    assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, "Basic realm=\"GitLab\""));
    assert_ne!(wrong.text(), refused.text());
    // The account stands beside the failure in the audit log.
    app.settle().await;
    let events = app.admin().get("/audit_events?per_page=100").await.ok();
    let told = events
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["details"]["reason"] == "second_factor_required");
    assert_eq!(told.unwrap()["details"]["target_details"], "ada");
}

#[tokio::test]
async fn a_right_password_is_no_guess_however_often_it_comes() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    ada.project("demo").await;
    app.two_factor(&ada).await;
    for _ in 0..30 {
        assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 401);
    }
    assert_eq!(refs(&app.anonymous(), "ada", ada.secret()).await.status, 200);
    for _ in 0..10 {
        assert_eq!(refs(&app.anonymous(), "ada", "another password").await.status, 401);
    }
    assert_eq!(
        refs(&app.anonymous(), "ada", "another password").await.status,
        429,
        "wrong ones count as ever"
    );
    assert_eq!(refs(&app.anonymous(), "ada", ada.secret()).await.status, 200);
}

/// Every credential against every state: the status of a fetch.
#[tokio::test]
async fn the_state_of_the_factor_decides_on_passwords_and_on_nothing_else() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let bot = ada.client.project_token(project, "ci", &["read_repository"]).await.client;
    let reader = app.personal_token(ada.id, &["read_repository"]).await;
    let imposed = app.impersonation_token(ada.id, &["read_repository"]).await;
    let tokens = [("personal", &reader), ("impersonation", &imposed), ("bot", &bot), ("api", &ada.client)];
    let row = async |state: &str, password: u16| {
        assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, password, "{state}: password");
        for (kind, token) in &tokens {
            assert_eq!(refs(&app.anonymous(), "ada", token.secret()).await.status, 200, "{state}: {kind}");
        }
        assert_eq!(ada.client.get("/user").await.status, 200, "{state}: REST");
        assert_eq!(bot.get("/user").await.status, 403, "{state}: the scope decides, not the factor");
    };
    let enforce = async |on: bool, hours: i64| {
        set(&app, json!({ "require_two_factor_authentication": on, "two_factor_grace_period": hours })).await;
    };
    row("off", 200).await;
    ada.client.post("/user/two_factor", json!({ "current_password": PASSWORD })).await.created();
    row("waits to be confirmed", 200).await;
    let (device, _) = app.two_factor(&ada.client).await;
    row("on", 401).await;
    enforce(true, 48).await;
    row("on and asked for", 401).await;
    disable(&ada.client, PASSWORD, &device.next_code(&app)).await.gone();
    row("off, asked for, in time", 200).await;
    app.clock.advance(Duration::from_hours(48));
    row("off, asked for, late", 401).await;
    let (device, _) = app.two_factor(&ada.client).await;
    row("on after all", 401).await;
    enforce(false, 48).await;
    disable(&ada.client, PASSWORD, &device.next_code(&app)).await.gone();
    row("off again", 200).await;
    set(&app, json!({ "password_authentication_enabled_for_git": false })).await;
    row("passwords off", 401).await;
}

async fn set(app: &TestApp, settings: serde_json::Value) {
    app.admin().put("/application/settings", settings).await.ok();
}
