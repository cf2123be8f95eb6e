//! What must stand nowhere in clear: the secret of a device and the recovery codes.

use serde_json::json;
use tessera_testkit::Device;

use super::{PASSWORD, confirm, disable};
use crate::app;

#[tokio::test]
async fn neither_the_database_nor_the_log_nor_a_mail_holds_a_secret_in_clear() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let started = ada.post("/user/two_factor", json!({ "current_password": PASSWORD })).await.created();
    let secret = started["otp_secret"].as_str().unwrap().to_owned();
    let device = Device::told(&started);
    let waiting = app.dump().await;
    let confirmed = confirm(&ada, &device.code(&app)).await.created();
    let codes: Vec<String> = confirmed["recovery_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    disable(&ada, PASSWORD, "0123456789abcdef").await;
    let renewed = json!({ "current_password": PASSWORD, "otp_attempt": codes[0] });
    ada.post("/user/two_factor/recovery_codes", renewed).await.created();
    let mails: Vec<String> = app
        .mails()
        .await
        .into_iter()
        .map(|mail| format!("{} {} {}", mail.subject, mail.text, mail.html))
        .collect();
    let mails = mails.join("\n");
    assert!(mails.contains("Two-factor authentication enabled"));

    let (dump, log) = (app.dump().await, app.log());
    assert!(dump.contains("user.enable_two_factor") && dump.contains("ada@people.test"), "the dump is one");
    let raw: Vec<String> = device.secret().iter().map(ToString::to_string).collect();
    let raw = raw[..8].join(", ");
    for (place, text) in
        [("database", &dump), ("database while it waits", &waiting), ("log", &log), ("mails", &mails)]
    {
        assert!(!text.contains(&secret), "{place}: the secret");
        assert!(!text.contains(&raw), "{place}: its bytes");
        assert!(!text.contains(PASSWORD), "{place}: the password");
        for code in &codes {
            assert!(!text.contains(code.as_str()), "{place}: a recovery code");
        }
    }
}

#[tokio::test]
async fn a_secret_copied_to_another_account_opens_nothing() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    let (device, _) = app.two_factor(&ada.client).await;
    app.two_factor(&eve.client).await;
    app.tamper(&format!(
        "UPDATE users SET otp_secret = (SELECT o.otp_secret FROM users o WHERE o.id = {}), otp_consumed_timestep = NULL
         WHERE id = {}",
        ada.id, eve.id
    ))
    .await;
    let refused = disable(&eve.client, PASSWORD, &device.next_code(&app)).await;
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(eve.client.get("/user").await.ok()["two_factor_enabled"].as_bool().unwrap());
    disable(&ada.client, PASSWORD, &device.code(&app)).await.gone();
}
