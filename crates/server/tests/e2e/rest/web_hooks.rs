//! Web hooks over REST: GitLab's shape, secrets that never come back, addresses that nobody may name.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tessera_testkit::{Client, Reply, TestApp};

use crate::app;

const SIGNING: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// An instance, a client who maintains a project, and the path of its hooks.
async fn world() -> (TestApp, Client, String) {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    (app, ada.client, format!("/projects/{project}/hooks"))
}

#[tokio::test]
async fn a_hook_has_gitlabs_shape() {
    let (_app, ada, hooks) = world().await;
    let made = ada.post(&hooks, json!({ "url": "https://ci.example.com/hook?for=tokens" })).await;
    assert_eq!(made.status, 201, "{made}");
    assert_snapshot!(serde_json::to_string_pretty(&made.json).unwrap(), @r#"
    {
      "id": 1,
      "url": "https://ci.example.com/hook?for=tokens",
      "name": null,
      "description": null,
      "created_at": "2027-03-04T08:15:30.120Z",
      "project_id": 1,
      "push_events": true,
      "tag_push_events": false,
      "merge_requests_events": false,
      "issues_events": false,
      "confidential_issues_events": false,
      "note_events": false,
      "confidential_note_events": false,
      "pipeline_events": false,
      "wiki_page_events": false,
      "deployment_events": false,
      "feature_flag_events": false,
      "job_events": false,
      "releases_events": false,
      "milestone_events": false,
      "emoji_events": false,
      "resource_access_token_events": false,
      "resource_deploy_token_events": false,
      "vulnerability_events": false,
      "repository_update_events": false,
      "enable_ssl_verification": true,
      "alert_status": "executable",
      "disabled_until": null,
      "url_variables": [],
      "push_events_branch_filter": null,
      "branch_filter_strategy": "wildcard",
      "custom_webhook_template": null,
      "custom_headers": [],
      "token_present": false,
      "signing_token_present": false
    }
    "#);
    let path = format!("{hooks}/{}", made.json["id"]);
    assert_eq!(ada.get(&path).await.ok(), made.json);
    let listed = ada.get(&hooks).await;
    assert_eq!(listed.header("x-total"), "1");
    assert_eq!(listed.ok(), json!([made.json]));
    let changes = json!({
        "name": "expiry", "description": "to the ticket system", "push_events": false,
        "resource_access_token_events": true, "job_events": true, "enable_ssl_verification": false,
        "push_events_branch_filter": "release/*", "branch_filter_strategy": "wildcard",
    });
    let changed = ada.put(&path, changes.clone()).await.ok();
    for (name, value) in changes.as_object().unwrap() {
        assert_eq!(changed[name], *value, "{name}");
    }
    assert_eq!(changed["url"], made.json["url"]);
    ada.delete(&path).await.gone();
    assert_eq!(ada.get(&path).await.to_string(), r#"404 {"message":"404 Not found"}"#);
    assert_eq!(ada.delete(&path).await.to_string(), r#"404 {"message":"404 Not found"}"#);
}

#[tokio::test]
async fn secrets_go_in_and_never_come_out() {
    let (app, ada, hooks) = world().await;
    let secret = "open sesame";
    let wanted = json!({ "url": "https://ci.example.com", "token": secret, "signing_token": SIGNING });
    let made = ada.post(&hooks, wanted).await.created();
    let path = format!("{hooks}/{}", made["id"]);
    let present = |hook: &Value| (hook["token_present"].clone(), hook["signing_token_present"].clone());
    assert_eq!(present(&made), (json!(true), json!(true)));
    let kept = ada.put(&path, json!({ "url": "https://ci.example.com", "name": "n" })).await.ok();
    assert_eq!(present(&kept), (json!(true), json!(true)), "the same URL keeps them");
    let moved = ada.put(&path, json!({ "url": "https://other.example.com" })).await.ok();
    assert_eq!(present(&moved), (json!(false), json!(false)), "another one must not learn them");
    let given = ada.put(&path, json!({ "token": secret })).await.ok();
    assert_eq!(present(&given), (json!(true), json!(false)));
    let emptied = ada.put(&path, json!({ "token": "" })).await.ok();
    assert_eq!(present(&emptied), (json!(false), json!(false)));
    let audit = app.admin().get("/audit_events?per_page=100").await;
    for text in [made, kept, moved, given, emptied, audit.json].iter().map(ToString::to_string) {
        assert!(!text.contains(secret) && !text.contains(SIGNING), "{text}");
    }
    assert!(!app.log().contains(SIGNING));
}

#[tokio::test]
async fn what_is_wrong_is_told_in_gitlabs_words() {
    let (_app, ada, hooks) = world().await;
    let mut told = Vec::new();
    for wanted in [
        json!({}),
        json!({ "push_events": true }),
        json!({ "url": "ftp://ci.example.com" }),
        json!({ "url": "ci.example.com" }),
        json!({ "url": "" }),
        json!({ "url": "https://nowhere.example.org" }),
        json!({ "url": "https://ci.example.com", "token": "two\nlines" }),
        json!({ "url": "https://ci.example.com", "signing_token": "whsec_short" }),
        json!({ "url": "https://ci.example.com", "push_events_branch_filter": "~bad branch name/" }),
        json!({ "url": "https://ci.example.com", "branch_filter_strategy": "magic" }),
        json!({ "url": "https://ci.example.com", "push_events": "perhaps" }),
        json!({ "url": "https://ci.example.com", "custom_headers": [{ "key": "a", "value": "b" }] }),
        json!({ "url": "https://ci.example.com", "name": "x".repeat(256) }),
    ] {
        told.push(ada.post(&hooks, wanted).await.to_string());
    }
    let made = ada.post(&hooks, json!({ "url": "https://ci.example.com" })).await.created();
    told.push(ada.put(&format!("{hooks}/{}", made["id"]), json!({})).await.to_string());
    told.push(ada.put(&format!("{hooks}/{}", made["id"]), json!({ "url": "gopher://x" })).await.to_string());
    told.push(ada.put(&format!("{hooks}/987"), json!({ "url": "https://ci.example.com" })).await.to_string());
    assert_snapshot!(told.join("\n"), @r#"
    400 {"error":"url is missing"}
    400 {"error":"url is missing"}
    422 {"error":"Invalid url given"}
    422 {"error":"Invalid url given"}
    422 {"error":"Invalid url given"}
    422 {"error":"Invalid url given"}
    422 {"error":"Invalid token given"}
    422 {"error":"Invalid signing token given: it must be whsec_ and 32 bytes in base64"}
    422 {"error":"Invalid branch filter given"}
    400 {"error":"branch_filter_strategy does not have a valid value"}
    400 {"error":"push_events is invalid"}
    400 {"error":"custom_headers is not supported"}
    422 {"error":"Name or description is too long (maximum is 255 or 2048 characters)"}
    400 {"error":"No parameters provided"}
    422 {"error":"Invalid url given"}
    404 {"message":"404 Not found"}
    "#);
}

#[tokio::test]
async fn a_hook_belongs_to_its_project() {
    let (app, ada, hooks) = world().await;
    let made = ada.post(&hooks, json!({ "url": "https://ci.example.com" })).await.created();
    let other = ada.project("other").await;
    let path = format!("/projects/{other}/hooks/{}", made["id"]);
    let missing = r#"404 {"message":"404 Not found"}"#;
    assert_eq!(ada.get(&path).await.to_string(), missing);
    assert_eq!(ada.put(&path, json!({ "name": "mine" })).await.to_string(), missing);
    assert_eq!(ada.delete(&path).await.to_string(), missing);
    let project = made["project_id"].as_i64().unwrap();
    let dave = app.person_in(project, "dave", 30).await;
    assert_eq!(dave.client.get(&hooks).await.to_string(), r#"403 {"message":"403 Forbidden"}"#);
    ada.delete(&format!("/projects/{project}")).await;
    assert_eq!(app.admin().get(&hooks).await.status, 404, "it goes with its project");
}

#[tokio::test]
async fn a_project_has_a_hundred_hooks_at_most() {
    let (_app, ada, hooks) = world().await;
    for _ in 0..100 {
        ada.post(&hooks, json!({ "url": "https://ci.example.com" })).await.created();
    }
    let one_more = ada.post(&hooks, json!({ "url": "https://ci.example.com" })).await;
    assert_eq!(one_more.to_string(), r#"422 {"error":"Maximum number of project hooks (100) exceeded"}"#);
}

async fn saved(client: &Client, hooks: &str, url: &str) -> Reply {
    client.post(hooks, json!({ "url": url })).await
}

#[tokio::test]
async fn no_hook_leads_into_the_house() {
    let (app, ada, hooks) = world().await;
    app.courier.lead("localhost", &["127.0.0.1", "::1"]);
    app.courier.lead("db.internal", &["10.0.0.7"]);
    app.courier.lead("half.internal", &["93.184.215.14", "10.0.0.7"]);
    app.courier.lead("six.internal", &["fd00::7"]);
    let inside = [
        "http://localhost:9200",
        "http://127.0.0.1",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0.0.0.0:8080",
        "http://[::1]/",
        "http://[::ffff:10.0.0.7]/",
        "http://169.254.169.254/latest/meta-data",
        "http://db.internal",
        "http://half.internal",
        "http://six.internal",
        "http://user:password@db.internal",
    ];
    for url in inside {
        let refused = saved(&ada, &hooks, url).await;
        assert_eq!(refused.to_string(), r#"422 {"error":"Invalid url given"}"#, "{url}");
    }
    let made = saved(&ada, &hooks, "https://ci.example.com").await.created();
    let path = format!("{hooks}/{}", made["id"]);
    assert_eq!(ada.put(&path, json!({ "url": "http://db.internal" })).await.status, 422);
    let settings = |settings: Value| app.admin().put("/application/settings", settings);
    settings(json!({ "outbound_local_requests_whitelist": ["db.internal:8080", "fd00::/8"] })).await.ok();
    assert_eq!(saved(&ada, &hooks, "http://db.internal").await.status, 422, "another port");
    saved(&ada, &hooks, "http://db.internal:8080").await.created();
    saved(&ada, &hooks, "http://six.internal").await.created();
    settings(json!({ "allow_local_requests_from_web_hooks_and_services": true })).await.ok();
    for url in inside {
        let expected = if url.contains("0.0.0.0") { 422 } else { 201 };
        assert_eq!(saved(&ada, &hooks, url).await.status, expected, "{url}");
    }
}
