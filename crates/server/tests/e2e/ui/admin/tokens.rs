//! The inventory: found, chosen, revoked.

use serde_json::json;

use super::MOST;
use crate::app;

/// The names of tokens that a page lists, those of `all`.
fn listed<'a>(page: &str, all: &[&'a str]) -> Vec<&'a str> {
    all.iter().copied().filter(|name| page.contains(&format!("Choose {name}\""))).collect()
}

#[tokio::test]
async fn tokens_are_found_by_what_is_known_of_them() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = app.admin().project_with(json!({ "name": "app" })).await;
    app.admin().project_token(project, "nightly", &["read_repository"]).await;
    let path = format!("/users/{}/impersonation_tokens", ada.id);
    app.admin()
        .post(&path, json!({ "name": "support", "scopes": ["read_user"], "expires_at": "2099-01-01" }))
        .await
        .created();
    let root = app.session("root").await;
    let all = ["nightly", "support", "story"];
    for (query, expected) in [
        ("", &all[..]),
        ("?search=NIGHT", &["nightly"]),
        ("?kind=impersonation", &["support"]),
        ("?kind=project&scope=read_repository", &["nightly"]),
        ("?scope=read_registry", &[]),
        ("?owner=ada", &["support", "story"]),
        ("?owner=%40ada&kind=personal", &["story"]),
        ("?creator=root&kind=project", &["nightly"]),
        ("?ends_from=2099-01-01&ends_before=2099-01-02", &["support"]),
        ("?ends=30&kind=impersonation", &[]),
        ("?used=never&owner=ada", &["support", "story"]),
        ("?state=revoked", &[]),
    ] {
        let (reply, statements) = app.statements_of(root.get(&format!("/admin/tokens{query}"))).await;
        assert_eq!(reply.status, 200, "{query}: {reply}");
        assert_eq!(listed(&reply.text(), &all), expected, "{query}");
        assert!(statements <= MOST, "{query}: {statements}");
    }
    for (query, complaint) in [
        ("?owner=nobody-at-all", "Nobody is called so"),
        ("?kind=pet", "none of the choices"),
        ("?ends_from=soon", "is no date"),
    ] {
        let reply = root.get(&format!("/admin/tokens{query}")).await;
        assert_eq!(reply.status, 422, "{query}");
        assert!(reply.text().contains(complaint), "{query}: {reply}");
        assert_eq!(
            listed(&reply.text(), &all),
            [""; 0],
            "{query}: nothing is shown for what is not understood"
        );
    }
}

#[tokio::test]
async fn chosen_tokens_are_revoked_and_their_bots_end() {
    let app = app().await;
    let project = app.admin().project("app").await;
    let one = app.admin().project_token(project, "one", &["api"]).await;
    let two = app.admin().project_token(project, "two", &["api"]).await;
    let root = app.session("root").await;
    let page = format!("/admin/tokens/revoke?ids[]={}&ids[]={}&kind=project", one.id, two.id);
    let (asked, statements) = app.statements_of(root.get(&page)).await;
    let text = asked.text();
    assert!(text.contains("Revoke 2 tokens?") && text.contains("<b>2 bots</b>"), "{text}");
    assert!(statements <= MOST, "{statements}");
    assert_eq!(one.client.get("/user").await.status, 200, "asking does nothing");

    let ids = [("ids[]", &*one.id.to_string()), ("ids[]", &*two.id.to_string())]
        .map(|(name, id)| (name, id.to_owned()));
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|(name, id)| (*name, &**id)).collect();
    fields.extend([("count", "2"), ("kind", "project")]);
    let done = root.submit(&page, "/admin/tokens/revoke", &fields).await;
    assert_eq!((done.status, done.header("location")), (303, "/admin/tokens?kind=project"));
    let list = root.get("/admin/tokens?kind=project").await.text();
    assert!(list.contains("2 tokens were revoked."), "{list}");
    assert!(list.contains("No token fits this filter"), "{list}");
    assert_eq!(one.client.get("/user").await.status, 401);
    let events = app.admin().get("/audit_events?per_page=100").await.ok().to_string();
    assert_eq!(events.matches("token_revoke").count(), 4, "two, each twice in its view: {events}");
    let revoked = root.get("/admin/tokens?kind=project&state=revoked").await.text();
    assert!(revoked.contains("Revoked") && revoked.contains("removed"), "{revoked}");

    let again = root.get(&page).await.text();
    assert!(again.contains("Nothing to revoke"), "{again}");
}

#[tokio::test]
async fn all_that_match_are_revoked_and_never_more_than_were_shown() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.personal_token(ada.id, &["read_user"]).await;
    let root = app.session("root").await;
    let page = "/admin/tokens/revoke?all=1&owner=ada";
    let asked = root.get(page).await.text();
    assert!(asked.contains("Revoke 2 tokens?"), "{asked}");
    let late = app.personal_token(ada.id, &["read_user"]).await;
    let fields = [("all", "1"), ("owner", "ada"), ("count", "2")];
    let refused = root.submit(page, "/admin/tokens/revoke", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("There are 1 more than you were shown"), "{refused}");
    assert_eq!(late.get("/user").await.status, 200, "nothing was revoked");
    let fields = [("all", "1"), ("owner", "ada"), ("count", "3")];
    let done = root.submit(page, "/admin/tokens/revoke", &fields).await;
    assert_eq!(done.status, 303, "{done}");
    assert_eq!(late.get("/user").await.status, 401);
    assert_eq!(app.admin().get("/user").await.status, 200, "others are spared");

    for fields in [
        &[("all", "1"), ("count", "999")][..],
        &[("count", "9")],
        &[("ids[]", "x"), ("count", "9")],
        &[("all", "1"), ("state", "lively"), ("owner", "root"), ("count", "999")],
    ] {
        let refused = root.submit("/admin/tokens", "/admin/tokens/revoke", fields).await;
        assert!([400, 422].contains(&refused.status), "{fields:?}: {refused}");
    }
    assert_eq!(app.admin().get("/user").await.status, 200, "a filter that says nothing chooses nothing");
}
