//! The users API (semantics sheet of scopes, 3.4).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn making_a_user_and_what_stands_in_the_way() {
    let app = app().await;
    let admin = app.admin();
    let wanted = json!({ "username": "ada", "name": "Ada", "email": "ada@people.test", "password": "a long enough one" });
    let made = admin.post("/users", wanted.clone()).await.created();
    assert_eq!(
        (&made["username"], &made["state"], &made["bot"]),
        (&json!("ada"), &json!("active"), &json!(false))
    );
    let with = |key: &str, value: &str| {
        let mut wanted = wanted.clone();
        wanted[key] = json!(value);
        admin.post("/users", wanted)
    };
    assert_eq!(
        with("username", "grace").await.to_string(),
        r#"409 {"message":"Email has already been taken"}"#
    );
    assert_eq!(
        with("email", "b@people.test").await.to_string(),
        r#"409 {"message":"Username has already been taken"}"#
    );
    let missing =
        admin.post("/users", json!({ "username": "x", "name": "X", "email": "x@people.test" })).await;
    assert_eq!(
        missing.to_string(),
        r#"400 {"error":"password, reset_password, force_random_password are missing, at least one parameter must be provided"}"#
    );
}

#[tokio::test]
async fn names_of_bots_are_kept_for_bots() {
    let app = app().await;
    for username in ["project_1_bot", "project_99_bot3", "group_7_bot"] {
        let wanted = json!({
            "username": username, "name": "X", "email": "x@people.test", "password": "a long enough one",
        });
        let reply = app.admin().post("/users", wanted).await;
        assert_eq!(reply.status, 400, "{username}: {reply}");
    }
}

#[tokio::test]
async fn strangers_see_little_and_nobody_nothing() {
    let app = app().await;
    let ada = app.person("ada").await;
    let eve = app.person("eve").await;
    let seen = eve.client.get(&format!("/users/{}", ada.id)).await.ok();
    assert_eq!(seen["username"], "ada");
    assert!(seen.get("email").is_none() && seen.get("is_admin").is_none(), "{seen}");
    let full = app.admin().get(&format!("/users/{}", ada.id)).await.ok();
    assert_eq!((&full["email"], &full["is_admin"]), (&json!("ada@people.test"), &json!(false)));
    assert_eq!(
        app.anonymous().get(&format!("/users/{}", ada.id)).await.to_string(),
        r#"403 {"message":"403 Forbidden - Not authorized!"}"#
    );
    assert_eq!(
        app.anonymous().get("/users").await.to_string(),
        r#"403 {"message":"403 Forbidden - Not authorized to access /api/v4/users"}"#
    );
    assert_eq!(app.anonymous().get("/users?username=ada").await.each("username"), ["ada"]);
    assert_eq!(eve.client.get("/users/999").await.to_string(), r#"404 {"message":"404 User Not Found"}"#);
}

#[tokio::test]
async fn bots_can_be_left_out_of_the_list() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    ada.client.project_token(project, "ci", &["api"]).await;
    let list = async |query: &str| {
        let mut names = app.admin().get(&format!("/users?{query}")).await.each("username");
        names.sort();
        names.join(" ")
    };
    assert_eq!(list("").await, "ada project_1_bot root");
    assert_eq!(list("without_project_bots=true").await, "ada root");
    assert_eq!(
        list("exclude_internal=true").await,
        "ada project_1_bot root",
        "a project bot is not internal"
    );
    assert_eq!(list("humans=true").await, "ada root");
}

#[tokio::test]
async fn read_user_reads_users_and_nothing_else() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let reader = app.personal_token(ada.id, &["read_user"]).await;
    for path in ["/user", "/users", "/users/1", "/version"] {
        assert_eq!(reader.get(path).await.status, 200, "{path}");
    }
    let refused = reader.get(&format!("/projects/{project}")).await;
    assert_eq!((refused.status, &refused.json["scope"]), (403, &json!("api read_api")));
    reader.post("/users", json!({})).await.expect(403);
}

#[tokio::test]
async fn a_blocked_person_is_told_on_rest_and_can_come_back() {
    let app = app().await;
    let ada = app.person("ada").await;
    let path = format!("/users/{}", ada.id);
    assert_eq!(app.admin().post(&format!("{path}/block"), json!({})).await.to_string(), "201 true");
    assert_eq!(
        ada.client.get("/user").await.to_string(),
        r#"403 {"message":"403 Forbidden - Your account has been blocked."}"#
    );
    assert_eq!(app.admin().post(&format!("{path}/block"), json!({})).await.to_string(), "201 null");
    assert_eq!(app.admin().post(&format!("{path}/unblock"), json!({})).await.to_string(), "201 true");
    ada.client.get("/user").await.ok();
    let own = app.admin().post("/users/1/block", json!({})).await;
    assert_eq!(
        own.to_string(),
        r#"403 {"message":"403 Forbidden - The API initiating user cannot be blocked by the API"}"#
    );
}

#[tokio::test]
async fn who_goes_leaves_their_records_to_the_ghost() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project_with(json!({ "name": "open", "visibility": "public" })).await;
    let grace = app.person("grace").await;
    let issue =
        grace.client.post(&format!("/projects/{project}/issues"), json!({ "title": "seen" })).await.created();
    app.admin().delete(&format!("/users/{}", grace.id)).await.gone();
    grace.client.get("/user").await.expect(401);
    let path = format!("/projects/{project}/issues/{}", issue["iid"]);
    assert_eq!(ada.client.get(&path).await.ok()["author"]["username"], "ghost");
    app.settle().await;
    assert_eq!(ada.client.get(&path).await.ok()["author"]["name"], "Ghost User");
    app.admin().get(&format!("/users/{}", grace.id)).await.expect(404);
}

#[tokio::test]
async fn the_ghost_stays() {
    let app = app().await;
    let grace = app.person("grace").await;
    app.admin().delete(&format!("/users/{}", grace.id)).await.gone();
    app.settle().await;
    let ghost = app.admin().get("/users?username=ghost").await.json[0]["id"].as_i64().unwrap();
    app.admin().delete(&format!("/users/{ghost}")).await.expect(403);
    app.admin().post(&format!("/users/{ghost}/block"), json!({})).await.expect(403);
    app.admin()
        .post(&format!("/users/{ghost}/personal_access_tokens"), json!({ "name": "x", "scopes": ["api"] }))
        .await
        .expect(422);
}
