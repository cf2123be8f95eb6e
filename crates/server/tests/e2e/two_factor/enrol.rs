//! Setting up, confirming, taking away.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tessera_testkit::Device;

use super::{OFF, PASSWORD, confirm, disable, flag, refs};
use crate::app;

#[tokio::test]
async fn a_device_is_told_a_secret_confirms_it_and_is_asked_from_then_on() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    ada.project("demo").await;
    let path = "/user/two_factor";
    assert_eq!(ada.get(path).await.to_string(), format!("200 {OFF}"));
    let missing = ada.post(path, json!({})).await;
    assert_eq!(missing.to_string(), r#"400 {"error":"current_password is missing"}"#);
    let wrong = ada.post(path, json!({ "current_password": "another password" })).await;
    let denied = r#"403 {"message":"403 Forbidden - You must provide a valid current password"}"#;
    assert_eq!(wrong.to_string(), denied);
    let early = confirm(&ada, "123456").await;
    assert_eq!(
        early.to_string(),
        r#"400 {"message":"400 Bad request - No second factor is waiting to be confirmed: start anew"}"#
    );

    let started = ada.post(path, json!({ "current_password": PASSWORD })).await;
    assert_eq!((started.status, started.header("cache-control")), (201, "no-store"));
    let uri = started.json["otp_provisioning_uri"].as_str().unwrap();
    let secret = started.json["otp_secret"].as_str().unwrap();
    assert_eq!(
        uri,
        format!("otpauth://totp/tessera.test:ada%40people.test?secret={secret}&issuer=tessera.test")
    );
    let device = Device::told(&started.json);
    assert!(!flag(&ada.get("/user").await.ok()), "nothing counts yet");
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 200);

    let invalid = r#"403 {"message":"403 Forbidden - Invalid two-factor code"}"#;
    let right = device.code(&app);
    let other = if right == "000000" { "000001" } else { "000000" };
    assert_eq!(confirm(&ada, other).await.to_string(), invalid);
    let confirmed = confirm(&ada, &right).await;
    assert_eq!((confirmed.status, confirmed.header("cache-control")), (201, "no-store"));
    let codes: BTreeSet<String> =
        confirmed.json["recovery_codes"].as_array().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(codes.len(), 10);
    assert!(flag(&ada.get("/user").await.ok()));
    assert_eq!(ada.get(path).await.ok()["recovery_codes_left"], 10);
    let again = ada.post(path, json!({ "current_password": PASSWORD })).await;
    assert_eq!(
        again.to_string(),
        r#"400 {"message":"400 Bad request - Two-factor authentication is already enabled for this user"}"#
    );

    assert_eq!(disable(&ada, PASSWORD, &right).await.to_string(), invalid, "a code is taken once");
    let next = device.next_code(&app);
    assert_eq!(disable(&ada, "another password", &next).await.to_string(), denied);
    disable(&ada, PASSWORD, &next).await.gone();
    assert_eq!(ada.get(path).await.to_string(), format!("200 {OFF}"));
    assert_eq!(
        disable(&ada, PASSWORD, &next).await.to_string(),
        r#"400 {"message":"400 Bad request - Two-factor authentication is not enabled for this user"}"#
    );
    let mails = app.mails().await.into_iter().filter(|mail| mail.subject.starts_with("Two-factor"));
    let told: Vec<_> = mails.map(|mail| (mail.to, mail.subject)).collect();
    let to_ada = |subject: &str| ("ada@people.test".to_owned(), subject.to_owned());
    assert_eq!(
        told,
        [to_ada("Two-factor authentication enabled"), to_ada("Two-factor authentication disabled")]
    );
}

#[tokio::test]
async fn a_code_of_the_step_before_or_after_is_taken_and_none_of_further_away() {
    let app = app().await;
    for (seconds, taken) in [(-60, false), (-30, true), (30, true), (60, false)] {
        let person = app.person(&format!("ada{}", seconds + 60)).await.client;
        let started =
            person.post("/user/two_factor", json!({ "current_password": PASSWORD })).await.created();
        let code = Device::told(&started).code_at(app.service.now().plus_seconds(seconds));
        assert_eq!(confirm(&person, &code).await.status, if taken { 201 } else { 403 }, "{seconds}");
    }
}

#[tokio::test]
async fn a_secret_that_nobody_confirms_is_forgotten() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let start = || ada.post("/user/two_factor", json!({ "current_password": PASSWORD }));
    let first = Device::told(&start().await.created());
    let second = Device::told(&start().await.created());
    assert_eq!(confirm(&ada, &first.code(&app)).await.status, 403, "a later one stands in its place");
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(confirm(&ada, &second.code(&app)).await.status, 400, "an hour is over");
    let third = Device::told(&start().await.created());
    confirm(&ada, &third.code(&app)).await.created();
}

#[tokio::test]
async fn each_recovery_code_does_once_and_new_ones_end_the_old() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let (device, codes) = app.two_factor(&ada).await;
    let renew = async |code: &str| {
        let shown = json!({ "current_password": PASSWORD, "otp_attempt": code });
        ada.post("/user/two_factor/recovery_codes", shown).await
    };
    // A code is read as people write it down.
    let first = codes[0].to_uppercase();
    let made = renew(&format!("{} {}", &first[..8], &first[8..])).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
    let new = made.json["recovery_codes"].as_array().unwrap();
    assert_eq!(new.len(), 10);
    assert_eq!(renew(&codes[0]).await.status, 403, "it was used");
    assert_eq!(renew(&codes[1]).await.status, 403, "it was replaced");
    renew(&device.next_code(&app)).await.created();
    assert_eq!(renew(new[0].as_str().unwrap()).await.status, 403, "it was replaced too");
    let eve = app.person("eve").await.client;
    let (_, eves) = app.two_factor(&eve).await;
    assert_eq!(renew(&eves[0]).await.status, 403, "another's");
    disable(&eve, PASSWORD, &eves[0]).await.gone();
}

#[tokio::test]
async fn a_code_that_comes_several_times_at_once_is_taken_once() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let (device, codes) = app.two_factor(&ada).await;
    for code in [&codes[0], &device.next_code(&app)] {
        let ask = || {
            let shown = json!({ "current_password": PASSWORD, "otp_attempt": code });
            ada.post("/user/two_factor/recovery_codes", shown)
        };
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        let mut answers = [one.status, two.status, three.status];
        answers.sort_unstable();
        assert_eq!(answers, [201, 403, 403]);
    }
}

#[tokio::test]
async fn wrong_codes_are_told_to_wait_and_the_right_one_with_them() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let (device, codes) = app.two_factor(&ada).await;
    let eve = app.person("eve").await.client;
    let (other, _) = app.two_factor(&eve).await;
    let right = device.next_code(&app);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..10 {
        assert_eq!(disable(&ada, PASSWORD, wrong).await.status, 403);
    }
    for code in [wrong, &right, &codes[0]] {
        let refused = disable(&ada, PASSWORD, code).await;
        assert_eq!(refused.status, 429, "{refused:?}");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 500);
    }
    disable(&eve, PASSWORD, &other.code(&app)).await.gone();
    app.clock.advance(Duration::from_mins(20));
    disable(&ada, PASSWORD, &device.code(&app)).await.gone();
}

#[tokio::test]
async fn only_the_person_themselves_may() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let bot = ada.client.project_token(project, "ci", &["api"]).await.client;
    let imposed = app.impersonation_token(ada.id, &["api"]).await;
    let (sudo, reader) = (app.admin().sudo("ada"), app.personal_token(ada.id, &["read_api"]).await);
    let start = json!({ "current_password": PASSWORD });
    for (who, client) in [("a bot", &bot), ("impersonation", &imposed), ("sudo", &sudo)] {
        let asked = client.get("/user/two_factor").await;
        assert_eq!(asked.to_string(), r#"403 {"message":"403 Forbidden"}"#, "{who}");
        let started = client.post("/user/two_factor", start.clone()).await;
        assert_eq!(started.to_string(), r#"403 {"message":"403 Forbidden"}"#, "{who}");
    }
    assert_eq!(reader.get("/user/two_factor").await.to_string(), format!("200 {OFF}"));
    assert_eq!(reader.post("/user/two_factor", start.clone()).await.json["error"], "insufficient_scope");
    assert_eq!(app.anonymous().post("/user/two_factor", start).await.status, 401);
}
