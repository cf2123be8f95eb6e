//! `/audit_events` and `/projects/:id/audit_events`, in GitLab's shapes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app;

#[tokio::test]
async fn a_record_in_gitlabs_shape() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["read_api"]).await;
    let events = app.admin().get("/audit_events?per_page=1").await;
    let event = &events.json[0];
    let made = event["details"].clone();
    insta::assert_snapshot!(
        serde_json::to_string_pretty(&json!({
            "author_id": event["author_id"], "entity_id": event["entity_id"], "entity_type": event["entity_type"],
            "event_name": event["event_name"], "created_at": event["created_at"],
            "details": {
                "author_name": made["author_name"], "author_email": made["author_email"],
                "author_class": made["author_class"], "target_type": made["target_type"],
                "target_details": made["target_details"], "custom_message": made["custom_message"],
                "ip_address": made["ip_address"], "entity_path": made["entity_path"], "bot": made["bot"],
                "scopes": made["scopes"], "role": made["role"],
            },
        }))
        .unwrap(),
        @r#"
    {
      "author_id": 1,
      "entity_id": 1,
      "entity_type": "Project",
      "event_name": "project_token_create",
      "created_at": "2027-03-04T08:15:30.120Z",
      "details": {
        "author_name": "Administrator",
        "author_email": "admin@tessera.test",
        "author_class": "User",
        "target_type": "Token",
        "target_details": "ci",
        "custom_message": "Project token: create",
        "ip_address": "192.0.2.10",
        "entity_path": "root/demo",
        "bot": "project_1_bot",
        "scopes": [
          "read_api"
        ],
        "role": "maintainer"
      }
    }
    "#
    );
    assert_eq!(made["target_id"], token.id);
    let id = event["id"].as_i64().unwrap();
    assert_eq!(app.admin().get(&format!("/audit_events/{id}")).await.ok(), *event);
    let of_project = format!("/projects/{project}/audit_events/{id}");
    assert_eq!(app.admin().get(&of_project).await.ok(), *event);
    assert_eq!(
        app.admin().get("/audit_events/987654").await.to_string(),
        r#"404 {"message":"404 Audit Event Not Found"}"#
    );
}

#[tokio::test]
async fn lists_are_narrowed_and_paged() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("first").await;
    let other = admin.project("second").await;
    app.clock.advance(Duration::from_hours(24));
    let group = admin.group("tools").await;
    admin.project_token(project, "ci", &["api"]).await;
    let names = async |path: &str| admin.get(path).await.each("event_name");
    assert_eq!(
        names(&format!("/audit_events?entity_type=Project&entity_id={project}")).await,
        ["project_token_create", "project_create"]
    );
    assert_eq!(names(&format!("/audit_events?entity_type=Group&entity_id={group}")).await, ["group_create"]);
    assert_eq!(names(&format!("/projects/{other}/audit_events")).await, ["project_create"]);
    assert_eq!(
        names("/audit_events?created_after=2027-03-05T00:00:00Z").await,
        ["project_token_create", "group_create"]
    );
    let before = names("/audit_events?created_before=2027-03-05T00:00:00Z&entity_type=Project").await;
    assert_eq!(before, ["project_create", "project_create"]);
    assert_eq!(
        admin.get("/audit_events?entity_id=1").await.to_string(),
        r#"400 {"error":"entity_type is missing"}"#
    );
    assert_eq!(
        admin.get("/audit_events?entity_type=Thing").await.to_string(),
        r#"400 {"error":"entity_type does not have a valid value"}"#
    );
    // By keyset from the newest on, every record once.
    let all = admin.get("/audit_events?per_page=100").await.each("id");
    let mut seen = Vec::new();
    let mut next = Some("/audit_events?pagination=keyset&per_page=2".to_owned());
    while let Some(path) = next {
        let page = admin.get(&path).await;
        seen.extend(page.each("id"));
        let link = page.header("link").split_once("/api/v4").map(|(_, rest)| rest.to_owned());
        next = link.and_then(|rest| rest.split_once('>').map(|(path, _)| path.to_owned()));
    }
    assert_eq!(seen, all);
    assert!(all.len() > 4);
}

#[tokio::test]
async fn administrators_read_all_and_those_who_manage_a_project_its_part() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let path = format!("/projects/{project}/audit_events");
    let maintainer = app.person_in(project, "mae", 40).await;
    let developer = app.person_in(project, "dev", 30).await;
    let bot = app.admin().project_token(project, "bot", &["read_api"]).await;
    assert_eq!(maintainer.client.get(&path).await.status, 200);
    assert_eq!(bot.client.get(&path).await.status, 200);
    assert_eq!(developer.client.get(&path).await.to_string(), r#"403 {"message":"403 Forbidden"}"#);
    for client in [&maintainer.client, &bot.client] {
        assert_eq!(client.get("/audit_events").await.status, 403);
        assert_eq!(client.get("/audit_events/1").await.status, 403);
    }
    // Another project's record is not there, nor one of the instance.
    let other = app.admin().project("other").await;
    let theirs = app.admin().get(&format!("/projects/{other}/audit_events")).await.each("id");
    assert_eq!(maintainer.client.get(&format!("{path}/{}", theirs[0])).await.status, 404);
    assert_eq!(maintainer.client.get(&format!("{path}/1")).await.status, 404);
}

#[tokio::test]
async fn a_groups_own_records_are_for_its_owners() {
    let app = app().await;
    let olga = app.person("olga").await;
    let group = olga.client.group("tools").await;
    let inside = olga.client.project_with(json!({ "name": "inside", "namespace_id": group })).await;
    let mae = app.person("mae").await;
    let member = json!({ "user_id": mae.id, "access_level": 40 });
    olga.client.post(&format!("/groups/{group}/members"), member).await.created();
    let path = format!("/groups/{group}/audit_events");
    let events = olga.client.get(&path).await;
    assert_eq!(events.each("event_name"), ["member_add", "group_create"], "{events}");
    let one = format!("{path}/{}", events.json[0]["id"]);
    assert_eq!(olga.client.get(&one).await.ok(), events.json[0]);
    assert_eq!(app.admin().get("/groups/tools/audit_events?per_page=1").await.ok()[0], events.json[0]);
    for refused in [&path, &one] {
        assert_eq!(mae.client.get(refused).await.to_string(), r#"403 {"message":"403 Forbidden"}"#);
    }
    // What happened in its projects is theirs to tell.
    let theirs = olga.client.get(&format!("/projects/{inside}/audit_events")).await.each("id");
    olga.client.get(&format!("{path}/{}", theirs[0])).await.expect(404);
    let bot = olga.client.project_token(inside, "bot", &["read_api"]).await;
    bot.client.get(&path).await.expect(404);
}

#[tokio::test]
async fn what_a_rule_or_flag_was_before_stands_beside_what_it_is() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let rules = format!("/projects/{project}/protected_branches");
    admin.post(&rules, json!({ "name": "stable", "push_access_level": 30 })).await.created();
    admin
        .request(tessera_testkit::Method::PATCH, &format!("{rules}/stable?allow_force_push=true"))
        .await
        .ok();
    admin.delete(&format!("{rules}/stable")).await.gone();
    admin.post("/features/thing?force=true", json!({ "value": "true" })).await.created();
    admin.post("/features/thing", json!({ "value": "false", "force": true })).await.created();
    admin.delete("/features/thing").await.gone();
    let events = admin.get("/audit_events?per_page=6&sort=desc").await;
    let told = events.json.as_array().unwrap().iter().rev();
    let told = told.map(|event| {
        let details = &event["details"];
        let fields = ["allow_force_push", "grants", "gates"].iter().map(|field| &details[field]);
        let changed: Vec<String> = fields.filter(|field| !field.is_null()).map(Value::to_string).collect();
        format!("{} {}", event["event_name"].as_str().unwrap(), changed.join(" "))
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"
    protected_branch_create {"from":null,"to":false} {"from":null,"to":[{"action":"push","access_level":30},{"action":"merge","access_level":40},{"action":"unprotect","access_level":40}]}
    protected_branch_update {"from":false,"to":true} {"from":[{"action":"push","access_level":30},{"action":"merge","access_level":40},{"action":"unprotect","access_level":40}],"to":[{"action":"push","access_level":30},{"action":"merge","access_level":40},{"action":"unprotect","access_level":40}]}
    protected_branch_remove {"from":true,"to":null} {"from":[{"action":"push","access_level":30},{"action":"merge","access_level":40},{"action":"unprotect","access_level":40}],"to":null}
    feature_set {"from":[],"to":[["boolean","true"]]}
    feature_set {"from":[["boolean","true"]],"to":[["boolean","false"]]}
    feature_delete {"from":[["boolean","false"]],"to":[]}
    "#);
}
