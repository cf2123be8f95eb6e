//! Issues and notes: what a bot does is the bot's (B4), and the Ghost User's when it is gone (B7).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn what_a_bot_writes_is_the_bots_until_it_goes() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let bot = ada.client.project_token(project, "triage", &["api"]).await;
    let issues = format!("/projects/{project}/issues");
    let issue = bot.client.post(&issues, json!({ "title": "Found at night" })).await.created();
    assert_eq!((&issue["iid"], &issue["author"]["username"]), (&json!(1), &json!("project_1_bot")));
    let notes = format!("{issues}/1/notes");
    let note = bot.client.post(&notes, json!({ "body": "more" })).await.created();
    assert_eq!(note["author"]["id"], bot.user_id);
    ada.client.put(&format!("{issues}/1"), json!({ "assignee_ids": [ada.id] })).await.ok();
    ada.client.delete(&format!("/projects/{project}/access_tokens/{}", bot.id)).await.gone();
    for round in ["at once", "after the job"] {
        assert_eq!(
            ada.client.get(&format!("{issues}/1")).await.ok()["author"]["name"],
            "Ghost User",
            "{round}"
        );
        let notes = ada.client.get(&notes).await;
        assert!(notes.json[0]["author"]["name"] == "Ghost User", "{round}: {notes}");
        app.settle().await;
    }
    assert_eq!(ada.client.get(&issues).await.each("title"), ["Found at night"], "none lost, none doubled");
}

#[tokio::test]
async fn strangers_report_to_public_projects_and_change_only_their_own() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project_with(json!({ "name": "open", "visibility": "public" })).await;
    let eve = app.person("eve").await;
    let issues = format!("/projects/{project}/issues");
    ada.client.post(&issues, json!({ "title": "hers" })).await.created();
    eve.client.post(&issues, json!({ "title": "mine" })).await.created();
    eve.client.put(&format!("{issues}/1"), json!({ "title": "changed" })).await.expect(403);
    let mine = eve.client.put(&format!("{issues}/2"), json!({ "title": "still mine" })).await.ok();
    assert_eq!(mine["title"], "still mine");
    eve.client.delete(&format!("{issues}/2")).await.expect(403);
    app.anonymous().post(&issues, json!({ "title": "x" })).await.expect(401);
    assert_eq!(
        app.anonymous()
            .get(&format!("{issues}?order_by=created_at&sort=asc"))
            .await
            .json
            .as_array()
            .unwrap()
            .len(),
        2
    );
    ada.client.delete(&format!("{issues}/2")).await.gone();
    ada.client.get(&format!("{issues}/2")).await.expect(404);
}

#[tokio::test]
async fn issues_are_closed_and_opened_again() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let path = format!("/projects/{project}/issues");
    admin.post(&path, json!({ "title": "x" })).await.created();
    let missing = admin.post(&path, json!({})).await;
    assert_eq!(missing.to_string(), r#"400 {"error":"title is missing"}"#);
    let one = format!("{path}/1");
    let closed = admin.put(&one, json!({ "state_event": "close" })).await.ok();
    assert_eq!((&closed["state"], &closed["closed_by"]["username"]), (&json!("closed"), &json!("root")));
    assert_eq!(admin.get(&format!("{path}?state=opened")).await.to_string(), "200 []");
    assert_eq!(admin.put(&one, json!({ "state_event": "reopen" })).await.ok()["state"], "opened");
}
