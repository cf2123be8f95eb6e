//! Mails about tokens that were made, given a new secret, or revoked.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use super::{forget, subjects, told};
use crate::app;

#[tokio::test]
async fn a_person_is_told_of_their_own_token() {
    let app = app().await;
    let ada = app.person("ada").await;
    forget(&app).await;
    let path = format!("/users/{}/personal_access_tokens", ada.id);
    let wanted = json!({ "name": "laptop", "scopes": ["api"], "expires_at": "2027-09-01" });
    let made = app.admin().post(&path, wanted).await.created();
    assert_snapshot!(told(&app.mails().await), @r#"
    To: Ada <ada@people.test>
    Subject: A new personal access token has been created

    Hello Ada,

    A token was made on 2027-03-04 08:15 UTC by root, from 192.0.2.10.

    * "laptop", personal access token of ada
      ends on 2027-09-01 at 00:00 UTC, in 181 days
      scopes: api
      never used

    If you do not know of it, revoke it on this page and ask who made it:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.
    "#);
    let token = app.token(made["token"].as_str().unwrap());
    token.get("/user").await.ok();
    let rotated = token.post("/personal_access_tokens/self/rotate", json!({})).await.ok();
    assert_snapshot!(told(&app.mails().await), @r#"
    To: Ada <ada@people.test>
    Subject: A personal access token has been rotated

    Hello Ada,

    A token was given a new secret on 2027-03-04 08:15 UTC by ada, from 192.0.2.10. The old secret opens nothing any more.

    * "laptop", personal access token of ada
      ends on 2027-03-11 at 00:00 UTC, in 7 days
      scopes: api
      never used

    Put the new secret in wherever the old one is used. If you do not know of it, revoke the token on this page and ask who rotated it:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.
    "#);
    app.token(rotated["token"].as_str().unwrap()).delete("/personal_access_tokens/self").await.gone();
    assert_snapshot!(told(&app.mails().await), @r#"
    To: Ada <ada@people.test>
    Subject: A personal access token has been revoked

    Hello Ada,

    A token was revoked on 2027-03-04 08:15 UTC by ada, from 192.0.2.10. It opens nothing any more.

    * "laptop", personal access token of ada
      ends on 2027-03-11 at 00:00 UTC, in 7 days
      scopes: api
      never used

    Whatever still uses it needs a new one, which is made on this page:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.
    "#);
}

#[tokio::test]
async fn of_a_projects_token_its_maintainers_owners_and_maker_are_told() {
    let app = app().await;
    let ada = app.person("ada").await;
    let group = ada.client.group("tools").await;
    let project = ada.client.project_with(json!({ "name": "demo", "namespace_id": group })).await;
    let maker = app.person_in(project, "mary", 40).await;
    app.person_in(project, "dora", 30).await;
    forget(&app).await;
    let token = maker.client.project_token(project, "ci", &["read_api"]).await;
    assert_eq!(
        subjects(&app.mails().await),
        [
            "ada@people.test: A new resource access token has been created",
            "mary@people.test: A new resource access token has been created",
        ],
        "ada owns the group above"
    );
    // Without a role there any more the maker still is told what becomes of the bot.
    ada.client.delete(&format!("/projects/{project}/members/{}", maker.id)).await.gone();
    ada.client.delete(&format!("/projects/{project}/access_tokens/{}", token.id)).await.gone();
    let mails = app.mails().await;
    assert_eq!(mails.len(), 2);
    assert_snapshot!(told(&mails[..1]), @r#"
    To: Ada <ada@people.test>
    Subject: A resource access token has been revoked

    Hello Ada,

    A token was revoked on 2027-03-04 08:15 UTC by ada, from 192.0.2.10. It opens nothing any more.

    * "ci", access token of the project tools/demo (bot project_1_bot)
      scopes: read_api
      never used

    Whatever still uses it needs a new one, which is made on this page:

    http://tessera.test/tools/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.
    "#);
    let off = json!({ "resource_access_token_notify_inherited": false });
    app.admin().put("/application/settings", off).await.ok();
    app.person_in(project, "otto", 50).await;
    forget(&app).await;
    ada.client.project_token(project, "second", &["read_api"]).await;
    assert_eq!(
        subjects(&app.mails().await),
        [
            "ada@people.test: A new resource access token has been created",
            "otto@people.test: A new resource access token has been created",
        ],
        "ada made this one"
    );
    let off = json!({ "resource_access_token_change_notices": false });
    app.admin().put("/application/settings", off).await.ok();
    ada.client.project_token(project, "third", &["read_api"]).await;
    assert_eq!(subjects(&app.mails().await), [] as [&str; 0]);
}

#[tokio::test]
async fn nobody_is_told_of_an_impersonation_token_and_no_blocked_person_of_anything() {
    let app = app().await;
    let ada = app.person("ada").await;
    forget(&app).await;
    let path = format!("/users/{}/impersonation_tokens", ada.id);
    let made = app.admin().post(&path, json!({ "name": "x", "scopes": ["api"] })).await.created();
    app.admin().delete(&format!("{path}/{}", made["id"])).await.gone();
    app.admin().post(&format!("/users/{}/block", ada.id), json!({})).await.created();
    let path = format!("/users/{}/personal_access_tokens", ada.id);
    app.admin().post(&path, json!({ "name": "x", "scopes": ["api"] })).await.created();
    assert_eq!(subjects(&app.mails().await), [] as [&str; 0]);
}

#[tokio::test]
async fn the_reuse_of_a_replaced_secret_is_told() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let old = ada.client.project_token(project, "ci", &["api"]).await;
    ada.client.rotated(project, old.id).await;
    forget(&app).await;
    app.clock.advance(Duration::from_mins(1));
    old.client.get("/user").await.expect(401);
    assert_snapshot!(told(&app.mails().await), @r#"
    To: Ada <ada@people.test>
    Subject: A resource access token has been revoked

    Hello Ada,

    A secret that had been replaced was presented again on 2027-03-04 08:16 UTC, from 192.0.2.10. Somebody may hold a copy of it, so the token was revoked and opens nothing any more.

    * "ci", access token of the project ada/demo (bot project_1_bot)
      scopes: api
      never used

    Find out who still uses the old secret. A new one is made by rotating the token on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.
    "#);
}

#[tokio::test]
async fn what_was_refused_is_told_to_nobody() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    forget(&app).await;
    let path = format!("/projects/{project}/access_tokens");
    ada.client.post(&path, json!({ "name": "ci", "scopes": ["nonsense"] })).await.expect(400);
    ada.client.delete(&format!("{path}/999")).await.expect(404);
    assert_eq!(subjects(&app.mails().await), [] as [&str; 0]);
}

#[tokio::test]
async fn names_from_users_make_neither_lines_nor_markup() {
    let app = app().await;
    let evil = "</p><script>alert(1)</script>\u{202e}";
    let ada = app.person_with("ada", json!({ "name": evil })).await;
    let project = ada.client.project("demo").await;
    forget(&app).await;
    ada.client.project_token(project, evil, &["api"]).await;
    let mails = app.mails().await;
    let html = &mails[0].html;
    assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{html}");
    assert!(!format!("{html}{}{}", mails[0].text, mails[0].to_name).contains('\u{202e}'));
}
