//! The same token gets the same verdict however it is carried (L1, L2, C6).

use tessera_testkit::{Client, TestApp};

use crate::app;

/// The status of a GET with the token in each carrier.
async fn by_each_carrier(app: &TestApp, token: &Client, path: &str) -> Vec<(&'static str, u16)> {
    let secret = token.secret();
    let join = if path.contains('?') { '&' } else { '?' };
    let with = |name: &str| app.anonymous().get(&format!("{path}{join}{name}={secret}"));
    let nobody = || app.anonymous().get(path);
    vec![
        ("PRIVATE-TOKEN", nobody().header("PRIVATE-TOKEN", secret).await.status),
        ("private-token", nobody().header("private-token", secret).await.status),
        ("Bearer", nobody().bearer(secret).await.status),
        ("bearer", nobody().header("authorization", &format!("bearer {secret}")).await.status),
        ("private_token", with("private_token").await.status),
        ("access_token", with("access_token").await.status),
        ("bearer_token", with("bearer_token").await.status),
        ("form", nobody().form(&format!("private_token={secret}")).await.status),
    ]
}

#[tokio::test]
async fn every_carrier_has_the_same_verdict() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let mut tokens = vec![("api", ada.client.clone(), 200)];
    for (scope, status) in [("read_api", 200), ("read_repository", 403), ("read_registry", 403)] {
        tokens.push((scope, ada.client.project_token(project, scope, &[scope]).await.client, status));
    }
    let dead = ada.client.project_token(project, "dead", &["api"]).await;
    ada.client.delete(&format!("/projects/{project}/access_tokens/{}", dead.id)).await.gone();
    tokens.push(("revoked", dead.client, 401));
    tokens.push(("unknown", app.token("token-string-here123"), 401));
    tokens.push(("mistyped", app.token("glpat-0123456789012345678901234567"), 401));
    for (name, token, expected) in tokens {
        for (carrier, status) in by_each_carrier(&app, &token, &format!("/projects/{project}")).await {
            assert_eq!(status, expected, "{name} as {carrier}");
        }
    }
}

#[tokio::test]
async fn a_bad_token_is_no_nobody_even_where_nobody_may_ask() {
    let app = app().await;
    let project =
        app.admin().project_with(serde_json::json!({ "name": "open", "visibility": "public" })).await;
    let path = format!("/projects/{project}");
    app.anonymous().get(&path).await.ok();
    for (carrier, status) in by_each_carrier(&app, &app.token("token-string-here123"), &path).await {
        assert_eq!(status, 401, "{carrier}");
    }
    let basic = app.anonymous().get(&path).basic("anyone", app.admin().secret()).await;
    assert_eq!(basic.status, 401, "plain REST takes no Basic, and does not overlook it");
}

#[tokio::test]
async fn the_first_carrier_that_is_not_blank_decides_alone() {
    let app = app().await;
    let (good, bad) = (app.admin(), "token-string-here123");
    let get = |path: &str| app.anonymous().get(path);
    let secret = good.secret();
    get(&format!("/user?private_token={bad}")).header("private-token", secret).await.expect(401);
    get(&format!("/user?private_token={secret}")).header("private-token", bad).await.ok();
    get("/user")
        .header("private-token", bad)
        .header("authorization", &format!("Bearer {secret}"))
        .await
        .expect(401);
    get("/user").header("private-token", "").header("authorization", &format!("Bearer {secret}")).await.ok();
    let both = get(&format!("/user?access_token={secret}")).bearer(secret).await;
    assert_eq!(
        both.to_string(),
        r#"400 {"error":"invalid_request","error_description":"Both Authorization header and payload includes access token."}"#
    );
}

#[tokio::test]
async fn an_administrator_closes_the_query_to_tokens() {
    let app = app().await;
    app.admin().put("/application/settings", serde_json::json!({ "allow_token_in_query": false })).await.ok();
    let secret = app.admin().secret().to_owned();
    app.anonymous().get(&format!("/user?private_token={secret}")).await.expect(401);
    app.anonymous().get(&format!("/user?access_token={secret}")).await.expect(401);
    app.admin().get("/user").await.ok();
}

#[tokio::test]
async fn a_token_opens_no_session_and_no_page() {
    let app = app().await;
    let reply = app.admin().get("/user").await;
    assert!(!reply.headers.contains_key("set-cookie"));
    for path in ["/", "/root/demo", "/-/profile", "/admin", "/-/user_settings/personal_access_tokens"] {
        let reply = app.admin().at(tessera_testkit::Method::GET, path).await;
        assert!(reply.status != 200 && !reply.headers.contains_key("set-cookie"), "{path}: {reply}");
    }
    // Everybody can look at the form for signing in. The cookie that belongs to it is no session.
    let form = app.admin().at(tessera_testkit::Method::GET, "/users/sign_in").await;
    assert!(form.status == 200 && !form.text().contains("@root"), "{form}");
    let browser = app.browser();
    browser.take_cookie(form.header("set-cookie").split(';').next().map(str::to_owned));
    assert_eq!(browser.get("/").await.header("location"), "/users/sign_in");
}
