//! A year in the life of tokens, day by day on a clock that is moved by hand: made, used, warned of, expired, revived,
//! kept, cleaned up; with every mail of that year.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tessera_service::mail::Mail;
use tessera_testkit::{Client, Minted, TestApp};

use super::{forget, told};
use crate::app;

const EXPIRED: &str = "Token is expired. You can either do re-authorization or token refresh.";

/// The story's calendar.
struct Calendar {
    app: TestApp,
    mails: Vec<(String, Mail)>,
}

impl Calendar {
    /// Lives every day until the last second before a date: each day's jobs have run by four o'clock.
    async fn until_eve_of(&mut self, date: &str) {
        let app = &self.app;
        loop {
            let four = app.service.now().date().midnight().plus_seconds(4 * 3600);
            let left = u64::try_from(four.seconds() - app.service.now().seconds()).unwrap_or(0);
            app.clock.advance(Duration::from_secs(left));
            for mail in app.mails().await {
                self.mails.push((app.clock.in_days(0), mail));
            }
            let tomorrow = app.clock.in_days(1);
            app.clock.to_eve_of(&tomorrow);
            if tomorrow == date {
                return;
            }
            app.clock.advance(Duration::from_secs(1));
        }
    }

    /// The mails since the last time, and the days on which they came.
    fn news(&mut self) -> String {
        let mails = std::mem::take(&mut self.mails);
        mails.iter().fold(String::new(), |news, (day, mail)| {
            news + &format!("=== {day}\n{}", told(std::slice::from_ref(mail)))
        })
    }

    /// One second on: it is midnight.
    fn midnight(&self) {
        self.app.clock.advance(Duration::from_secs(1));
    }
}

/// Why a client is refused, if it is.
async fn refused(client: &Client) -> Option<String> {
    let reply = client.get("/user").await;
    (reply.status != 200).then(|| reply.json["error_description"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "the mails of a year stand in it")]
async fn a_year_of_life() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": "2027-06-01" });
    let ci = ada.client.project_token_with(project, wanted).await;
    let issue = ci.client.post(&format!("/projects/{project}/issues"), json!({ "title": "from ci" })).await;
    let issue = format!("/projects/{project}/issues/{}", issue.created()["iid"]);
    let wanted = json!({ "name": "laptop", "scopes": ["read_api"], "expires_at": "2027-05-20" });
    let laptop =
        app.admin().post(&format!("/users/{}/personal_access_tokens", ada.id), wanted).await.created();
    let laptop = app.token(laptop["token"].as_str().unwrap());
    forget(&app).await;
    let mut year = Calendar { app, mails: Vec::new() };

    // Spring: sixty days and thirty days before each end.
    year.until_eve_of("2027-05-20").await;
    assert_snapshot!(year.news(), @r#"
    === 2027-03-21
    To: Ada <ada@people.test>
    Subject: Your personal access tokens will expire in 60 days or less

    Hello Ada,

    These tokens will expire in 60 days or less:

    * "laptop", personal access token of ada
      ends on 2027-05-20 at 00:00 UTC, in 60 days
      scopes: read_api
      never used

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.

    === 2027-04-02
    To: Ada <ada@people.test>
    Subject: Your resource access tokens will expire in 60 days or less

    Hello Ada,

    These tokens will expire in 60 days or less:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ends on 2027-06-01 at 00:00 UTC, in 60 days
      scopes: api
      last used 2027-03-04 08:15 UTC from 192.0.2.10

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.

    === 2027-04-20
    To: Ada <ada@people.test>
    Subject: Your personal access tokens will expire in 30 days or less

    Hello Ada,

    These tokens will expire in 30 days or less:

    * "laptop", personal access token of ada
      ends on 2027-05-20 at 00:00 UTC, in 30 days
      scopes: read_api
      never used

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.

    === 2027-05-02
    To: Ada <ada@people.test>
    Subject: Your resource access tokens will expire in 30 days or less

    Hello Ada,

    These tokens will expire in 30 days or less:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ends on 2027-06-01 at 00:00 UTC, in 30 days
      scopes: api
      last used 2027-03-04 08:15 UTC from 192.0.2.10

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.

    === 2027-05-13
    To: Ada <ada@people.test>
    Subject: Your personal access tokens will expire in 7 days or less

    Hello Ada,

    These tokens will expire in 7 days or less:

    * "laptop", personal access token of ada
      ends on 2027-05-20 at 00:00 UTC, in 7 days
      scopes: read_api
      never used

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.
    "#);

    // The laptop's token lives to the last second of the nineteenth of May.
    assert_eq!(refused(&laptop).await, None);
    year.midnight();
    assert_eq!(refused(&laptop).await.as_deref(), Some(EXPIRED));

    // The pipeline's token goes on, is warned of a last time, and dies on the first of June.
    ci.client.get("/user").await.ok();
    year.until_eve_of("2027-06-01").await;
    assert_snapshot!(year.news(), @r#"
    === 2027-05-20
    To: Ada <ada@people.test>
    Subject: Your personal access tokens have expired

    Hello Ada,

    These tokens have expired and open nothing any more:

    * "laptop", personal access token of ada
      ended on 2027-05-20 at 00:00 UTC
      scopes: read_api
      last used 2027-05-19 23:59 UTC from 192.0.2.10

    Where one is still needed, rotate it or make a new one, and put the new secret in where the old one is used. Nothing is to be done about the others. Tokens are looked after on this page:

    http://tessera.test/-/user_settings/personal_access_tokens

    -- 
    You get this mail from http://tessera.test because the tokens are yours.

    === 2027-05-25
    To: Ada <ada@people.test>
    Subject: Your resource access tokens will expire in 7 days or less

    Hello Ada,

    These tokens will expire in 7 days or less:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ends on 2027-06-01 at 00:00 UTC, in 7 days
      scopes: api
      last used 2027-05-20 00:00 UTC from 192.0.2.10

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.
    "#);
    assert_eq!(refused(&ci.client).await, None);
    year.midnight();
    assert_eq!(refused(&ci.client).await.as_deref(), Some(EXPIRED));
    year.until_eve_of("2027-06-10").await;
    assert_snapshot!(year.news(), @r#"
    === 2027-06-01
    To: Ada <ada@people.test>
    Subject: Your resource access tokens have expired

    Hello Ada,

    These tokens have expired and open nothing any more:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ended on 2027-06-01 at 00:00 UTC
      scopes: api
      last used 2027-05-31 23:59 UTC from 192.0.2.10

    Where one is still needed, rotate it or make a new one, and put the new secret in where the old one is used. Nothing is to be done about the others. Tokens are looked after on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.
    "#);

    // Revived by rotation: the same bot, a new secret for a quarter.
    let path = format!("/projects/{project}/access_tokens/{}/rotate", ci.id);
    let revived: Value = ada.client.post(&path, json!({ "expires_at": "2027-09-01" })).await.ok();
    let revived: Minted = ada.client.minted(revived);
    assert_eq!(revived.user_id, ci.user_id);
    assert_eq!(refused(&revived.client).await, None);
    year.until_eve_of("2027-09-10").await;
    assert_eq!(refused(&revived.client).await.as_deref(), Some(EXPIRED));
    assert_snapshot!(year.news(), @r#"
    === 2027-06-09
    To: Ada <ada@people.test>
    Subject: A resource access token has been rotated

    Hello Ada,

    A token was given a new secret on 2027-06-09 23:59 UTC by ada, from 192.0.2.10. The old secret opens nothing any more.

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ends on 2027-09-01 at 00:00 UTC, in 84 days
      scopes: api
      never used

    Put the new secret in wherever the old one is used. If you do not know of it, revoke the token on this page and ask who rotated it:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.

    === 2027-07-03
    To: Ada <ada@people.test>
    Subject: Your resource access tokens will expire in 60 days or less

    Hello Ada,

    These tokens will expire in 60 days or less:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ends on 2027-09-01 at 00:00 UTC, in 60 days
      scopes: api
      last used 2027-06-09 23:59 UTC from 192.0.2.10

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.

    === 2027-08-02
    To: Ada <ada@people.test>
    Subject: Your resource access tokens will expire in 30 days or less

    Hello Ada,

    These tokens will expire in 30 days or less:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ends on 2027-09-01 at 00:00 UTC, in 30 days
      scopes: api
      last used 2027-06-09 23:59 UTC from 192.0.2.10

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.

    === 2027-08-25
    To: Ada <ada@people.test>
    Subject: Your resource access tokens will expire in 7 days or less

    Hello Ada,

    These tokens will expire in 7 days or less:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ends on 2027-09-01 at 00:00 UTC, in 7 days
      scopes: api
      last used 2027-06-09 23:59 UTC from 192.0.2.10

    Rotate those that are still needed, or make new ones, before they end, and put the new secret in where the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.

    === 2027-09-01
    To: Ada <ada@people.test>
    Subject: Your resource access tokens have expired

    Hello Ada,

    These tokens have expired and open nothing any more:

    * "ci", access token of the project ada/demo (bot project_1_bot)
      ended on 2027-09-01 at 00:00 UTC
      scopes: api
      last used 2027-06-09 23:59 UTC from 192.0.2.10

    Where one is still needed, rotate it or make a new one, and put the new secret in where the old one is used. Nothing is to be done about the others. Tokens are looked after on this page:

    http://tessera.test/ada/demo/-/settings/access_tokens

    -- 
    You get this mail from http://tessera.test because you are a Maintainer or Owner of their project, or made them.
    "#);

    // Retained for thirty days after its end, then cleaned up: the bot goes, its records stay.
    year.until_eve_of("2027-10-01").await;
    year.app.admin().get(&format!("/users/{}", ci.user_id)).await.ok();
    assert_eq!(ada.client.get(&issue).await.ok()["author"]["username"], "project_1_bot");
    year.until_eve_of("2027-10-03").await;
    year.app.admin().get(&format!("/users/{}", ci.user_id)).await.expect(404);
    assert_eq!(ada.client.get(&issue).await.ok()["author"]["username"], "ghost");
    let rows = ada.client.get(&format!("/projects/{project}/access_tokens?state=inactive")).await.ok();
    assert_eq!(rows.as_array().unwrap().len(), 2, "the rows stay for the record");

    // The rest of the year is quiet.
    year.until_eve_of("2028-03-04").await;
    assert_eq!(year.news(), "");
}
