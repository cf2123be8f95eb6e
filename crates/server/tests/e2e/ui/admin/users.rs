//! Accounts, as administrators go through them.

use super::MOST;
use crate::app;

#[tokio::test]
async fn an_account_is_made_and_its_password_must_be_changed() {
    let app = app().await;
    let root = app.session("root").await;
    let page = "/admin/users/new";
    let wrong = [("name", "Grace"), ("username", "gr ace"), ("email", "grace"), ("password", "short")];
    let refused = root.submit(page, page, &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("value=\"gr ace\""), "{refused}");

    let password = "a password that is handed over";
    let right = [
        ("name", "Grace Hopper"),
        ("username", "grace"),
        ("email", "grace@people.test"),
        ("password", password),
        ("password_confirmation", password),
        ("admin", "0"),
    ];
    let made = root.submit(page, page, &right).await;
    assert_eq!((made.status, made.header("location")), (303, "/admin/users/grace"), "{made}");
    let shown = root.get("/admin/users/grace").await.text();
    assert!(
        shown.contains("Grace Hopper can sign in as grace") && shown.contains("Must be changed"),
        "{shown}"
    );
    let grace = app.browser();
    assert_eq!(grace.sign_in("grace", password).await.status, 303);
    assert_eq!(grace.get("/").await.header("location"), "/users/password");
}

#[tokio::test]
async fn rights_are_given_and_taken_and_people_are_blocked() {
    let app = app().await;
    let ada = app.person("ada").await;
    let root = app.session("root").await;
    let page = "/admin/users/ada";
    let (shown, statements) = app.statements_of(root.get(page)).await;
    assert!(shown.text().contains("1 active token"), "{shown}");
    assert!(statements <= MOST, "{statements}");
    for (act, text) in [
        ("make_admin", "Ada is an administrator now."),
        ("take_admin", "Ada is no administrator any more."),
        ("make_external", "Ada is external now."),
        ("make_internal", "Ada is external no more."),
        ("block", "Ada is blocked"),
    ] {
        let done = root.submit(page, page, &[("act", act)]).await;
        assert_eq!(done.status, 303, "{act}: {done}");
        let shown = root.get(page).await.text();
        assert!(shown.contains(text), "{act}: {shown}");
    }
    assert_eq!(ada.client.get("/user").await.status, 403);
    let blocked = root.get("/admin/users?state=blocked").await.text();
    assert!(blocked.contains("@ada") && !blocked.contains("\"/admin/users/root\""), "{blocked}");
    root.submit(page, page, &[("act", "unblock")]).await;
    assert_eq!(ada.client.get("/user").await.status, 200);

    let own = root.submit("/admin/users/root", "/admin/users/root", &[("act", "take_admin")]).await;
    assert_eq!(own.status, 422, "the last administrator stays one: {own}");
    let nonsense = root.submit(page, page, &[("act", "praise")]).await;
    assert_eq!(nonsense.status, 422);
    assert_eq!(root.get("/admin/users/nobody").await.status, 404);
}

#[tokio::test]
async fn a_password_that_somebody_else_sets_must_be_changed() {
    let app = app().await;
    app.person("ada").await;
    let (root, ada) = (app.session("root").await, app.session("ada").await);
    let page = "/admin/users/ada";
    let new = "another password of the tests";
    let unlike = [("password", new), ("password_confirmation", "else")];
    let refused = root.submit(page, "/admin/users/ada/password", &unlike).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("differs from the new password"), "{refused}");
    let done = root
        .submit(page, "/admin/users/ada/password", &[("password", new), ("password_confirmation", new)])
        .await;
    assert_eq!(done.status, 303, "{done}");
    assert_eq!(ada.get("/").await.header("location"), "/users/sign_in", "former sessions are over");
    assert_eq!(ada.sign_in("ada", new).await.status, 303);
    assert_eq!(ada.get("/").await.header("location"), "/users/password");
    let own = root
        .submit(
            "/admin/users/root/delete",
            "/admin/users/root/password",
            &[("password", new), ("password_confirmation", new)],
        )
        .await;
    assert_eq!(own.status, 422, "one's own takes the current one");
}

#[tokio::test]
async fn who_is_deleted_leaves_what_they_wrote_to_the_ghost_user() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("notes").await;
    let shared = app.admin().project("app").await;
    app.member(shared, ada.id, 30).await;
    let issue = serde_json::json!({ "title": "A leak" });
    ada.client.post(&format!("/projects/{shared}/issues"), issue).await.created();
    let bot = ada.client.project_token(project, "bot", &["api"]).await;
    let root = app.session("root").await;
    let page = "/admin/users/ada/delete";
    let (asked, statements) = app.statements_of(root.get(page)).await;
    let text = asked.text();
    assert!(text.contains("Delete Ada?") && text.contains("<b>1 issue</b>"), "{text}");
    assert!(text.contains("1 project of their own") && text.contains("1 access token"), "{text}");
    assert!(statements <= MOST, "{statements}");
    let done = root.submit(page, page, &[]).await;
    assert_eq!((done.status, done.header("location")), (303, "/admin/users"), "{done}");
    assert_eq!(ada.client.get("/user").await.status, 401);
    assert_eq!(bot.client.get("/user").await.status, 401);
    assert_eq!(root.get("/admin/users/ada").await.status, 404);
    let itself = root.submit("/admin/users/root/delete", "/admin/users/root/delete", &[]).await;
    assert_eq!(itself.status, 422);
}

#[tokio::test]
async fn bots_and_the_ghost_user_are_shown_with_the_reason_why_they_are_not_changed() {
    let app = app().await;
    let project = app.admin().project("app").await;
    let bot = app.admin().project_token(project, "nightly", &["api"]).await;
    let root = app.session("root").await;
    let list = root.get("/admin/users?kind=bots").await.text();
    assert!(list.contains("nightly") && !list.contains("\"/admin/users/root\""), "{list}");
    let name = app.admin().get(&format!("/users/{}", bot.user_id)).await.ok()["username"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = format!("/admin/users/{name}");
    let shown = root.get(&page).await.text();
    assert!(
        shown.contains("This is the bot of a project access token") && shown.contains("root/app"),
        "{shown}"
    );
    assert!(!shown.contains("Danger zone"), "{shown}");
    let refused = root.submit(&page, &format!("{page}/delete"), &[]).await;
    assert_eq!(refused.status, 422, "{refused}");
    let refused = root.submit(&page, &page, &[("act", "make_admin")]).await;
    assert_eq!(refused.status, 422, "{refused}");
    assert_eq!(bot.client.get("/user").await.status, 200);
}
