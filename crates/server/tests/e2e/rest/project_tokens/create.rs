//! Making a token.

use insta::assert_snapshot;
use serde_json::json;
use tessera_testkit::{Client, Reply};

use crate::app;

const WANTED: [&str; 2] = ["read_repository", "read_registry"];

async fn create(client: &Client, project: i64, wanted: serde_json::Value) -> Reply {
    client.post(&format!("/projects/{project}/access_tokens"), wanted).await
}

#[tokio::test]
async fn the_answer_is_gitlabs_with_the_secret_once() {
    let app = app().await;
    let project = app.admin().project("mirror").await;
    let wanted = json!({
        "name": "nightly-mirror", "description": "pulls the tree every night", "scopes": WANTED,
        "access_level": 20, "expires_at": "2027-06-30",
    });
    let made = create(&app.admin(), project, wanted).await;
    assert_snapshot!(made, @r#"201 {"id":2,"name":"nightly-mirror","revoked":false,"created_at":"2027-03-04T08:15:30.120Z","description":"pulls the tree every night","scopes":["read_repository","read_registry"],"user_id":2,"last_used_at":null,"last_used_ips":[],"active":true,"expires_at":"2027-06-30","access_level":20,"resource_type":"project","resource_id":1,"token":"[token]"}"#);
    assert_eq!(made.header("cache-control"), "no-store");
    let secret = made.json["token"].as_str().unwrap();
    assert!(
        secret.starts_with("glpat-") && secret.len() == 34,
        "prefix, 22 random characters, 6 of checksum"
    );
    let id = made.json["id"].as_i64().unwrap();
    let again = app.admin().get(&format!("/projects/{project}/access_tokens/{id}")).await.ok();
    assert!(again.get("token").is_none(), "nobody reads it a second time");
}

#[tokio::test]
async fn what_is_left_out_has_the_documents_defaults() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let made = create(&app.admin(), project, json!({ "name": "ci", "scopes": ["api"] })).await.created();
    assert_eq!(made["expires_at"], json!(null), "the date is optional (P4)");
    assert_eq!(made["access_level"], 40, "Maintainer (B1)");
    assert_eq!(made["description"], json!(null));
    let level = json!({ "name": "ci", "scopes": ["api"], "access_level": null });
    assert_eq!(create(&app.admin(), project, level).await.created()["access_level"], 40);
}

#[tokio::test]
async fn wrong_parameters_are_told_all_at_once() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let admin = app.admin();
    let cases = [
        (json!({ "scopes": ["api"] }), r#"400 {"error":"name is missing"}"#),
        (json!({ "name": "x" }), r#"400 {"error":"scopes is missing"}"#),
        (json!({}), r#"400 {"error":"name is missing, scopes is missing"}"#),
        (
            json!({ "name": "x", "scopes": ["nonsense"] }),
            r#"400 {"error":"scopes does not have a valid value"}"#,
        ),
        (
            json!({ "name": "x", "scopes": ["read_user"] }),
            r#"400 {"error":"scopes does not have a valid value"}"#,
        ),
        (json!({ "name": "x", "scopes": ["sudo"] }), r#"400 {"error":"scopes does not have a valid value"}"#),
        (
            json!({ "name": "x", "scopes": ["api"], "access_level": 0 }),
            r#"400 {"error":"access_level does not have a valid value"}"#,
        ),
        (
            json!({ "name": "x", "scopes": ["api"], "access_level": "high" }),
            r#"400 {"error":"access_level is invalid, access_level does not have a valid value"}"#,
        ),
        (
            json!({ "name": "x", "scopes": ["api"], "expires_at": "soon" }),
            r#"400 {"error":"expires_at is invalid"}"#,
        ),
        (
            json!({ "name": "x", "scopes": ["zzz"], "access_level": 45, "expires_at": "soon" }),
            r#"400 {"error":"scopes does not have a valid value, access_level does not have a valid value, expires_at is invalid"}"#,
        ),
        (
            json!({ "name": "x", "scopes": [] }),
            r#"400 {"message":"400 Bad request - Scopes can't be blank"}"#,
        ),
        (
            json!({ "name": "", "scopes": ["api"] }),
            r#"400 {"message":"400 Bad request - Name can't be blank"}"#,
        ),
        (
            json!({ "name": "n".repeat(256), "scopes": ["api"] }),
            r#"400 {"message":"400 Bad request - Name is too long (maximum is 255 characters)"}"#,
        ),
        (
            json!({ "name": "x", "scopes": ["api"], "expires_at": "2027-03-03" }),
            r#"400 {"message":"400 Bad request - Expires at cannot be a date in the past"}"#,
        ),
    ];
    for (wanted, expected) in cases {
        assert_eq!(create(&admin, project, wanted.clone()).await.to_string(), expected, "{wanted}");
    }
    let left = admin.get(&format!("/projects/{project}/access_tokens")).await;
    assert_eq!(left.to_string(), "200 []", "a refusal leaves nothing behind");
}

#[tokio::test]
async fn parameters_come_as_clients_send_them() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let path = format!("/projects/{project}/access_tokens");
    let post = |body: &str| app.admin().request(tessera_testkit::Method::POST, &path).form(body);
    let made = post("name=form&scopes[]=api&scopes[]=read_api&access_level=30&expires_at=2027/04/05")
        .await
        .created();
    assert_eq!((&made["scopes"], &made["access_level"]), (&json!(["api", "read_api"]), &json!(30)));
    assert_eq!(made["expires_at"], "2027-04-05");
    let made = app
        .admin()
        .request(tessera_testkit::Method::POST, &format!("{path}?name=query&scopes=api,read_api"))
        .await
        .created();
    assert_eq!(made["scopes"], json!(["api", "read_api"]));
    let made = create(&app.admin(), project, json!({ "name": "x", "scopes": ["api"], "expires_at": "" }))
        .await
        .created();
    assert_eq!(made["expires_at"], json!(null));
}

#[tokio::test]
async fn a_project_is_named_by_number_or_path() {
    let app = app().await;
    app.admin().project("demo").await;
    let wanted = json!({ "name": "by path", "scopes": ["api"] });
    app.admin().post("/projects/root%2Fdemo/access_tokens", wanted.clone()).await.created();
    let missing = r#"404 {"message":"404 Project Not Found"}"#;
    assert_eq!(app.admin().post("/projects/999/access_tokens", wanted.clone()).await.to_string(), missing);
    assert_eq!(app.admin().post("/projects/root%2Fnone/access_tokens", wanted).await.to_string(), missing);
}

#[tokio::test]
async fn who_may_not_is_refused_in_gitlabs_words() {
    let app = app().await;
    let ada = app.person("ada").await;
    let secret = ada.client.project("secret").await;
    let open = ada.client.project_with(json!({ "name": "open", "visibility": "public" })).await;
    let developer = app.person_in(open, "grace", 30).await;
    let wanted = json!({ "name": "x", "scopes": ["api"] });
    let refused =
        r#"400 {"message":"400 Bad request - User does not have permission to create project access token"}"#;
    assert_eq!(create(&developer.client, open, wanted.clone()).await.to_string(), refused);
    let stranger = app.person("eve").await;
    assert_eq!(create(&stranger.client, open, wanted.clone()).await.to_string(), refused);
    let unseen = r#"404 {"message":"404 Project Not Found"}"#;
    assert_eq!(create(&stranger.client, secret, wanted.clone()).await.to_string(), unseen);
    let bot = ada.client.project_token(open, "bot", &["api"]).await;
    assert_eq!(create(&bot.client, open, wanted).await.to_string(), refused, "a bot makes no token (D6)");
}

#[tokio::test]
async fn no_token_stands_above_its_maker() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let maintainer = app.person_in(project, "grace", 40).await;
    let above = r#"400 {"message":"400 Bad request - Access level of the token contains permissions not held by the creating user"}"#;
    for (level, by_owner, by_maintainer) in
        [(json!(40), 201, 201), (json!(50), 201, 400), (json!("50"), 201, 400), (json!(30), 201, 201)]
    {
        let wanted = json!({ "name": "x", "scopes": ["api"], "access_level": level });
        create(&ada.client, project, wanted.clone()).await.expect(by_owner);
        let reply = create(&maintainer.client, project, wanted).await;
        assert_eq!(reply.status, by_maintainer, "{level}: {reply}");
        assert!(reply.status == 201 || reply.to_string() == above, "{reply}");
    }
}

#[tokio::test]
async fn a_token_gives_no_scope_that_its_maker_lacks() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let reader = app.personal_token(ada.id, &["read_api"]).await;
    let reply = create(&reader, project, json!({ "name": "x", "scopes": ["read_api"] })).await;
    assert_snapshot!(reply, @r#"403 {"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}"#);
}
