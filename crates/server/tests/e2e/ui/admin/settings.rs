//! The settings of the instance.

use serde_json::Value;

use crate::app;

const PATH: &str = "/admin/application_settings/general";

#[tokio::test]
async fn only_what_is_changed_is_changed() {
    let app = app().await;
    let root = app.session("root").await;
    let shown = root.get(PATH).await.text();
    assert!(
        shown.contains("Longest lifetime") && shown.contains("no token that exists is changed"),
        "{shown}"
    );
    let fields = [
        ("max_personal_access_token_lifetime", " 90 "),
        ("require_personal_access_token_expiry", "0"),
        ("require_personal_access_token_expiry", "1"),
        ("personal_access_token_prefix", "glpat-"),
        ("outbound_local_requests_whitelist", "a.test\r\n10.0.0.0/8"),
        ("user_cap", ""),
    ];
    let saved = root.submit(PATH, PATH, &fields).await;
    assert_eq!((saved.status, saved.header("location")), (303, PATH));
    let shown = root.get(PATH).await.text();
    assert!(shown.contains("3 settings were changed.") && shown.contains("value=\"90\""), "{shown}");
    let settings = app.admin().get("/application/settings").await.ok();
    assert_eq!(settings["max_personal_access_token_lifetime"], 90);
    assert_eq!(settings["require_personal_access_token_expiry"], true);
    assert_eq!(settings["outbound_local_requests_whitelist"].as_array().unwrap().len(), 2);
    let events = app.admin().get("/audit_events?per_page=100").await.ok();
    let count =
        events.as_array().unwrap().iter().filter(|event| event["event_name"] == "setting_update").count();
    assert_eq!(count, 3);

    let again = root.submit(PATH, PATH, &fields).await;
    assert_eq!(again.status, 303);
    assert!(root.get(PATH).await.text().contains("Nothing was changed."));
}

#[tokio::test]
async fn a_wrong_value_is_said_at_its_field_and_nothing_is_changed() {
    let app = app().await;
    let root = app.session("root").await;
    let fields = [
        ("minimum_password_length", "4"),
        ("max_personal_access_token_lifetime", "30"),
        ("user_cap", "many"),
    ];
    let refused = root.submit(PATH, PATH, &fields).await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    assert!(text.contains("Shortest password must be greater than or equal to 8."), "{text}");
    assert!(text.contains("Seats is not a number.") && text.contains("There are 2 problems"), "{text}");
    assert!(
        text.contains("value=\"30\"") && text.contains("value=\"many\""),
        "what was typed stands there again"
    );
    let settings = app.admin().get("/application/settings").await.ok();
    assert_eq!(settings["max_personal_access_token_lifetime"], Value::Null);
}
