//! Seats and figures: bots and the Ghost User are no people (B8).

use serde_json::{Value, json};
use tessera_testkit::{Client, Reply};

use crate::app;

async fn figures(admin: &Client) -> Value {
    admin.get("/application/statistics").await.ok()
}

async fn make(admin: &Client, name: &str) -> Reply {
    let wanted = json!({
        "username": name, "name": name, "email": format!("{name}@people.test"), "password": "a long enough one",
    });
    admin.post("/users", wanted).await
}

#[tokio::test]
async fn figures_count_people_and_no_bots() {
    let app = app().await;
    let (admin, ada) = (app.admin(), app.person("ada").await);
    assert_eq!(
        figures(&admin).await.to_string(),
        concat!(
            r#"{"forks":"0","issues":"0","merge_requests":"0","notes":"0","snippets":"0","ssh_keys":"0","#,
            r#""milestones":"0","users":"2","projects":"0","groups":"0","active_users":"2"}"#
        )
    );
    let group = ada.client.group("team").await;
    let project = ada.client.project_with(json!({ "name": "demo", "namespace_id": group })).await;
    let bots = [
        ada.client.project_token(project, "one", &["api"]).await,
        ada.client.project_token(project, "two", &["api"]).await,
    ];
    bots[0].client.post(&format!("/projects/{project}/issues"), json!({ "title": "x" })).await.created();
    ada.client.post(&format!("/projects/{project}/issues/1/notes"), json!({ "body": "x" })).await.created();
    let counted = |figures: &Value| {
        ["users", "active_users", "groups", "projects", "issues", "notes"].map(|key| figures[key].clone())
    };
    assert_eq!(counted(&figures(&admin).await), ["2", "2", "1", "1", "1", "1"]);
    // The Ghost User comes with the first bot that ends.
    ada.client.delete(&format!("/projects/{project}/access_tokens/{}", bots[0].id)).await.gone();
    app.settle().await;
    assert_eq!(counted(&figures(&admin).await), ["2", "2", "1", "1", "1", "1"]);
    admin.post(&format!("/users/{}/block", ada.id), json!({})).await.created();
    assert_eq!(
        counted(&figures(&admin).await),
        ["2", "1", "1", "1", "1", "1"],
        "who is blocked takes no seat"
    );
    ada.client.get("/application/statistics").await.expect(403);
    app.anonymous().get("/application/statistics").await.expect(401);
    app.person("eve").await.client.get("/application/statistics").await.expect(403);
}

#[tokio::test]
async fn a_cap_bounds_people_and_never_bots() {
    let app = app().await;
    let (admin, ada) = (app.admin(), app.person("ada").await);
    admin.put("/application/settings", json!({ "user_cap": 2 })).await.ok();
    let full = r#"403 {"message":"403 Forbidden - The instance has no free seat: 2 people take 2. Block or delete somebody, or raise user_cap"}"#;
    assert_eq!(make(&admin, "eve").await.to_string(), full);
    let project = ada.client.project("demo").await;
    for name in ["one", "two", "three"] {
        ada.client.project_token(project, name, &["api"]).await.client.get("/user").await.ok();
    }
    assert_eq!(make(&admin, "eve").await.to_string(), full, "bots neither take a seat nor free one");
    admin.post(&format!("/users/{}/block", ada.id), json!({})).await.created();
    make(&admin, "eve").await.created();
    let unblock = || admin.post(&format!("/users/{}/unblock", ada.id), json!({}));
    assert_eq!(unblock().await.to_string(), full, "nor does blocking let two sit on one");
    let below = admin.put("/application/settings", json!({ "user_cap": 1 })).await.ok();
    assert_eq!(below["user_cap"], 1);
    admin.put("/application/settings", json!({ "user_cap": null })).await.ok();
    unblock().await.created();
}
