//! Many tokens revoked or extended at once.

use serde_json::{Value, json};
use tessera_testkit::TestApp;

use super::inventory::personal;
use crate::app;

/// What stands in the audit log of this action: targets and details.
async fn audited(app: &TestApp, action: &str) -> Vec<(i64, Value)> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let page = app.service.export_audit(next).await.unwrap();
        let fitting = page.records.iter().filter(|record| record["action"] == action);
        found
            .extend(fitting.map(|record| (record["target_id"].as_i64().unwrap(), record["details"].clone())));
        next = page.next;
        if next.is_none() {
            return found;
        }
    }
}

fn ids(answer: &Value) -> Vec<i64> {
    answer["tokens"].as_array().unwrap().iter().map(|token| token["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_dry_run_shows_what_revoking_does_and_does_nothing() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    let more = personal(&app, ada.id, "more", None).await;
    let asked = json!({ "owner": "ada" });
    let planned = app.admin().post("/admin/tokens/revoke", asked).await.ok();
    assert_eq!((&planned["dry_run"], &planned["count"]), (&json!(true), &json!(2)));
    assert_eq!(ids(&planned)[1], more);
    ada.client.get("/user").await.ok();
    assert_eq!(audited(&app, "token.revoke").await, []);

    let meant = json!({ "owner": "ada", "dry_run": false });
    let done = app.admin().post("/admin/tokens/revoke", meant.clone()).await.ok();
    assert_eq!((&done["dry_run"], &done["count"], &done["remaining"]), (&json!(false), &json!(2), &json!(0)));
    assert_eq!(ids(&done), ids(&planned));
    assert_eq!(done["tokens"][0]["revoked_by"], "root");
    ada.client.get("/user").await.expect(401);
    eve.client.get("/user").await.ok();
    let log = audited(&app, "token.revoke").await;
    assert_eq!(log.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ids(&done));

    let again = app.admin().post("/admin/tokens/revoke", meant).await.ok();
    assert_eq!(again["count"], 0, "once more changes nothing");
    assert_eq!(audited(&app, "token.revoke").await.len(), 2);
}

#[tokio::test]
async fn a_project_token_ends_with_its_bot() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let bot = ada.client.project_token(project, "ci", &["api"]).await;
    let issue =
        bot.client.post(&format!("/projects/{project}/issues"), json!({ "title": "mine" })).await.created();
    let rotated = ada.client.rotated(project, bot.id).await;
    let meant = json!({ "project": "ada/demo", "dry_run": false });
    let done = app.admin().post("/admin/tokens/revoke", meant).await.ok();
    assert_eq!(ids(&done), [rotated.id], "what was rotated away was revoked before");
    assert_eq!(done["tokens"][0]["owner"]["state"], "removed");
    rotated.client.get("/user").await.expect(401);
    let members = ada.client.get(&format!("/projects/{project}/members")).await;
    assert_eq!(members.each("username"), ["ada"]);
    app.settle().await;
    let path = format!("/projects/{project}/issues/{}", issue["iid"]);
    assert_eq!(ada.client.get(&path).await.ok()["author"]["username"], "ghost");
    app.admin().get(&format!("/users/{}", bot.user_id)).await.expect(404);
}

#[tokio::test]
async fn many_are_done_in_steps_and_one_call_takes_them_all() {
    let app = app().await;
    let ada = app.person("ada").await;
    for number in 0..230 {
        personal(&app, ada.id, &format!("t{number}"), Some("2027-04-01")).await;
    }
    let project = ada.client.project("demo").await;
    for number in 0..12 {
        let wanted = json!({ "name": format!("b{number}"), "scopes": ["api"], "expires_at": "2027-04-01" });
        ada.client.project_token_with(project, wanted).await;
    }
    let extend = json!({ "expires_before": "2027-04-02", "expires_at": "2027-05-01", "dry_run": false });
    let done = app.admin().post("/admin/tokens/extend", extend.clone()).await.ok();
    assert_eq!((&done["count"], done["tokens"].as_array().unwrap().len()), (&json!(242), 100));
    assert_eq!(app.admin().post("/admin/tokens/extend", extend).await.ok()["count"], 0);
    let revoke = json!({ "expires_before": "2027-05-02", "dry_run": false });
    let done = app.admin().post("/admin/tokens/revoke", revoke).await.ok();
    assert_eq!((&done["count"], &done["remaining"]), (&json!(242), &json!(0)));
    assert_eq!(audited(&app, "token.revoke").await.len(), 242);
    let left = app.admin().get("/admin/tokens?state=active").await;
    assert_eq!(left.each("name"), ["root token", "story"]);
}

#[tokio::test]
async fn the_token_in_hand_is_spared() {
    let app = app().await;
    let second = app.personal_token(1, &["read_user"]).await;
    let done =
        app.admin().post("/admin/tokens/revoke", json!({ "owner": "root", "dry_run": false })).await.ok();
    assert_eq!((ids(&done).len(), &done["tokens"][0]["name"]), (1, &json!("story")));
    second.get("/user").await.expect(401);
    app.admin().get("/user").await.ok();
}

#[tokio::test]
async fn a_bulk_act_says_which_tokens() {
    let app = app().await;
    let ada = app.person("ada").await;
    let asked = async |path: &str, body: Value| app.admin().post(path, body).await.to_string();
    let revoke = "/admin/tokens/revoke";
    let none = r#"400 {"message":"400 Bad request - Say which tokens: a filter is needed, and a state alone is none"}"#;
    assert_eq!(asked(revoke, json!({ "dry_run": false })).await, none);
    assert_eq!(asked(revoke, json!({ "state": "active", "dry_run": false })).await, none);
    assert_eq!(
        asked(revoke, json!({ "ownr": "ada", "kind": "personal", "dry_run": false })).await,
        r#"400 {"error":"ownr does not exist"}"#
    );
    assert_eq!(
        asked(revoke, json!({ "owner": "", "kind": "personal", "dry_run": false })).await,
        r#"400 {"error":"owner is empty"}"#
    );
    let nobody = asked(revoke, json!({ "owner": "nobody", "dry_run": false })).await;
    assert_eq!(nobody, r#"404 {"message":"404 User \"nobody\" Not Found"}"#);
    let extend = "/admin/tokens/extend";
    assert_eq!(asked(extend, json!({ "owner": "ada" })).await, r#"400 {"error":"expires_at is missing"}"#);
    for (end, why) in
        [("2027-03-04", "must be in the future"), ("2027-03-03", "cannot be a date in the past")]
    {
        assert_eq!(
            asked(extend, json!({ "owner": "ada", "expires_at": end })).await,
            format!(r#"400 {{"message":"400 Bad request - Expires at {why}"}}"#)
        );
    }
    ada.client.get("/user").await.ok();
}

#[tokio::test]
async fn extending_touches_what_lives_and_ends_earlier() {
    let app = app().await;
    let (admin, ada) = (app.admin(), app.person("ada").await);
    let over = personal(&app, ada.id, "over", Some("2027-03-08")).await;
    let today = personal(&app, ada.id, "today", Some("2027-03-09")).await;
    let near = personal(&app, ada.id, "near", Some("2027-03-10")).await;
    let far = personal(&app, ada.id, "far", Some("2027-12-01")).await;
    let dead = personal(&app, ada.id, "dead", Some("2027-03-20")).await;
    admin.delete(&format!("/personal_access_tokens/{dead}")).await.gone();
    app.clock.to_eve_of("2027-03-09");
    app.clock.advance(std::time::Duration::from_secs(1));
    // Even where an expired token works, its date has come: putting it off would make it outlive what it says.
    for enforced in [true, false] {
        admin.put("/application/settings", json!({ "enforce_pat_expiration": enforced })).await.ok();
        let planned =
            admin.post("/admin/tokens/extend", json!({ "owner": "ada", "expires_at": "2027-06-01" })).await;
        assert_eq!(ids(&planned.ok()), [near], "enforced: {enforced}");
    }
    let meant = json!({ "owner": "ada", "expires_at": "2027-06-01", "dry_run": false });
    let done = admin.post("/admin/tokens/extend", meant.clone()).await.ok();
    assert_eq!((ids(&done), &done["tokens"][0]["expires_at"]), (vec![near], &json!("2027-06-01")));
    assert_eq!(admin.post("/admin/tokens/extend", meant).await.ok()["count"], 0);
    for (id, end) in [(over, "2027-03-08"), (today, "2027-03-09"), (far, "2027-12-01"), (dead, "2027-03-20")]
    {
        let shown = admin.get(&format!("/personal_access_tokens/{id}")).await.ok();
        assert_eq!(shown["expires_at"], end);
    }
    let log = audited(&app, "token.extend").await;
    let expected = json!({ "kind": "personal", "user": "ada", "from": "2027-03-10", "to": "2027-06-01" });
    assert_eq!(log, [(near, expected)]);
}

#[tokio::test]
async fn the_policy_binds_extensions_too() {
    let app = app().await;
    let ada = app.person("ada").await;
    let token = personal(&app, ada.id, "near", Some("2027-03-10")).await;
    app.admin().put("/application/settings", json!({ "max_personal_access_token_lifetime": 30 })).await.ok();
    let extend = |end: &str| {
        let wanted = json!({ "ids": [token], "expires_at": end, "dry_run": false });
        app.admin().post("/admin/tokens/extend", wanted)
    };
    assert_eq!(
        extend("2027-04-04").await.to_string(),
        r#"400 {"message":"400 Bad request - Expires at must be before 2027-04-03"}"#
    );
    assert_eq!(ids(&extend("2027-04-03").await.ok()), [token]);
}

#[tokio::test]
async fn a_token_keeps_alive_only_what_it_could_give() {
    let app = app().await;
    let wanted = json!({ "name": "mighty", "scopes": ["api", "sudo"], "expires_at": "2027-03-20" });
    let made = app.admin().post("/users/1/personal_access_tokens", wanted).await.created();
    let narrow = app.personal_token(1, &["api"]).await;
    let extend = json!({ "search": "mighty", "expires_at": "2027-05-01" });
    assert_eq!(narrow.post("/admin/tokens/extend", extend.clone()).await.ok()["count"], 0);
    assert_eq!(
        ids(&app.admin().post("/admin/tokens/extend", extend).await.ok()),
        [made["id"].as_i64().unwrap()]
    );
}
