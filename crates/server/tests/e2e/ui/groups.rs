//! Groups and the pages of people.

use serde_json::json;
use tessera_testkit::{Session, TestApp};

use crate::app;

async fn text(session: &Session, path: &str) -> String {
    let reply = session.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {reply}");
    reply.text()
}

/// A public group of ada's with a public project, a private one and a private subgroup.
async fn harbour(app: &TestApp) -> (i64, i64) {
    let ada = app.person("ada").await;
    let group =
        json!({ "name": "Harbour", "path": "harbour", "visibility": "public", "description": "All quays" });
    let group = ada.client.post("/groups", group).await.created()["id"].as_i64().unwrap();
    let project = |name: &str, visibility: &str| json!({ "name": name, "namespace_id": group, "visibility": visibility });
    let open = ada.client.project_with(project("Tides", "public")).await;
    ada.client.project_with(project("Ledger", "private")).await;
    ada.client
        .post("/groups", json!({ "name": "Cranes", "path": "cranes", "parent_id": group }))
        .await
        .created();
    (group, open)
}

#[tokio::test]
async fn a_group_shows_to_each_what_they_may_see() {
    let app = app().await;
    harbour(&app).await;
    let (ada, nobody) = (app.session("ada").await, app.browser());
    let page = text(&ada, "/harbour").await;
    for shown in [
        "All quays",
        "harbour/tides",
        "harbour/ledger",
        "Cranes",
        "New project",
        "New subgroup",
        "/groups/harbour/-/edit",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let page = text(&nobody, "/harbour").await;
    assert!(
        page.contains("harbour/tides") && !page.contains("harbour/ledger") && !page.contains("Cranes"),
        "{page}"
    );
    assert!(!page.contains("New project") && !page.contains("/-/edit"), "{page}");
    assert_eq!(
        nobody.get("/harbour/cranes").await.header("location"),
        "/users/sign_in?return_to=%2Fharbour%2Fcranes"
    );
    assert_eq!(ada.get("/groups/harbour/cranes").await.header("location"), "/harbour/cranes");
    let page = text(&ada, "/harbour/cranes").await;
    assert!(page.contains("This group is empty"), "{page}");
    let (_, statements) = app.statements_of(ada.get("/harbour")).await;
    assert!(statements <= 12, "{statements} statements");
}

#[tokio::test]
async fn an_account_has_a_page() {
    let app = app().await;
    let (_, project) = harbour(&app).await;
    let admin = app.admin();
    let token = json!({ "name": "tide robot", "scopes": ["read_api"], "access_level": 20, "expires_at": app.clock.in_days(30) });
    let made = admin.post(&format!("/projects/{project}/access_tokens"), token).await.created();
    let bot =
        admin.get(&format!("/users/{}", made["user_id"])).await.ok()["username"].as_str().unwrap().to_owned();
    let ada = app.session("ada").await;
    let page = text(&ada, "/ada").await;
    assert!(page.contains("@ada") && page.contains("Edit profile") && page.contains("Here since"), "{page}");
    let page = text(&ada, &format!("/{bot}")).await;
    assert!(page.contains("tide robot") && page.contains("harbour/tides"), "{page}");
    let revoke = format!("/projects/{project}/access_tokens/{}", made["id"]);
    admin.delete(&revoke).await.gone();
    let page = text(&ada, "/ghost").await;
    assert!(page.contains("where an account was removed"), "{page}");
    let page = text(&app.browser(), "/ada").await;
    assert!(!page.contains("Here since") && !page.contains("people.test"), "{page}");
    assert_eq!(ada.get("/nobody-of-this-name").await.status, 404);
}

#[tokio::test]
async fn members_of_a_group_are_added_changed_and_removed() {
    let app = app().await;
    let (group, _) = harbour(&app).await;
    let bob = app.person("bob").await.id;
    let ada = app.session("ada").await;
    let list = "/groups/harbour/-/group_members";
    let level = async || {
        app.admin().get(&format!("/groups/{group}/members/{bob}")).await.json["access_level"].as_i64()
    };
    let unknown = ada.submit(list, list, &[("username", "nobody"), ("access_level", "30")]).await;
    assert_eq!(unknown.status, 422);
    assert!(unknown.text().contains("There is no account of this name"), "{unknown}");
    let add = [("username", "bob"), ("access_level", "30"), ("expires_at", "")];
    assert_eq!(ada.submit(list, list, &add).await.status, 303);
    assert_eq!(level().await, Some(30));
    assert!(text(&ada, list).await.contains("Bob is a Developer of Harbour now."));
    let page = text(&ada, "/groups/harbour/cranes/-/group_members").await;
    assert!(
        page.contains("Bob") && page.contains("From <a href=\"/groups/harbour/-/group_members\">"),
        "{page}"
    );

    let one = format!("{list}/{bob}");
    let done = ada.submit(&one, &one, &[("access_level", "40"), ("expires_at", "")]).await;
    assert_eq!((done.status, level().await), (303, Some(40)));
    let in_browser = app.session("bob").await;
    let refused = in_browser.submit(list, list, &add).await;
    assert_eq!((refused.status, level().await), (403, Some(40)));
    let remove = format!("{one}/remove");
    assert!(text(&ada, &remove).await.contains("Remove Bob?"));
    assert_eq!(ada.submit(&remove, &remove, &[]).await.status, 303);
    assert_eq!(level().await, None);
    let own = app.admin().get("/users?username=ada").await.ok()[0]["id"].as_i64().unwrap();
    let last = format!("{list}/{own}/remove");
    assert!(text(&ada, &last).await.contains("Nobody else owns the group."));
}

#[tokio::test]
async fn a_group_is_made_changed_moved_and_deleted() {
    let app = app().await;
    app.person("ada").await;
    let ada = app.session("ada").await;
    let bad = [("name", ""), ("path", "no good"), ("visibility", "private")];
    let refused = ada.submit("/groups/new", "/groups/new", &bad).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("no good"), "what was typed is still there: {refused}");
    let good = [("name", "Yard"), ("path", "yard"), ("visibility", "internal"), ("parent_id", "")];
    assert_eq!(ada.submit("/groups/new", "/groups/new", &good).await.header("location"), "/yard");
    let edit = "/groups/yard/-/edit";
    let fields =
        [("name", "Ship yard"), ("description", "Keels"), ("visibility", "private"), ("tokens", "0")];
    assert_eq!(ada.submit(edit, edit, &fields).await.header("location"), edit);
    let group = app.admin().get("/groups/yard").await.ok();
    assert_eq!((&group["name"], &group["visibility"]), (&json!("Ship yard"), &json!("private")));
    let rename = "/groups/yard/-/rename";
    assert_eq!(
        ada.submit(rename, rename, &[("path", "docks")]).await.header("location"),
        "/groups/docks/-/edit"
    );
    let delete = "/groups/docks/-/delete";
    let refused = ada.submit(delete, delete, &[("confirm", "yard")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(app.admin().get("/groups/docks").await.status, 200);
    assert_eq!(ada.submit(delete, delete, &[("confirm", "docks")]).await.status, 303);
    assert_eq!(app.admin().get("/groups/docks").await.status, 404);
}
