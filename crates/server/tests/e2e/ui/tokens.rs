//! Tokens by the pages: made, shown once, listed, rotated, revoked (P5, P6, U1, U9, D13).

use serde_json::json;
use tessera_testkit::{Session, TestApp};

use crate::app;

/// The secret that a page shows; none where it shows none.
fn secret_on(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("id=\"secret\"")?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split('<').next()?.to_owned())
}

/// Somebody who maintains a project, in a browser.
async fn maintainer(app: &TestApp) -> (Session, String, i64) {
    let ada = app.person("ada").await;
    let made = ada.client.post("/projects", json!({ "name": "app" })).await.created();
    (app.session("ada").await, "/ada/app/-/settings/access_tokens".to_owned(), made["id"].as_i64().unwrap())
}

const NIGHTLY: &[(&str, &str)] = &[
    ("name", "nightly"),
    ("description", "Mirrors at night"),
    ("scopes[]", "read_api"),
    ("scopes[]", "read_repository"),
    ("access_level", "30"),
    ("expires", "30"),
];

#[tokio::test]
async fn a_project_token_from_its_making_to_its_end() {
    let app = app().await;
    let (ada, page, project) = maintainer(&app).await;
    let empty = ada.get(&page).await;
    assert!(empty.text().contains("This project has no active tokens"), "{empty}");

    let made = ada.submit(&page, &page, NIGHTLY).await;
    assert_eq!((made.status, made.header("location")), (303, &*page));
    let shown = ada.get(&page).await;
    let secret = secret_on(&shown.text()).unwrap();
    assert!(shown.text().contains("You will not see it again."));
    assert!(
        shown.text().contains("It can read through the API and pull code in ada/app as a Developer until"),
        "{shown}"
    );
    assert_eq!(shown.header("cache-control"), "no-store");
    let again = ada.get(&page).await;
    assert_eq!(secret_on(&again.text()), None, "reloaded, it is gone");
    assert!(!again.text().contains(&secret) && again.text().contains("nightly"));

    let bot = app.token(&secret);
    assert_eq!(bot.get(&format!("/projects/{project}")).await.ok()["path"], "app");
    app.settle().await;
    let used = ada.get(&page).await.text();
    assert!(
        used.contains("REST API") && used.contains("Use in the last 30 days: 1 request on 1 day"),
        "{used}"
    );

    let tokens = app.admin().get(&format!("/projects/{project}/access_tokens")).await.ok();
    let id = tokens[0]["id"].as_i64().unwrap();
    let asked = ada.get(&format!("{page}/{id}/rotate")).await.text();
    assert!(
        asked.contains("Rotate nightly?") && asked.contains("The old secret stops working at once"),
        "{asked}"
    );
    let rotate = format!("{page}/{id}/rotate");
    assert_eq!(ada.submit(&rotate, &rotate, &[("expires", "usual")]).await.status, 303);
    let second = secret_on(&ada.get(&page).await.text()).unwrap();
    assert_ne!(second, secret);
    let bot = app.token(&second);
    bot.get("/user").await.ok();
    assert_eq!(app.token(&secret).get("/user").await.status, 401);
    let wrong = ada.submit(&rotate, &rotate, &[("expires", "usual")]).await;
    assert_eq!(wrong.status, 422, "a secret that was replaced is not replaced again");

    // Presenting the replaced secret has ended the family (D22); the bot is given a third one, and then ended.
    let last = app.admin().get(&format!("/projects/{project}/access_tokens")).await.ok();
    let last = last.as_array().unwrap().iter().filter_map(|token| token["id"].as_i64()).max().unwrap();
    let rotate = format!("{page}/{last}/rotate");
    assert_eq!(ada.submit(&rotate, &rotate, &[("expires", "usual")]).await.status, 303);
    let third = secret_on(&ada.get(&page).await.text()).unwrap();
    let bot = app.token(&third);
    let me = bot.get("/user").await.ok();
    let last = bot.get("/personal_access_tokens/self").await.ok()["id"].as_i64().unwrap();
    let revoke = format!("{page}/{last}/revoke");
    let asked = ada.get(&revoke).await.text();
    assert!(asked.contains("Revoke nightly?") && asked.contains("Ghost User"), "{asked}");
    assert_eq!(ada.submit(&revoke, &revoke, &[]).await.status, 303);
    let after = ada.get(&page).await.text();
    assert!(after.contains("nightly was revoked") && after.contains("Revoked by"), "{after}");
    assert!(!ada.get(&page).await.text().contains("was revoked. Its bot"), "said once");
    assert_eq!(bot.get("/user").await.status, 401);
    app.settle().await;
    assert_eq!(app.admin().get(&format!("/users/{}", me["id"])).await.status, 404, "the bot is gone");
}

#[tokio::test]
async fn a_form_that_says_nothing_usable_is_shown_again_and_makes_nothing() {
    let app = app().await;
    let (ada, page, project) = maintainer(&app).await;
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("name", " "), ("scopes[]", "api"), ("expires", "30")], "Name can&#39;t be blank"),
        (&[("name", "kept"), ("expires", "30")], "choose at least one"),
        (&[("name", "kept"), ("scopes[]", "sudo"), ("expires", "30")], "scopes"),
        (&[("name", "kept"), ("scopes[]", "api"), ("expires", "date")], "needs a date"),
        (&[("name", "kept"), ("scopes[]", "api"), ("expires", "date"), ("expires_at", "soon")], "is no date"),
        (
            &[("name", "kept"), ("scopes[]", "api"), ("expires", "date"), ("expires_at", "2001-01-01")],
            "xpires",
        ),
        (
            &[("name", "kept"), ("scopes[]", "api"), ("expires", "30"), ("access_level", "55")],
            "is not a role",
        ),
    ];
    for (fields, complaint) in cases {
        let reply = ada.submit(&page, &page, fields).await;
        assert_eq!(reply.status, 422, "{fields:?}");
        let text = reply.text();
        assert!(text.contains("role=\"alert\"") && text.contains(complaint), "{fields:?}: {text}");
        assert!(fields[0].1 == " " || text.contains("value=\"kept\""), "what was typed stands there again");
    }
    let tokens = app.admin().get(&format!("/projects/{project}/access_tokens")).await.ok();
    assert_eq!(tokens, json!([]));
}

#[tokio::test]
async fn only_maintainers_see_the_page_and_the_flag_takes_the_form_away() {
    let app = app().await;
    let (ada, page, project) = maintainer(&app).await;
    let (dev, stranger) = (app.person("dev").await, app.person("stranger").await);
    let members = format!("/projects/{project}/members");
    app.admin().post(&members, json!({ "user_id": dev.id, "access_level": 30 })).await.created();
    let dev = app.session("dev").await;
    assert_eq!(dev.get(&page).await.status, 403);
    assert_eq!(dev.submit("/", &page, NIGHTLY).await.status, 403);
    let stranger = {
        let _ = stranger;
        app.session("stranger").await
    };
    assert_eq!(stranger.get(&page).await.status, 404);
    assert!(app.browser().get(&page).await.header("location").starts_with("/users/sign_in?return_to="));

    let off = json!({ "value": false, "force": true });
    assert_eq!(ada.submit(&page, &page, NIGHTLY).await.status, 303);
    let secret = secret_on(&ada.get(&page).await.text()).unwrap();
    app.admin().post("/features/resource_access_token", off).await.created();
    let without = ada.get(&page).await;
    assert_eq!(without.status, 200, "a live token keeps the page (D13)");
    assert!(
        !without.text().contains("Create project access token") && without.text().contains("switched off")
    );
    app.token(&secret).get("/user").await.ok();
    assert_eq!(ada.submit(&page, &page, NIGHTLY).await.status, 422);
    let id = app.token(&secret).get("/personal_access_tokens/self").await.ok()["id"].as_i64().unwrap();
    let revoke = format!("{page}/{id}/revoke");
    assert_eq!(ada.submit(&revoke, &revoke, &[]).await.status, 303);
    assert_eq!(ada.get(&page).await.status, 404, "without a live token there is no such page");
}

#[tokio::test]
async fn a_personal_token_is_its_owners_alone() {
    let app = app().await;
    let (ada, _, _) = maintainer(&app).await;
    let page = "/-/user_settings/personal_access_tokens";
    let fields = [("name", "editor"), ("scopes[]", "api"), ("expires", "never")];
    assert_eq!(ada.submit(page, page, &fields).await.status, 303);
    let secret = secret_on(&ada.get(page).await.text()).unwrap();
    let own = app.token(&secret).get("/personal_access_tokens/self").await.ok();
    assert_eq!((&own["name"], &own["expires_at"]), (&json!("editor"), &json!(null)));
    let id = own["id"].as_i64().unwrap();
    let root = app.session("root").await;
    for what in ["revoke", "rotate"] {
        let path = format!("{page}/{id}/{what}");
        assert_eq!(root.get(&path).await.status, 404, "these are root's own settings");
        assert_eq!(root.submit(page, &path, &[]).await.status, 404);
    }
    let refused = ada.submit(page, page, &[("name", "x"), ("scopes[]", "sudo"), ("expires", "30")]).await;
    assert_eq!(refused.status, 422, "ada is no administrator");
    let revoke = format!("{page}/{id}/revoke");
    assert_eq!(ada.submit(&revoke, &revoke, &[]).await.status, 303);
    assert_eq!(app.token(&secret).get("/user").await.status, 401);
    assert!(ada.get(page).await.text().contains("editor was revoked"));
}

#[tokio::test]
async fn the_page_takes_few_statements_however_many_tokens_there_are() {
    let app = app().await;
    let (ada, page, project) = maintainer(&app).await;
    for number in 0..12 {
        let wanted = json!({ "name": format!("bot {number}"), "scopes": ["read_api"], "access_level": 20 });
        app.admin().post(&format!("/projects/{project}/access_tokens"), wanted).await.created();
    }
    ada.get(&page).await;
    let (reply, statements) = app.statements_of(ada.get(&page)).await;
    assert_eq!(reply.status, 200);
    assert!(statements <= 12, "{statements} statements");
    let (_, own) = app.statements_of(ada.get("/-/user_settings/personal_access_tokens")).await;
    assert!(own <= 12, "{own} statements");
}

#[tokio::test]
async fn revoking_says_in_numbers_what_moves_to_the_ghost_user() {
    let app = app().await;
    let (ada, page, project) = maintainer(&app).await;
    let wanted = [("name", "scribe"), ("scopes[]", "api"), ("access_level", "30"), ("expires", "7")];
    assert_eq!(ada.submit(&page, &page, &wanted).await.status, 303);
    let bot = app.token(&secret_on(&ada.get(&page).await.text()).unwrap());
    let issues = format!("/projects/{project}/issues");
    bot.post(&issues, json!({ "title": "one" })).await.created();
    bot.post(&issues, json!({ "title": "two" })).await.created();
    bot.post(&format!("{issues}/1/notes"), json!({ "body": "said" })).await.created();
    app.settle().await;
    let id = bot.get("/personal_access_tokens/self").await.ok()["id"].as_i64().unwrap();
    let asked = ada.get(&format!("{page}/{id}/revoke")).await.text();
    assert!(asked.contains("<b>2 issues and 1 comment</b>"), "{asked}");
    assert!(asked.contains("REST API") && asked.contains("something still uses it"), "{asked}");
}
