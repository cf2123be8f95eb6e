//! Which tokens are told of, in which windows: each once.

use serde_json::json;

use super::World;

const NOBODY: [&str; 0] = [];

#[tokio::test]
async fn a_week_before_the_end_and_never_again() {
    let world = World::new().await;
    world.token("soon", "2027-03-16").await;
    world.token("later", "2027-04-30").await;
    world.at("2027-03-08", 1).await;
    assert_eq!(world.told(), NOBODY, "eight days are not yet a week");
    world.at("2027-03-09", 0).await;
    assert_eq!(world.told(), NOBODY, "it is not yet one o'clock");
    world.at("2027-03-09", 1).await;
    assert_eq!(world.told(), ["soon seven_days"]);
    for date in ["2027-03-10", "2027-03-12", "2027-03-15", "2027-03-16", "2027-03-20"] {
        world.at(date, 1).await;
        assert_eq!(world.told(), NOBODY, "{date}");
    }
}

#[tokio::test]
async fn sixty_and_thirty_days_before_where_the_project_asks_for_it() {
    let world = World::new().await;
    world.token("ci", "2027-05-10").await;
    world.at("2027-03-11", 1).await;
    assert_eq!(world.told(), NOBODY, "sixty days are not told unless they are asked for");
    let project = format!("/projects/{}", world.project);
    let extended = json!({ "extended_prat_expiry_webhooks_execute": true });
    let changed = world.ada.put(&project, extended).await.ok();
    assert_eq!(changed["extended_prat_expiry_webhooks_execute"], true);
    // Whether people get mails in these windows says nothing about hooks.
    let silent = json!({ "token_expiry_notice_60_days": false, "token_expiry_notice_30_days": false });
    world.app.admin().put("/application/settings", silent).await.ok();
    world.at("2027-03-12", 1).await;
    assert_eq!(world.told(), ["ci sixty_days"]);
    world.at("2027-04-09", 1).await;
    assert_eq!(world.told(), NOBODY);
    world.at("2027-04-10", 1).await;
    assert_eq!(world.told(), ["ci thirty_days"]);
    world.at("2027-05-03", 1).await;
    assert_eq!(world.told(), ["ci seven_days"]);
    world.at("2027-05-09", 1).await;
    assert_eq!(world.told(), NOBODY);
}

#[tokio::test]
async fn what_ends_by_other_ways_or_is_no_projects_is_not_told() {
    let world = World::new().await;
    let revoked = world.token("revoked", "2027-03-10").await;
    world.token("ci", "2027-03-10").await;
    let wanted = json!({ "name": "laptop", "scopes": ["read_api"], "expires_at": "2027-03-10" });
    let ada = world.ada.get("/user").await.ok()["id"].clone();
    world.app.admin().post(&format!("/users/{ada}/personal_access_tokens"), wanted).await.created();
    world.ada.delete(&format!("/projects/{}/access_tokens/{revoked}", world.project)).await.gone();
    world.ada.put(&world.hook, json!({ "resource_access_token_events": false })).await.ok();
    world.at("2027-03-05", 1).await;
    assert_eq!(world.told(), NOBODY, "the hook does not listen");
    world.ada.put(&world.hook, json!({ "resource_access_token_events": true })).await.ok();
    world.at("2027-03-06", 1).await;
    assert_eq!(world.told(), ["ci seven_days"]);
}

#[tokio::test]
async fn an_end_that_was_moved_is_told_again() {
    let world = World::new().await;
    let ci = world.token("ci", "2027-03-10").await;
    world.at("2027-03-05", 1).await;
    assert_eq!(world.told(), ["ci seven_days"]);
    let extend = json!({ "ids": [ci], "expires_at": "2027-06-10", "dry_run": false });
    world.app.admin().post("/admin/tokens/extend", extend).await;
    world.at("2027-03-06", 1).await;
    assert_eq!(world.told(), NOBODY);
    world.at("2027-06-03", 1).await;
    assert_eq!(world.told(), ["ci seven_days"]);
}

#[tokio::test]
async fn a_stop_of_days_loses_nothing_and_every_hook_is_told() {
    let world = World::new().await;
    let hooks = format!("/projects/{}/hooks", world.project);
    let other = json!({ "url": "https://chat.example.com", "resource_access_token_events": true });
    world.ada.post(&hooks, other).await.created();
    for number in 0..120 {
        world.token(&format!("ci-{number:03}"), "2027-03-12").await;
    }
    // The server stood still from the fourth to the tenth.
    world.at("2027-03-10", 9).await;
    let calls = world.app.courier.take();
    assert_eq!(calls.len(), 240);
    let of = |host: &str| calls.iter().filter(|call| call.url.contains(host)).count();
    assert_eq!((of("ci.example.com"), of("chat.example.com")), (120, 120));
    let mut keys: Vec<&str> = calls.iter().map(|call| call.header("Idempotency-Key")).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 240, "every call has a number of its own");
}
