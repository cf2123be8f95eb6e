//! The tokens of the whole instance, for administrators.

use std::time::Duration;

use serde_json::{Value, json};
use tessera_testkit::{Client, TestApp};

use crate::app;

/// A personal token of this name, scope and end; its number.
pub(crate) async fn personal(app: &TestApp, user: i64, name: &str, end: Option<&str>) -> i64 {
    let wanted = json!({ "name": name, "scopes": ["read_user"], "expires_at": end });
    let made = app.admin().post(&format!("/users/{user}/personal_access_tokens"), wanted).await.created();
    made["id"].as_i64().unwrap()
}

/// The names of what the inventory answers.
async fn names(client: &Client, query: &str) -> Vec<String> {
    client.get(&format!("/admin/tokens{query}")).await.each("name")
}

#[tokio::test]
async fn it_shows_every_kind_with_its_owner_and_maker() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.impersonation_token(ada.id, &["read_api"]).await;
    let project = ada.client.project("demo").await;
    let minted = ada.client.project_token(project, "ci", &["read_repository"]).await;
    let listed = app.admin().get("/admin/tokens").await;
    assert_eq!(listed.each("kind"), ["personal", "personal", "impersonation", "project"]);
    assert_eq!(listed.header("x-total"), "4");
    let bot = &listed.json[3];
    assert_eq!(
        bot.to_string(),
        json!({
            "id": minted.id, "name": "ci", "revoked": false, "created_at": "2027-03-04T08:15:30.120Z",
            "description": null, "scopes": ["read_repository"], "user_id": minted.user_id, "last_used_at": null,
            "last_used_ips": [], "active": true, "expires_at": null, "access_level": 40,
            "resource_type": "project", "resource_id": project, "kind": "project",
            "owner": {
                "id": minted.user_id, "username": format!("project_{project}_bot"), "name": "ci", "bot": true,
                "state": "active",
            },
            "project": { "id": project, "path_with_namespace": "ada/demo" },
            "created_by": { "id": ada.id, "username": "ada" }, "revoked_at": null, "revoked_by": null,
        })
        .to_string()
    );
    ada.client.delete(&format!("/projects/{project}/access_tokens/{}", minted.id)).await.gone();
    app.settle().await;
    let gone = &app.admin().get("/admin/tokens?kind=project").await.json[0];
    assert_eq!(gone["owner"]["state"], "removed");
    assert_eq!(gone["owner"]["username"], format!("project_{project}_bot"));
    assert_eq!(
        (&gone["revoked_by"], &gone["revoked_at"]),
        (&json!("ada"), &json!("2027-03-04T08:15:30.120Z"))
    );
}

#[tokio::test]
async fn it_is_for_administrators() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let bot = ada.client.project_token(project, "ci", &["api"]).await;
    for client in [&ada.client, &bot.client, &app.admin().sudo("ada")] {
        client.get("/admin/tokens").await.expect(403);
        client.post("/admin/tokens/revoke", json!({ "owner": "ada", "dry_run": false })).await.expect(403);
        let extend = json!({ "owner": "ada", "expires_at": "2027-09-09", "dry_run": false });
        client.post("/admin/tokens/extend", extend).await.expect(403);
    }
    app.anonymous().get("/admin/tokens").await.expect(401);
    bot.client.get("/user").await.ok();
}

#[tokio::test]
async fn filters_narrow_it_together() {
    let app = app().await;
    let (admin, ada, eve) = (app.admin(), app.person("ada").await, app.person("eve").await);
    personal(&app, ada.id, "short", Some("2027-03-10")).await;
    personal(&app, eve.id, "long", Some("2027-12-01")).await;
    let project = ada.client.project("demo").await;
    ada.client.project_token(project, "ci", &["read_api", "read_repository"]).await;
    let two = ["story", "short"];
    assert_eq!(names(&admin, "?owner=ada").await, two);
    assert_eq!(names(&admin, &format!("?owner={}", ada.id)).await, two);
    assert_eq!(names(&admin, "?owner=ada&expires_before=2027-03-11").await, ["short"]);
    assert_eq!(names(&admin, "?expires_after=2027-03-10&sort=expires_desc").await, ["long", "short"]);
    assert_eq!(names(&admin, "?never_expires=false").await, ["short", "long"]);
    assert_eq!(names(&admin, "?never_expires=true&kind=personal&creator=root").await, ["story", "story"]);
    assert_eq!(names(&admin, "?creator=operator").await, ["root token"]);
    assert_eq!(names(&admin, "?creator=ada").await, ["ci"]);
    assert_eq!(names(&admin, "?project=ada/demo").await, ["ci"]);
    assert_eq!(names(&admin, "?scopes[]=read_repository&scopes[]=sudo").await, ["root token", "ci"]);
    assert_eq!(names(&admin, "?search=or&sort=name_desc").await, ["story", "story", "short"]);
    let first = admin.get("/admin/tokens?per_page=2&page=2").await;
    assert_eq!((first.each("name").len(), first.header("x-total")), (2, "6"));
}

#[tokio::test]
async fn what_is_gone_is_found_by_its_name_and_what_never_was_is_not() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.admin().delete(&format!("/users/{}?hard_delete=true", ada.id)).await.gone();
    app.settle().await;
    assert_eq!(names(&app.admin(), "?owner=ada&state=revoked").await, ["story"]);
    let unknown = app.admin().get("/admin/tokens?owner=nobody").await;
    assert_eq!(unknown.to_string(), r#"404 {"message":"404 User \"nobody\" Not Found"}"#);
    let unknown = app.admin().get("/admin/tokens?project=no/where").await;
    assert_eq!(unknown.to_string(), r#"404 {"message":"404 Project Not Found"}"#);
}

#[tokio::test]
async fn unused_counts_from_the_last_use_or_the_creation() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    app.clock.advance(Duration::from_hours(24 * 40));
    ada.client.get("/user").await.ok();
    personal(&app, ada.id, "fresh", None).await;
    app.settle().await;
    let owners = async |query: &str| -> Vec<Value> {
        let found = app.admin().get(&format!("/admin/tokens?{query}")).await;
        found.json.as_array().unwrap().iter().map(|token| token["owner"]["username"].clone()).collect()
    };
    assert_eq!(owners("unused_for=30&kind=personal").await, [json!("eve")], "root and ada were at work");
    assert_eq!(owners("unused_since=2027-03-04&owner=eve").await, Vec::<Value>::new());
    assert_eq!(owners("unused_since=2027-03-05&owner=eve").await, [json!("eve")]);
    eve.client.get("/user").await.ok();
}

#[tokio::test]
async fn a_filter_that_is_given_says_something() {
    let app = app().await;
    let asked = async |query: &str| app.admin().get(&format!("/admin/tokens?{query}")).await.to_string();
    assert_eq!(asked("owner=").await, r#"400 {"error":"owner is empty"}"#);
    assert_eq!(asked("unused_for=").await, r#"400 {"error":"unused_for is empty"}"#);
    assert_eq!(asked("scopes=,").await, r#"400 {"error":"scopes is empty"}"#);
    assert_eq!(asked("kind=deploy").await, r#"400 {"error":"kind does not have a valid value"}"#);
    assert_eq!(asked("unused_for=-1").await, r#"400 {"error":"unused_for does not have a valid value"}"#);
    assert_eq!(asked("violates[user_cap]=1").await, r#"400 {"error":"violates[user_cap] does not exist"}"#);
    assert_eq!(
        asked("violates[max_personal_access_token_lifetime]=0").await,
        r#"400 {"message":{"max_personal_access_token_lifetime":["must be greater than or equal to 1"]}}"#
    );
}

#[tokio::test]
async fn a_policy_is_seen_beforehand_and_changes_no_token() {
    let app = app().await;
    let (admin, ada) = (app.admin(), app.person("ada").await);
    personal(&app, ada.id, "over", Some("2027-03-08")).await;
    personal(&app, ada.id, "near", Some("2027-04-09")).await;
    personal(&app, ada.id, "far", Some("2027-09-01")).await;
    let project = ada.client.project("demo").await;
    ada.client
        .project_token_with(project, json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-08" }))
        .await;
    let dead = personal(&app, ada.id, "dead", None).await;
    admin.delete(&format!("/personal_access_tokens/{dead}")).await.gone();
    app.clock.to_eve_of("2027-03-09");
    let endless = ["root token", "story"];
    assert_eq!(names(&admin, "?violates[require_personal_access_token_expiry]=true").await, endless);
    assert_eq!(
        names(&admin, "?violates[max_personal_access_token_lifetime]=30").await,
        ["root token", "story", "near", "far"],
        "2027-04-07 would be the last day"
    );
    let less = "?violates[max_personal_access_token_lifetime]=32&owner=ada";
    assert_eq!(names(&admin, less).await, ["story", "far"]);
    let revived = "?violates[enforce_pat_expiration]=false";
    assert_eq!(names(&admin, revived).await, ["over"], "a project's token is never revived");
    assert_eq!(names(&admin, "?violates[enforce_pat_expiration]=true").await, Vec::<String>::new());

    let rows = async || admin.get("/admin/tokens").await.json;
    let before = rows().await;
    for (setting, value) in [
        ("max_personal_access_token_lifetime", json!(30)),
        ("require_personal_access_token_expiry", json!(true)),
        ("personal_access_token_prefix", json!("acme-")),
    ] {
        admin.put("/application/settings", json!({ setting: value })).await.ok();
        assert_eq!(rows().await, before, "{setting}");
    }
    admin.put("/application/settings", json!({ "enforce_pat_expiration": false })).await.ok();
    let mut after = rows().await;
    assert_eq!(after[2]["active"], true, "it works again");
    after[2]["active"] = json!(false);
    assert_eq!(after, before, "and its row is what it was");
    assert_eq!(names(&admin, revived).await, Vec::<String>::new());
    assert_eq!(names(&admin, "?violates[enforce_pat_expiration]=true").await, ["over"], "it would die again");
}
