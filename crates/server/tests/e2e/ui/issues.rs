//! Issues in the browser.

use serde_json::json;
use tessera_testkit::{Session, TestApp};

use crate::app;

/// A project of ada's with gina as a Guest.
async fn harbour(app: &TestApp, visibility: &str) -> i64 {
    let ada = app.person("ada").await;
    let made = json!({ "name": "Gauges", "visibility": visibility });
    let project = ada.client.post("/projects", made).await.created()["id"].as_i64().unwrap();
    app.person_in(project, "gina", 10).await;
    project
}

const LIST: &str = "/ada/gauges/-/issues";
const NEW: &str = "/ada/gauges/-/issues/new";
const ONE: &str = "/ada/gauges/-/issues/1";

async fn text(session: &Session, path: &str) -> String {
    let reply = session.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {reply}");
    reply.text()
}

#[tokio::test]
async fn an_issue_is_opened_discussed_changed_and_closed() {
    let app = app().await;
    let project = harbour(&app, "private").await;
    let (ada, gina) = (app.session("ada").await, app.session("gina").await);
    assert!(text(&ada, LIST).await.contains("No issues yet"));

    let fields = [
        ("title", "The light <b>flickers</b>"),
        ("description", "Every **night**.\r\n\r\n<script>alert(1)</script>"),
        ("labels", "bug, gauges, bug"),
        ("assignees", "@gina"),
        ("due_date", &*app.clock.in_days(3)),
        ("confidential", "0"),
    ];
    let made = ada.submit(NEW, LIST, &fields).await;
    assert_eq!((made.status, made.header("location")), (303, ONE));
    let issue = app.admin().get(&format!("/projects/{project}/issues/1")).await.json;
    assert_eq!(issue["labels"], json!(["bug", "gauges"]));
    assert_eq!(issue["assignees"][0]["username"], "gina");
    assert_eq!(issue["description"], "Every **night**.\n\n<script>alert(1)</script>");

    let page = text(&gina, ONE).await;
    assert!(
        page.contains("flickers") && !page.contains("<b>flickers") && !page.contains("<script>"),
        "{page}"
    );
    assert!(page.contains("<strong>night</strong>") && page.contains("in 3 days"), "{page}");
    assert!(
        page.contains("Close issue") && !page.contains("Delete issue"),
        "who is assigned may close it: {page}"
    );

    let note = gina.submit(ONE, &format!("{ONE}/notes"), &[("note", "Seen *it* too.")]).await;
    assert_eq!(note.status, 303);
    assert!(note.header("location").starts_with(&format!("{ONE}#note_")), "{note}");
    let page = text(&ada, ONE).await;
    assert!(page.contains("Seen <em>it</em> too."), "{page}");
    let closing = [("note", "Mended."), ("state", "close")];
    assert_eq!(gina.submit(ONE, &format!("{ONE}/notes"), &closing).await.status, 303);
    let page = text(&gina, ONE).await;
    assert!(page.contains("Issue #1 was closed.") && page.contains("Reopen issue"), "{page}");
    assert!(page.contains("Mended.") && page.contains(">Gina</a> closed the issue"), "{page}");
    assert_eq!(
        gina.submit(ONE, &format!("{ONE}/notes"), &[("note", " "), ("state", "reopen")]).await.status,
        303
    );
    assert_eq!(app.admin().get(&format!("/projects/{project}/issues/1")).await.json["state"], "opened");

    let edit = format!("{ONE}/edit");
    let page = text(&ada, &edit).await;
    assert!(page.contains("value=\"bug, gauges\"") && page.contains("value=\"gina\""), "{page}");
    let page = text(&gina, &edit).await;
    assert!(!page.contains("name=\"labels\""), "who is assigned changes the words alone: {page}");
    let fields = [
        ("title", "The light flickers"),
        ("description", ""),
        ("labels", ""),
        ("assignees", ""),
        ("due_date", ""),
    ];
    assert_eq!(ada.submit(&edit, ONE, &fields).await.header("location"), ONE);
    let issue = app.admin().get(&format!("/projects/{project}/issues/1")).await.json;
    assert_eq!(
        (&issue["labels"], &issue["assignees"], &issue["due_date"]),
        (&json!([]), &json!([]), &json!(null))
    );
    assert_eq!(gina.get(&edit).await.status, 403, "no longer hers");

    let delete = format!("{ONE}/delete");
    assert!(text(&ada, &delete).await.contains("<b>2 comments</b> go with it"));
    assert_eq!(gina.get(&delete).await.status, 403);
    assert_eq!(ada.submit(&delete, &delete, &[]).await.header("location"), LIST);
    assert_eq!(ada.get(ONE).await.status, 404);
}

#[tokio::test]
async fn a_wrong_issue_or_comment_is_kept_in_its_form_and_nowhere_else() {
    let app = app().await;
    let project = harbour(&app, "private").await;
    let ada = app.session("ada").await;
    let long = "x".repeat(256);
    for (field, value, why) in [
        ("title", " ", "Title can&#39;t be blank"),
        ("title", &*long, "Title is too long"),
        ("assignees", "gina, nobody", "cannot hold nobody"),
        ("due_date", "soon", "is no date"),
    ] {
        let mut fields = vec![("title", "kept"), ("description", "typed text")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let reply = ada.submit(NEW, LIST, &fields).await;
        assert_eq!(reply.status, 422, "{field}");
        assert!(reply.text().contains(why), "{field}: {reply}");
        assert!(reply.text().contains("typed text"), "{field}: {reply}");
    }
    assert_eq!(app.admin().get(&format!("/projects/{project}/issues")).await.json, json!([]));
    ada.submit(NEW, LIST, &[("title", "One")]).await;
    let reply = ada.submit(ONE, &format!("{ONE}/notes"), &[("note", "  ")]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("Write something first."), "{reply}");
    assert_eq!(ada.submit(ONE, ONE, &[("title", "")]).await.status, 422);
    assert_eq!(app.admin().get(&format!("/projects/{project}/issues/1")).await.json["title"], "One");
    assert_eq!(ada.get("/ada/gauges/-/issues/99").await.status, 404);
}

#[tokio::test]
async fn comments_are_changed_by_their_authors_and_by_maintainers() {
    let app = app().await;
    let project = harbour(&app, "private").await;
    let ada = app.session("ada").await;
    app.person_in(project, "dan", 30).await;
    let (gina, dan) = (app.session("gina").await, app.session("dan").await);
    ada.submit(NEW, LIST, &[("title", "One")]).await;
    let said = gina.submit(ONE, &format!("{ONE}/notes"), &[("note", "First words")]).await;
    let id = said.header("location").split("#note_").nth(1).unwrap().to_owned();
    let note = format!("{ONE}/notes/{id}");
    assert!(text(&gina, ONE).await.contains(&format!("href=\"{note}\"")));
    assert!(!text(&dan, ONE).await.contains(&format!("href=\"{note}\"")));
    assert_eq!(dan.get(&note).await.status, 403);
    assert_eq!(dan.submit(ONE, &note, &[("note", "not his")]).await.status, 403);

    app.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!(gina.submit(&note, &note, &[("note", "")]).await.status, 422);
    let done = gina.submit(&note, &note, &[("note", "Better words")]).await;
    assert_eq!(done.header("location"), format!("{ONE}#note_{id}"));
    let page = text(&dan, ONE).await;
    assert!(page.contains("Better words") && page.contains("edited"), "{page}");
    let delete = format!("{note}/delete");
    assert!(text(&ada, &delete).await.contains("What Gina wrote"));
    assert_eq!(ada.submit(&delete, &delete, &[]).await.header("location"), ONE);
    assert!(!text(&dan, ONE).await.contains("Better words"));
}

#[tokio::test]
async fn the_list_is_narrowed_searched_and_paged() {
    let app = app().await;
    let project = harbour(&app, "public").await;
    let admin = app.admin();
    let issues = format!("/projects/{project}/issues");
    for number in 1..=22 {
        let label = if number % 2 == 0 { "even" } else { "odd" };
        let confidential = number == 22;
        let issue =
            json!({ "title": format!("Number {number:02}"), "labels": label, "confidential": confidential });
        admin.post(&issues, issue).await.created();
        admin.post(&format!("{issues}/{number}/notes"), json!({ "body": "said" })).await.created();
    }
    admin.put(&format!("{issues}/3"), json!({ "state_event": "close" })).await.ok();
    let ada = app.session("ada").await;
    let (first, statements) = app.statements_of(ada.get(LIST)).await;
    assert!(statements <= 12, "{statements} statements");
    let first = first.text();
    assert!(
        first.contains("Number 22") && first.contains("Confidential") && first.contains("Number 02"),
        "{first}"
    );
    assert!(!first.contains("Number 01") && !first.contains("Number 03"), "{first}");
    assert!(first.contains("Open <span class=\"count\">21</span>"), "{first}");
    assert!(first.contains("Closed <span class=\"count\">1</span>"), "{first}");
    assert!(text(&ada, &format!("{LIST}?page=2")).await.contains("Number 01"));
    let closed = text(&ada, &format!("{LIST}?state=closed")).await;
    assert!(closed.contains("Number 03") && !closed.contains("Number 04"), "{closed}");
    let odd = text(&ada, &format!("{LIST}?state=all&label_name=odd&search=NUMBER+1")).await;
    assert!(odd.contains("Number 11") && !odd.contains("Number 10") && !odd.contains("Number 01"), "{odd}");
    assert!(text(&ada, &format!("{LIST}?search=zzz")).await.contains("No issue fits"));

    let nobody = app.browser();
    let page = text(&nobody, LIST).await;
    assert!(
        page.contains("Number 21") && !page.contains("Number 22") && !page.contains("New issue"),
        "{page}"
    );
    assert_eq!(nobody.get("/ada/gauges/-/issues/22").await.status, 404);
    let page = text(&nobody, "/ada/gauges/-/issues/21").await;
    assert!(page.contains("said") && page.contains("Sign in</a> to say something"), "{page}");
    assert!(nobody.get(NEW).await.header("location").starts_with("/users/sign_in"));

    admin.put(&format!("/projects/{project}"), json!({ "issues_access_level": "disabled" })).await.ok();
    assert_eq!(ada.get(LIST).await.status, 404);
}

#[tokio::test]
async fn what_a_bot_wrote_stays_under_the_ghost_user() {
    let app = app().await;
    let project = harbour(&app, "private").await;
    let admin = app.admin();
    let token =
        json!({ "name": "robot", "scopes": ["api"], "access_level": 30, "expires_at": app.clock.in_days(9) });
    let tokens = format!("/projects/{project}/access_tokens");
    let minted = admin.post(&tokens, token).await.created();
    let bot = app.token(minted["token"].as_str().unwrap());
    bot.post(&format!("/projects/{project}/issues"), json!({ "title": "Found" })).await.created();
    bot.post(&format!("/projects/{project}/issues/1/notes"), json!({ "body": "Said by it" })).await.created();
    let ada = app.session("ada").await;
    let (page, statements) = app.statements_of(ada.get(ONE)).await;
    assert!(statements <= 12, "{statements} statements");
    let page = page.text();
    assert!(
        page.contains("robot</a> <span class=\"tag\">Bot</span>") && page.contains("avatar-bot"),
        "{page}"
    );
    admin.delete(&format!("{tokens}/{}", minted["id"])).await;
    app.settle().await;
    let page = text(&ada, ONE).await;
    assert!(page.contains("Said by it") && !page.contains("robot"), "{page}");
    assert_eq!(page.matches(">Ghost User<").count(), 2, "{page}");
}
