//! Notices before and after the end of tokens (U5): each person once a window, whatever happens.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tessera_testkit::{Person, TestApp};

use super::{forget, subjects, told};
use crate::app;

/// Moves to a time of day of a date.
fn at(app: &TestApp, date: &str, hour: u64) {
    app.clock.to_eve_of(date);
    app.clock.advance(Duration::from_secs(1) + Duration::from_hours(hour));
}

/// An instance whose daily jobs have run today.
async fn quiet() -> TestApp {
    let app = app().await;
    forget(&app).await;
    app
}

async fn personal(app: &TestApp, person: &Person, name: &str, end: &str) -> Value {
    let wanted = json!({ "name": name, "scopes": ["read_user", "read_api"], "expires_at": end });
    app.admin().post(&format!("/users/{}/personal_access_tokens", person.id), wanted).await.created()
}

#[tokio::test]
async fn one_mail_lists_all_tokens_of_a_person() {
    let app = quiet().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let bot = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-16" });
    let bot = ada.client.project_token_with(project, bot).await;
    bot.client.get("/user").await.ok();
    let laptop = personal(&app, &ada, "laptop", "2027-03-16").await;
    personal(&app, &ada, "later", "2027-03-30").await;
    personal(&app, &ada, "far", "2027-06-30").await;
    at(&app, "2027-03-08", 1);
    forget(&app).await;
    at(&app, "2027-03-09", 0);
    assert!(app.mails().await.is_empty(), "it is not yet one o'clock");
    app.clock.advance(Duration::from_hours(1));
    let mails = app.mails().await;
    assert_snapshot!(told(&mails), @r#"
    To: Ada <ada@people.test>
    Subject: Your access tokens will expire in 7 days or less

    Hello Ada,

    These tokens will expire in 7 days or less:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ends on 2027-03-16 at 00:00 UTC, in 7 days
      scopes: api
      last used 2027-03-04 08:15 UTC from 192.0.2.10

    * "laptop", personal access token of ada
      ends on 2027-03-16 at 00:00 UTC, in 7 days
      scopes: read_api, read_user
      never used

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours, or you are a Maintainer or Owner of their project, or made them.
    "#);
    // The other form says the same.
    assert_snapshot!(mails[0].html, @r#"
    <!DOCTYPE html>
    <html lang="en">
    <head><meta charset="utf-8"></head>
    <body>
    <p>Hello Ada,</p>
    <p>These tokens will expire in 7 days or less:</p>
    <ul>
    <li><strong>&quot;ci&quot;, access token of the project ada/demo (bot project_1_bot)</strong><br>ends on 2027-03-16 at 00:00 UTC, in 7 days<br>scopes: api<br>last used 2027-03-04 08:15 UTC from 192.0.2.10</li>
    <li><strong>&quot;laptop&quot;, personal access token of ada</strong><br>ends on 2027-03-16 at 00:00 UTC, in 7 days<br>scopes: read_api, read_user<br>never used</li>
    </ul>
    <p>Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:</p>
    <p><a href="http://tessera.test/-/user_settings/personal_access_tokens">http://tessera.test/-/user_settings/personal_access_tokens</a></p>
    <p><small>You get this mail from http://tessera.test because the tokens are yours, or you are a Maintainer or Owner of their project, or made them.</small></p>
    </body>
    </html>
    "#);
    for secret in [laptop["token"].as_str().unwrap(), bot.client.secret()] {
        assert!(!format!("{mails:?}").contains(secret));
    }
    for date in ["2027-03-10", "2027-03-11", "2027-03-12"] {
        at(&app, date, 1);
        assert_eq!(subjects(&app.mails().await), [] as [&str; 0], "nobody is told twice");
    }
}

#[tokio::test]
async fn the_farther_windows_are_settings() {
    let app = quiet().await;
    let ada = app.person("ada").await;
    personal(&app, &ada, "sixty", "2027-05-04").await;
    personal(&app, &ada, "thirty", "2027-04-04").await;
    let settings = json!({ "token_expiry_notice_60_days": false, "token_expiry_notice_30_days": false });
    app.admin().put("/application/settings", settings).await.ok();
    forget(&app).await;
    at(&app, "2027-03-06", 1);
    assert_eq!(subjects(&app.mails().await), [] as [&str; 0]);
    let settings = json!({ "token_expiry_notice_60_days": true, "token_expiry_notice_30_days": true });
    app.admin().put("/application/settings", settings).await.ok();
    at(&app, "2027-03-07", 1);
    let mut told = subjects(&app.mails().await);
    told.sort();
    assert_eq!(
        told,
        [
            "ada@people.test: Your personal access tokens will expire in 30 days or less",
            "ada@people.test: Your personal access tokens will expire in 60 days or less",
        ]
    );
}

#[tokio::test]
async fn what_does_not_end_is_not_warned_of() {
    let app = quiet().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let revoked = personal(&app, &ada, "revoked", "2027-03-10").await;
    personal(&app, &ada, "unenforced", "2027-03-10").await;
    let path = format!("/users/{}/impersonation_tokens", ada.id);
    let hidden = json!({ "name": "hidden", "scopes": ["api"], "expires_at": "2027-03-10" });
    app.admin().post(&path, hidden).await.created();
    app.admin().delete(&format!("/personal_access_tokens/{}", revoked["id"])).await.gone();
    let bot = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-03-10" });
    ada.client.project_token_with(project, bot).await;
    app.admin().put("/application/settings", json!({ "enforce_pat_expiration": false })).await.ok();
    forget(&app).await;
    at(&app, "2027-03-05", 1);
    assert_eq!(
        subjects(&app.mails().await),
        ["ada@people.test: Your resource access tokens will expire in 7 days or less"],
        "of project tokens, which always end"
    );
    app.admin().put("/application/settings", json!({ "enforce_pat_expiration": true })).await.ok();
    at(&app, "2027-03-06", 1);
    let mails = app.mails().await;
    assert_eq!(
        subjects(&mails),
        ["ada@people.test: Your personal access tokens will expire in 7 days or less"]
    );
    assert!(mails[0].text.contains("unenforced") && !mails[0].text.contains("hidden"));
}

#[tokio::test]
async fn a_stop_of_days_makes_nobody_miss_anything() {
    let app = quiet().await;
    let ada = app.person("ada").await;
    personal(&app, &ada, "short", "2027-03-12").await;
    personal(&app, &ada, "ended", "2027-03-09").await;
    forget(&app).await;
    // The server stood still from the fourth to the tenth.
    at(&app, "2027-03-10", 9);
    let mails = app.mails().await;
    assert_snapshot!(told(&mails), @r#"
    To: Ada <ada@people.test>
    Subject: Your personal access tokens will expire in 7 days or less

    Hello Ada,

    These tokens will expire in 7 days or less:

    * "short", personal access token of ada
      ends on 2027-03-12 at 00:00 UTC, in 2 days
      scopes: read_api, read_user
      never used

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.

    To: Ada <ada@people.test>
    Subject: Your personal access tokens have expired

    Hello Ada,

    These tokens have expired and open nothing any more:

    * "ended", personal access token of ada
      ended on 2027-03-09 at 00:00 UTC
      scopes: read_api, read_user
      never used

    Where one is still needed, rotate it or make a new one, and put the new secret in where the old one is used. Nothing is to be done about the others. Tokens are looked after on this page:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.
    "#);
}

#[tokio::test]
async fn whoever_cannot_be_told_now_is_told_when_they_can() {
    let app = quiet().await;
    let ada = app.person("ada").await;
    personal(&app, &ada, "laptop", "2027-03-10").await;
    forget(&app).await;
    app.admin().post(&format!("/users/{}/block", ada.id), json!({})).await.created();
    at(&app, "2027-03-06", 1);
    assert!(app.mails().await.is_empty());
    app.admin().post(&format!("/users/{}/unblock", ada.id), json!({})).await.created();
    at(&app, "2027-03-07", 1);
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn long_lists_are_whole_and_each_token_stands_in_one_mail_of_a_person() {
    let app = quiet().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    app.person_in(project, "mary", 40).await;
    for number in 0..130 {
        let wanted =
            json!({ "name": format!("ci-{number:03}"), "scopes": ["api"], "expires_at": "2027-03-10" });
        ada.client.project_token_with(project, wanted).await;
    }
    forget(&app).await;
    at(&app, "2027-03-05", 1);
    let mails = app.mails().await;
    assert_eq!(mails.len(), 2);
    for mail in mails {
        let listed = (0..130).filter(|number| mail.text.contains(&format!("\"ci-{number:03}\""))).count();
        assert_eq!(listed, 130, "{}", mail.to);
    }
}
