//! A person's own settings.

use serde_json::json;
use tessera_testkit::{Device, Session};

use crate::app;

const PASSWORD: &str = "a password of the tests";
const PROFILE: &str = "/-/user_settings/profile";
const FACTOR: &str = "/-/profile/two_factor_auth";

#[tokio::test]
async fn a_profile_is_changed_and_a_new_address_takes_the_password() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.person("bob").await;
    ada.client.project("demo").await;
    let browser = app.session("ada").await;
    let save = async |more: &[(&str, &str)]| {
        let mut fields =
            vec![("name", "Ada"), ("username", "ada"), ("email", "ada@people.test"), ("bio", "")];
        fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        fields.extend(more);
        browser.submit(PROFILE, PROFILE, &fields).await
    };
    let page = browser.get(PROFILE).await.text();
    assert!(page.contains("the project under your name move"), "{page}");
    assert_eq!(save(&[("bio", "Tides"), ("private_profile", "1")]).await.header("location"), PROFILE);
    let user = app.admin().get(&format!("/users/{}", ada.id)).await.ok();
    assert_eq!((&user["bio"], &user["private_profile"]), (&json!("Tides"), &json!(true)));
    let events = app.admin().get("/audit_events").await.ok().to_string();
    assert!(events.contains("user_update") && events.contains("private_profile"), "{events}");

    let email = async || app.admin().get(&format!("/users/{}", ada.id)).await.ok()["email"].clone();
    for wrong in
        [&[("email", "new@people.test")][..], &[("email", "new@people.test"), ("current_password", "no")]]
    {
        let refused = save(wrong).await;
        assert!(
            refused.status == 422 && refused.text().contains("id=\"current_password-error\""),
            "{refused}"
        );
        assert_eq!(email().await, "ada@people.test");
    }
    assert_eq!(save(&[("email", "new@people.test"), ("current_password", PASSWORD)]).await.status, 303);
    assert_eq!(email().await, "new@people.test");
    let taken = save(&[("email", "new@people.test"), ("username", "bob")]).await;
    assert!(taken.status == 422 && taken.text().contains("id=\"username-error\""), "{taken}");
    assert_eq!(save(&[("email", "new@people.test"), ("username", "lovelace")]).await.status, 303);
    assert_eq!(browser.get("/lovelace/demo").await.status, 200);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let app = app().await;
    app.person("ada").await;
    let (here, there) = (app.session("ada").await, app.session("ada").await);
    let edit = "/-/user_settings/password/edit";
    let fields = |current| {
        [
            ("current_password", current),
            ("password", "one that is new"),
            ("password_confirmation", "one that is new"),
        ]
    };
    let refused = here.submit(edit, edit, &fields("not this")).await;
    assert!(refused.status == 422 && refused.text().contains("id=\"current_password-error\""), "{refused}");
    assert_eq!(there.get("/").await.status, 200);
    assert_eq!(here.submit(edit, edit, &fields(PASSWORD)).await.header("location"), edit);
    assert!(here.get(edit).await.text().contains("Your password was changed."));
    assert_eq!(there.get("/").await.status, 303);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let app = app().await;
    app.person("ada").await;
    let (here, there, third) = (app.session("ada").await, app.session("ada").await, app.session("ada").await);
    let list = "/-/user_settings/active_sessions";
    let page = here.get(list).await.text();
    assert_eq!(page.matches("192.0.2.10 ·").count(), 3, "{page}");
    assert_eq!(page.matches("This session").count(), 1, "{page}");
    let action =
        page.split("action=\"").find(|part| part.starts_with(&format!("{list}/")) && part.contains("/end\""));
    let action = action.unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(here.submit(list, &action, &[]).await.header("location"), list);
    let left = [there.get("/").await.status, third.get("/").await.status];
    assert_eq!(left.iter().filter(|status| **status == 200).count(), 1, "one of both was ended: {left:?}");
    assert_eq!(here.submit(list, &format!("{list}/99999/end"), &[]).await.status, 404);
    assert_eq!(here.submit(list, &format!("{list}/end_others"), &[]).await.status, 303);
    assert!(there.get("/").await.status == 303 && third.get("/").await.status == 303);
    assert!(here.get(list).await.text().contains("One other session was ended."));
}

/// The key that the page shows for typing.
async fn key(browser: &Session) -> Option<String> {
    let page = browser.get(FACTOR).await.text();
    let (_, rest) = page.split_once("id=\"key\"")?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split('<').next()?.replace(' ', ""))
}

#[tokio::test]
async fn a_second_factor_is_set_up_used_and_turned_off() {
    let app = app().await;
    app.person("ada").await;
    let browser = app.session("ada").await;
    let start = format!("{FACTOR}/start");
    let refused = browser.submit(FACTOR, &start, &[("current_password", "not this")]).await;
    assert!(refused.status == 422 && refused.text().contains("id=\"current_password-error\""), "{refused}");
    assert_eq!(key(&browser).await, None);
    assert_eq!(browser.submit(FACTOR, &start, &[("current_password", PASSWORD)]).await.status, 303);
    let secret = key(&browser).await.unwrap();
    let device = Device::told(&json!({ "otp_secret": secret }));
    let refused = browser.submit(FACTOR, FACTOR, &[("code", "000000")]).await;
    assert!(refused.status == 422 && refused.text().contains("id=\"code-error\""), "{refused}");
    assert_eq!(key(&browser).await.as_deref(), Some(&*secret), "the same key is shown again");
    let done = browser.submit(FACTOR, FACTOR, &[("code", &device.code(&app))]).await;
    assert_eq!(done.header("location"), FACTOR);
    let page = browser.get(FACTOR).await.text();
    let codes: Vec<&str> = page
        .split("<ul class=\"codes\">")
        .nth(1)
        .unwrap()
        .split("</ul>")
        .next()
        .unwrap()
        .split("<li>")
        .skip(1)
        .collect();
    assert_eq!(codes.len(), 10, "{page}");
    let code = codes[0].split('<').next().unwrap().to_owned();
    assert!(!browser.get(FACTOR).await.text().contains(&code), "codes are shown once");

    let other = app.browser();
    assert!(
        other.sign_in("ada", PASSWORD).await.header("location").starts_with("/users/sign_in/second_factor")
    );
    let renew = format!("{FACTOR}/codes");
    let fields = [("current_password", PASSWORD), ("code", &*code)];
    assert_eq!(browser.submit(&renew, &renew, &fields).await.header("location"), FACTOR);
    assert!(browser.get(FACTOR).await.text().contains("You have new recovery codes."));
    let disable = format!("{FACTOR}/disable");
    let refused = browser.submit(&disable, &disable, &fields).await;
    assert!(
        refused.status == 422 && refused.text().contains("id=\"code-error\""),
        "an old recovery code: {refused}"
    );
    let fields = [("current_password", PASSWORD), ("code", &*device.next_code(&app))];
    assert_eq!(browser.submit(&disable, &disable, &fields).await.header("location"), FACTOR);
    assert_eq!(app.browser().sign_in("ada", PASSWORD).await.header("location"), "/");
}

#[tokio::test]
async fn whoever_must_set_one_up_comes_there_and_nowhere_else() {
    let app = app().await;
    app.person("ada").await;
    let settings = json!({ "require_two_factor_authentication": true, "two_factor_grace_period": 0 });
    app.admin().put("/application/settings", settings).await.ok();
    let browser = app.session("ada").await;
    assert_eq!(browser.get("/").await.header("location"), FACTOR);
    assert!(browser.get(FACTOR).await.text().contains("This server asks everybody for a second factor."));
    browser.submit(FACTOR, &format!("{FACTOR}/start"), &[("current_password", PASSWORD)]).await;
    let device = Device::told(&json!({ "otp_secret": key(&browser).await.unwrap() }));
    assert_eq!(browser.submit(FACTOR, FACTOR, &[("code", &device.code(&app))]).await.status, 303);
    assert_eq!(browser.get("/").await.status, 200, "everything is open");
}
