//! The members of a project: people are managed, bots are shown.

use serde_json::json;
use tessera_testkit::{Session, TestApp};

use crate::app;

/// A private project of ada's group with bob as a Developer and a bot.
async fn shipyard(app: &TestApp) -> (i64, i64, i64) {
    let ada = app.person("ada").await;
    let made = ada.client.post("/groups", json!({ "name": "Yard", "path": "yard" })).await.created();
    let made = json!({ "name": "Ship", "path": "ship", "namespace_id": made["id"] });
    let project = ada.client.post("/projects", made).await.created()["id"].as_i64().unwrap();
    let bob = app.person_in(project, "bob", 30).await;
    let token = json!({ "name": "robot", "scopes": ["read_api"], "access_level": 30, "expires_at": app.clock.in_days(30) });
    let path = format!("/projects/{project}/access_tokens");
    let bot = ada.client.post(&path, token).await.created()["user_id"].as_i64().unwrap();
    (project, bob.id, bot)
}

const LIST: &str = "/yard/ship/-/project_members";

async fn text(session: &Session, path: &str) -> String {
    let reply = session.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {reply}");
    reply.text()
}

#[tokio::test]
async fn members_are_added_changed_and_removed() {
    let app = app().await;
    let (project, bob, _) = shipyard(&app).await;
    let carol = app.person("carol").await.id;
    let ada = app.session("ada").await;
    let level = async |user: i64| {
        app.admin().get(&format!("/projects/{project}/members/{user}")).await.json["access_level"].as_i64()
    };

    let add = [("username", "@Carol"), ("access_level", "20"), ("expires_at", "")];
    let done = ada.submit(LIST, LIST, &add).await;
    assert_eq!((done.status, done.header("location")), (303, LIST));
    assert_eq!(level(carol).await, Some(20));
    let page = text(&ada, LIST).await;
    assert!(page.contains("Carol is a Reporter of Ship now."), "{page}");
    assert!(!text(&ada, LIST).await.contains("Carol is a Reporter"), "it is said once");

    let one = format!("{LIST}/{bob}");
    let done = ada.submit(LIST, &one, &[("access_level", "40")]).await;
    assert_eq!((done.status, level(bob).await), (303, Some(40)));
    let end = [("access_level", "30"), ("expires_at", &*app.clock.in_days(7))];
    assert_eq!(ada.submit(&one, &one, &end).await.status, 303);
    let page = text(&ada, LIST).await;
    assert!(page.contains("in 7 days"), "{page}");
    assert_eq!(ada.submit(LIST, &one, &[("access_level", "20")]).await.status, 303);
    assert!(text(&ada, LIST).await.contains("in 7 days"), "the short form leaves the end alone");

    let remove = format!("{one}/remove");
    let page = text(&ada, &remove).await;
    assert!(page.contains("Remove Bob?") && page.contains("loses the role Reporter"), "{page}");
    assert_eq!(level(bob).await, Some(20), "asking removes nobody");
    assert_eq!(ada.submit(&remove, &remove, &[]).await.header("location"), LIST);
    assert_eq!(level(bob).await, None);

    let carols = app.session("carol").await;
    let leave = format!("{LIST}/{carol}/remove");
    assert!(text(&carols, &leave).await.contains("Leave Ship?"));
    assert_eq!(carols.submit(&leave, &leave, &[]).await.header("location"), "/");
    assert!(text(&carols, "/").await.contains("You left Ship."));
    assert_eq!(carols.get(LIST).await.status, 404);
}

#[tokio::test]
async fn a_wrong_form_adds_nobody_and_says_why() {
    let app = app().await;
    let (project, _, bot) = shipyard(&app).await;
    app.person_in(project, "mia", 40).await;
    app.person("carol").await;
    let mia = app.session("mia").await;
    let bot = app.admin().get(&format!("/users/{bot}")).await.json["username"].as_str().unwrap().to_owned();
    let path = format!("/projects/{project}/members");
    let before = app.admin().get(&path).await.json;
    for (fields, why) in [
        ([("username", " "), ("access_level", "30"), ("expires_at", "")], "Say who it is"),
        ([("username", "nobody"), ("access_level", "30"), ("expires_at", "")], "no account of this name"),
        ([("username", "bob"), ("access_level", "30"), ("expires_at", "")], "a member already"),
        ([("username", "carol"), ("access_level", "50"), ("expires_at", "")], "no role above your own"),
        ([("username", "carol"), ("access_level", "x"), ("expires_at", "")], "Choose a role"),
        ([("username", "carol"), ("access_level", "30"), ("expires_at", "2001-01-01")], "date in the past"),
        ([("username", "carol"), ("access_level", "30"), ("expires_at", "soon")], "is no date"),
    ] {
        let reply = mia.submit(LIST, LIST, &fields).await;
        assert_eq!(reply.status, 422, "{fields:?}");
        assert!(reply.text().contains(why), "{fields:?}: {reply}");
        assert!(reply.text().contains("There is a problem"), "{fields:?}: {reply}");
    }
    // A bot of another project.
    let made = app.admin().post("/projects", json!({ "name": "Other" })).await.created();
    let other = format!("/projects/{}/members", made["id"]);
    let list = format!("/{}/-/project_members", made["path_with_namespace"].as_str().unwrap());
    let root = app.session("root").await;
    let reply = root.submit(&list, &list, &[("username", &bot), ("access_level", "30")]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("Bots belong to the project of their token"), "{reply}");
    assert_eq!(app.admin().get(&other).await.json.as_array().unwrap().len(), 1);
    assert_eq!(app.admin().get(&path).await.json, before);
    let page = text(&mia, LIST).await;
    assert!(!page.contains(">Owner</option>"), "no role above one's own is offered: {page}");
}

#[tokio::test]
async fn bots_are_shown_with_the_reason_why_nobody_changes_them() {
    let app = app().await;
    let (project, bob, bot) = shipyard(&app).await;
    let ada = app.session("ada").await;
    let page = text(&ada, LIST).await;
    let (people, bots) = page.split_once("robot").unwrap();
    assert!(
        people.contains("@bob") && people.contains("From <a href=\"/groups/yard/-/group_members\">Yard</a>")
    );
    assert!(bots.contains("Managed by its access token robot") && bots.contains(">Bot</span>"), "{bots}");
    assert!(!page.contains(&format!("{LIST}/{bot}")), "no form and no link of its row: {page}");

    let member = app.admin().get(&format!("/projects/{project}/members/{bot}")).await.json;
    let (one, remove) = (format!("{LIST}/{bot}"), format!("{LIST}/{bot}/remove"));
    for (path, fields) in [
        (&one, vec![("access_level", "20")]),
        (&one, vec![("access_level", "30"), ("expires_at", "2099-01-01")]),
        (&remove, vec![]),
    ] {
        let reply = ada.submit(LIST, path, &fields).await;
        assert_eq!(reply.status, 403, "{path} {fields:?}");
        let why = "Managed by its access token robot: revoke it under Settings &gt; Access tokens.";
        let why = [why, "Managed by its access token robot: revoke it under Settings &#62; Access tokens."];
        assert!(why.iter().any(|why| reply.text().contains(why)), "{reply}");
        assert!(!reply.text().contains("<form class=\"form\""), "{reply}");
    }
    assert_eq!(app.admin().get(&format!("/projects/{project}/members/{bot}")).await.json, member);
    for path in [&one, &remove] {
        let page = text(&ada, path).await;
        assert!(page.contains("Managed by its access token robot"), "{page}");
    }

    // Whoever manages nobody sees them all and is offered nothing.
    let bobs = app.session("bob").await;
    let page = text(&bobs, LIST).await;
    assert!(
        page.contains("robot") && !page.contains("Add member") && page.contains("Leave project"),
        "{page}"
    );
    let own = format!("{LIST}/{bob}");
    assert_eq!(bobs.submit(LIST, &own, &[("access_level", "40")]).await.status, 403);
    let ada_id = app.admin().get("/users?username=ada").await.json[0]["id"].as_i64().unwrap();
    app.member(project, ada_id, 50).await;
    let refused = bobs.submit(LIST, &format!("{LIST}/{ada_id}/remove"), &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("Only Maintainers and Owners remove members"), "{refused}");
}

#[tokio::test]
async fn many_members_are_paged_and_found() {
    let app = app().await;
    let (project, ..) = shipyard(&app).await;
    let path = format!("/projects/{project}/access_tokens");
    let admin = app.admin();
    for number in 0..21 {
        let name = format!("bot {number:02}");
        let token = json!({ "name": name, "scopes": ["read_api"], "access_level": 10, "expires_at": app.clock.in_days(30) });
        admin.post(&path, token).await.created();
    }
    let ada = app.session("ada").await;
    let (first, statements) = app.statements_of(ada.get(LIST)).await;
    let first = first.text();
    assert!(first.contains("@ada") && first.contains("bot 20") && first.contains("bot 03"), "{first}");
    assert!(!first.contains("bot 02"), "{first}");
    assert!(statements <= 12, "{statements} statements");
    let second = text(&ada, &format!("{LIST}?page=2")).await;
    assert!(second.contains("bot 02") && second.contains("robot") && !second.contains("bot 03"), "{second}");
    let found = text(&ada, &format!("{LIST}?search=BOT+1")).await;
    assert!(found.contains("bot 10") && !found.contains("bot 20") && !found.contains("@bob"), "{found}");
    assert!(text(&ada, &format!("{LIST}?search=zzz")).await.contains("Nobody of this name"));

    admin.put("/groups/yard", json!({ "visibility": "public" })).await.ok();
    admin.put(&format!("/projects/{project}"), json!({ "visibility": "public" })).await.ok();
    let page = text(&app.browser(), LIST).await;
    assert!(page.contains("@ada") && !page.contains("Add member"), "{page}");
}
