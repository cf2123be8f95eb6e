//! Listing tokens.

use std::time::Duration;

use serde_json::json;

use crate::app;

#[tokio::test]
async fn a_list_holds_the_tokens_of_the_projects_own_bots() {
    let app = app().await;
    let ada = app.person("ada").await;
    let (one, two) = (ada.client.project("one").await, ada.client.project("two").await);
    assert_eq!(ada.client.get(&format!("/projects/{one}/access_tokens")).await.to_string(), "200 []");
    let reader = ada.client.project_token(one, "reader", &["read_api"]).await;
    ada.client.project_token(two, "elsewhere", &["api"]).await;
    let path = format!("/projects/{one}/access_tokens");
    let list = ada.client.get(&path).await;
    assert_eq!((list.each("name"), list.header("x-total")), (vec!["reader".to_owned()], "1"));
    assert!(list.json[0].get("token").is_none());
    assert_eq!(reader.client.get(&path).await.each("name"), ["reader"], "a project token lists its siblings");
}

#[tokio::test]
async fn the_refusal_is_a_401_and_the_unseen_a_404() {
    let app = app().await;
    let ada = app.person("ada").await;
    let secret = ada.client.project("secret").await;
    let open = ada.client.project_with(json!({ "name": "open", "visibility": "public" })).await;
    let developer = app.person_in(secret, "grace", 30).await;
    let path = format!("/projects/{secret}/access_tokens");
    let refused = r#"401 {"message":"401 Unauthorized"}"#;
    assert_eq!(developer.client.get(&path).await.to_string(), refused);
    assert_eq!(app.anonymous().get(&path).await.to_string(), refused);
    let stranger = app.person("eve").await;
    assert_eq!(stranger.client.get(&path).await.to_string(), r#"404 {"message":"404 Project Not Found"}"#);
    assert_eq!(stranger.client.get(&format!("/projects/{open}/access_tokens")).await.to_string(), refused);
    let unknown = stranger.client.get("/projects/999/access_tokens").await;
    assert_eq!(unknown.to_string(), r#"404 {"message":"404 Project Not Found"}"#);
}

#[tokio::test]
async fn filters_and_orders_do_what_they_say() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let make = |name: &'static str, end: serde_json::Value| {
        let admin = admin.clone();
        let wanted = json!({ "name": name, "scopes": ["api"], "expires_at": end });
        async move { admin.project_token_with(project, wanted).await }
    };
    make("beta", json!("2027-05-01")).await;
    app.clock.advance(Duration::from_hours(1));
    let alpha = make("alpha", json!(null)).await;
    app.clock.advance(Duration::from_hours(1));
    let born_dead = make("gamma", json!("2027-03-04")).await;
    assert_eq!(born_dead.json["active"], false, "today's date is accepted, and the token is born dead");
    alpha.client.get("/user").await.ok();
    app.settle().await;

    let list = async |query: &str| {
        let names = admin.get(&format!("/projects/{project}/access_tokens?{query}")).await.each("name");
        names.join(" ")
    };
    assert_eq!(list("").await, "beta alpha gamma", "by number");
    assert_eq!(list("state=active").await, "beta alpha");
    assert_eq!(list("state=inactive").await, "gamma");
    assert_eq!(list("revoked=true").await, "");
    assert_eq!(list("revoked=false").await, "beta alpha gamma");
    assert_eq!(list("search=alph").await, "alpha");
    assert_eq!(list("created_after=2027-03-04T09:00:00Z").await, "alpha gamma");
    assert_eq!(list("created_before=2027-03-04T09:00:00Z").await, "beta");
    assert_eq!(list("expires_before=2027-05-01").await, "gamma", "strictly before");
    assert_eq!(list("expires_after=2027-05-01").await, "beta", "that day included");
    assert_eq!(list("last_used_after=2027-03-04T00:00:00Z").await, "alpha");
    assert_eq!(list("sort=name_asc").await, "alpha beta gamma");
    assert_eq!(list("sort=name_desc").await, "gamma beta alpha");
    assert_eq!(list("sort=created_desc").await, "gamma alpha beta");
    assert_eq!(list("sort=expires_asc").await, "gamma beta alpha", "without an end comes last");
    assert_eq!(list("sort=nonsense").await, "beta alpha gamma", "an unknown order is ignored");
}

#[tokio::test]
async fn wrong_filters_are_refused() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    for (query, complaint) in [
        ("state=dead", "state does not have a valid value"),
        ("state=", "state does not have a valid value"),
        ("revoked=maybe", "revoked is invalid"),
        ("created_after=soon", "created_after is invalid"),
        ("expires_before=soon", "expires_before is invalid"),
    ] {
        let reply = app.admin().get(&format!("/projects/{project}/access_tokens?{query}")).await;
        assert_eq!(reply.to_string(), format!(r#"400 {{"error":"{complaint}"}}"#), "{query}");
    }
}
