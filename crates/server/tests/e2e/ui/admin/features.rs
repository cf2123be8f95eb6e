//! Feature flags, for everyone and for one project (D13).

use serde_json::json;
use tessera_testkit::TestApp;

use crate::app;

const PATH: &str = "/admin/feature_flags";
const FLAG: (&str, &str) = ("flag", "resource_access_token");

/// Whether a project access token can be made there.
async fn can_make(app: &TestApp, project: i64) -> bool {
    let path = format!("/projects/{project}/access_tokens");
    app.admin()
        .post(&path, json!({ "name": "t", "scopes": ["api"], "expires_at": app.clock.in_days(5) }))
        .await
        .status
        == 201
}

#[tokio::test]
async fn a_flag_is_switched_for_everyone_and_for_one_project() {
    let app = app().await;
    let (one, two) = (app.admin().project("one").await, app.admin().project("two").await);
    let root = app.session("root").await;
    assert!(root.get(PATH).await.text().contains("Not set: the default counts (on)"));

    let done = root.submit(PATH, PATH, &[FLAG, ("act", "off")]).await;
    assert_eq!((done.status, done.header("location")), (303, PATH));
    assert!(!can_make(&app, one).await && !can_make(&app, two).await);
    root.submit(PATH, PATH, &[FLAG, ("project", "/root/two"), ("act", "on")]).await;
    let shown = root.get(PATH).await.text();
    assert!(shown.contains("is on for /root/two now") && shown.contains(">root/two</a>"), "{shown}");
    assert!(!can_make(&app, one).await && can_make(&app, two).await);

    root.submit(PATH, PATH, &[FLAG, ("act", "default")]).await;
    assert!(can_make(&app, one).await && can_make(&app, two).await);
    let shown = root.get(PATH).await.text();
    assert!(shown.contains(">root/two</a>"), "the override stays: {shown}");
    let actor = format!("Project:{two}");
    root.submit(PATH, PATH, &[FLAG, ("actor", &actor), ("act", "default")]).await;
    let shown = root.get(PATH).await.text();
    assert!(
        !shown.contains(">root/two</a>")
            && shown.contains("The override of resource_access_token was removed")
    );
    let events = app.admin().get("/audit_events?per_page=100").await.ok().to_string();
    assert_eq!(
        events.matches("\"event_name\":\"feature_set\"").count(),
        8,
        "four, each twice in its view: {events}"
    );
}

#[tokio::test]
async fn what_cannot_be_is_said_and_changes_nothing() {
    let app = app().await;
    let root = app.session("root").await;
    for (fields, complaint) in [
        (vec![FLAG, ("project", "no/such"), ("act", "off")], "There is no project at this path"),
        (vec![FLAG, ("project", " "), ("act", "off")], "Project is missing"),
        (vec![("flag", "made_up"), ("act", "on")], "does not have feature flag definition"),
        (vec![FLAG], "Say whether the flag shall be on"),
    ] {
        let refused = root.submit(PATH, PATH, &fields).await;
        assert_eq!(refused.status, 422, "{fields:?}");
        assert!(refused.text().contains(complaint), "{fields:?}: {refused}");
    }
    assert_eq!(app.admin().get("/features").await.ok(), json!([]));
}

#[tokio::test]
async fn flags_that_nobody_knows_are_shown_and_can_be_forgotten() {
    let app = app().await;
    app.admin().post("/features/their_flag", json!({ "value": "30", "force": true })).await.created();
    let root = app.session("root").await;
    let shown = root.get(PATH).await.text();
    assert!(
        shown.contains("The server knows no flag of this name") && shown.contains("On for 30 % of the time"),
        "{shown}"
    );
    root.submit(PATH, PATH, &[("flag", "their_flag"), ("act", "forget")]).await;
    assert!(!root.get(PATH).await.text().contains("their_flag</h2>"));
    assert_eq!(app.admin().get("/features").await.ok(), json!([]));
}
