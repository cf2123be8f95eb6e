//! The settings of a project in the browser.

use serde_json::json;
use tessera_testkit::{Session, TestApp};

use crate::app;

const EDIT: &str = "/yard/ship/edit";

/// ada's internal group with a project in it, of which mia is a Maintainer.
async fn shipyard(app: &TestApp) -> i64 {
    let ada = app.person("ada").await;
    let group = json!({ "name": "Yard", "path": "yard", "visibility": "internal" });
    let group = ada.client.post("/groups", group).await.created();
    let made = json!({ "name": "Ship", "path": "ship", "namespace_id": group["id"], "initialize_with_readme": true });
    let project = ada.client.post("/projects", made).await.created()["id"].as_i64().unwrap();
    app.person_in(project, "mia", 40).await;
    project
}

async fn text(session: &Session, path: &str) -> String {
    let reply = session.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {reply}");
    reply.text()
}

#[tokio::test]
async fn settings_are_changed_by_who_may() {
    let app = app().await;
    let project = shipyard(&app).await;
    let admin = app.admin();
    let branches = format!("/projects/{project}/repository/branches");
    admin.post(&format!("{branches}?branch=next&ref=main"), json!({})).await.created();
    let (ada, mia) = (app.session("ada").await, app.session("mia").await);

    let (page, statements) = app.statements_of(ada.get(EDIT)).await;
    assert!(statements <= 12, "{statements} statements");
    let page = page.text();
    assert!(page.contains("value=\"internal\"") && !page.contains("value=\"public\""), "{page}");
    assert!(page.contains("The group Yard is internal"), "{page}");
    let page = text(&mia, EDIT).await;
    assert!(page.contains("only Owners change it") && !page.contains("Delete project"), "{page}");

    let fields = [
        ("name", "Schooner"),
        ("description", "Two\r\nmasts"),
        ("visibility", "internal"),
        ("default_branch", "next"),
        ("issues_enabled", "0"),
        ("extended_expiry", "1"),
    ];
    let done = ada.submit(EDIT, EDIT, &fields).await;
    assert_eq!((done.status, done.header("location")), (303, EDIT));
    let now = admin.get(&format!("/projects/{project}")).await.json;
    assert_eq!(
        json!([
            now["name"],
            now["description"],
            now["visibility"],
            now["default_branch"],
            now["issues_enabled"]
        ]),
        json!(["Schooner", "Two\nmasts", "internal", "next", false])
    );
    assert!(text(&ada, EDIT).await.contains("Your changes were saved."));

    for (field, value, why) in [
        ("name", "", "Name can&#39;t be blank"),
        ("default_branch", "gone", "There is no such branch"),
        ("visibility", "public", "public is not allowed in a internal group"),
    ] {
        let reply = ada.submit(EDIT, EDIT, &[("description", "typed"), (field, value)]).await;
        assert_eq!(reply.status, 422, "{field}");
        let found = reply.text().to_lowercase();
        assert!(found.contains(&why.to_lowercase()) && found.contains("typed"), "{field}: {reply}");
    }
    let refused = mia.submit(EDIT, EDIT, &[("visibility", "private")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Only Owners change who sees the project."), "{refused}");
    assert_eq!(admin.get(&format!("/projects/{project}")).await.json["visibility"], "internal");
    app.person_in(project, "dan", 30).await;
    assert_eq!(app.session("dan").await.get(EDIT).await.status, 403);
}

#[tokio::test]
async fn a_project_moves_rests_and_goes() {
    let app = app().await;
    let project = shipyard(&app).await;
    let admin = app.admin();
    let (ada, mia) = (app.session("ada").await, app.session("mia").await);
    let rename = "/yard/ship/-/rename";
    assert!(text(&ada, rename).await.contains("/yard/ship.git"));
    let wrong = ada.submit(rename, rename, &[("path", "no way")]).await;
    assert_eq!(wrong.status, 422);
    let done = mia.submit(rename, rename, &[("path", "boat")]).await;
    assert_eq!((done.status, done.header("location")), (303, "/yard/boat/edit"));
    assert!(text(&mia, "/yard/boat/edit").await.contains("The project is at yard/boat now."));
    assert_eq!(ada.get(EDIT).await.status, 404);

    let archive = "/yard/boat/-/archive";
    assert_eq!(mia.get(archive).await.status, 403);
    assert!(text(&ada, archive).await.contains("keep reading and stop writing"));
    assert_eq!(ada.submit(archive, archive, &[]).await.status, 303);
    let page = text(&ada, "/yard/boat/edit").await;
    assert!(page.contains("Unarchive project") && !page.contains("Save changes"), "{page}");
    let refused = ada.submit("/yard/boat/edit", "/yard/boat/edit", &[("name", "Barge")]).await;
    assert_eq!(refused.status, 403);
    assert_eq!(ada.submit("/yard/boat/edit", "/yard/boat/-/unarchive", &[]).await.status, 303);
    assert_eq!(admin.get(&format!("/projects/{project}")).await.json["archived"], false);

    admin.post(&format!("/projects/{project}/issues"), json!({ "title": "One" })).await.created();
    let delete = "/yard/boat/-/delete";
    assert_eq!(mia.get(delete).await.status, 403);
    let page = text(&ada, delete).await;
    assert!(page.contains("<b>1 issue</b>") && page.contains("<b>1 branch</b>"), "{page}");
    for typed in ["", "boat", "yard/ship"] {
        let reply = ada.submit(delete, delete, &[("confirm", typed)]).await;
        assert_eq!(reply.status, 422);
        assert!(reply.text().contains("Nothing was deleted."), "{reply}");
    }
    let done = ada.submit(delete, delete, &[("confirm", "yard/boat")]).await;
    assert_eq!(done.header("location"), "/");
    assert!(text(&ada, "/").await.contains("yard/boat was deleted."));
    assert_eq!(admin.get(&format!("/projects/{project}")).await.status, 404);
}

#[tokio::test]
async fn branches_and_tags_are_protected_changed_and_freed() {
    let app = app().await;
    let project = shipyard(&app).await;
    let admin = app.admin();
    let page = "/yard/ship/-/settings/repository";
    let token =
        json!({ "name": "robot", "scopes": ["api"], "access_level": 30, "expires_at": app.clock.in_days(9) });
    let bot =
        admin.post(&format!("/projects/{project}/access_tokens"), token).await.created()["user_id"].clone();
    let robot = admin.get(&format!("/users/{bot}")).await.json["username"].as_str().unwrap().to_owned();
    let rules = async |kind: &str| admin.get(&format!("/projects/{project}/protected_{kind}")).await.json;
    let mia = app.session("mia").await;
    assert!(text(&mia, page).await.contains("No tag is protected"));

    let named = format!("@{robot}, mia");
    let fields = [
        ("kind", "branch"),
        ("name", "release/*"),
        ("push_level", "0"),
        ("push_users", &*named),
        ("merge_level", "30"),
        ("allow_force_push", "1"),
    ];
    assert_eq!(mia.submit(page, page, &fields).await.status, 303);
    let found = rules("branches").await;
    let rule = found.as_array().unwrap().iter().find(|rule| rule["name"] == "release/*").unwrap().clone();
    assert_eq!(rule["allow_force_push"], true);
    let holders: Vec<_> =
        rule["push_access_levels"].as_array().unwrap().iter().map(|grant| grant["user_id"].clone()).collect();
    assert!(holders.contains(&bot) && holders.len() == 3, "{rule}");
    let (shown, statements) = app.statements_of(mia.get(page)).await;
    assert!(statements <= 12, "{statements} statements");
    let shown = shown.text();
    assert!(shown.contains("The branch release/* is protected now."), "{shown}");
    assert!(
        shown.contains("robot</a> <span class=\"tag\">Bot</span>") && shown.contains("Wildcard"),
        "{shown}"
    );

    app.person("carol").await;
    for (field, value, why) in [
        ("name", "release/*", "already exists"),
        ("name", "", "Name can&#39;t be blank"),
        ("push_users", "nobody", "nobody is called so"),
        ("push_users", "carol", "Only members of the project can be named"),
        ("push_level", "7", "needs a level"),
    ] {
        let mut fields =
            vec![("kind", "branch"), ("name", "next"), ("push_level", "40"), ("merge_level", "40")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let reply = mia.submit(page, page, &fields).await;
        assert_eq!(reply.status, 422, "{field}: {value}");
        assert!(reply.text().contains(why), "{field}: {reply}");
    }
    assert_eq!(rules("branches").await, found);

    let one = format!("{page}/{}", rule["id"]);
    let shown = text(&mia, &one).await;
    assert!(shown.contains(&format!("value=\"{robot}, mia\"")), "{shown}");
    let fields =
        [("push_level", "40"), ("push_users", &*robot), ("merge_level", "30"), ("allow_force_push", "0")];
    assert_eq!(mia.submit(&one, &one, &fields).await.header("location"), page);
    let changed = rules("branches").await;
    let rule = changed.as_array().unwrap().iter().find(|rule| rule["name"] == "release/*").unwrap();
    assert_eq!(
        (&rule["allow_force_push"], rule["push_access_levels"].as_array().unwrap().len()),
        (&json!(false), 2)
    );

    let tag = [("kind", "tag"), ("name", "v*"), ("create_level", "40")];
    assert_eq!(mia.submit(page, page, &tag).await.status, 303);
    assert_eq!(rules("tags").await[0]["name"], "v*");
    let free = format!("{one}/unprotect");
    assert!(text(&mia, &free).await.contains("Unprotect release/*?"));
    assert_eq!(mia.submit(&free, &free, &[]).await.header("location"), page);
    assert!(rules("branches").await.as_array().unwrap().iter().all(|rule| rule["name"] != "release/*"));
    assert_eq!(mia.get(&one).await.status, 404);
}
