//! What administrators see and do.

use serde_json::json;
use tessera_testkit::Method;

use super::{PASSWORD, flag, refs};
use crate::app;

#[tokio::test]
async fn administrators_see_who_has_a_second_factor() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    app.two_factor(&ada.client).await;
    let names = async |filter: &str| app.admin().get(&format!("/users?{filter}")).await.each("username");
    assert_eq!(names("two_factor=enabled").await, ["ada"]);
    assert_eq!(names("two_factor=disabled").await, ["eve", "root"]);
    assert_eq!(names("two_factor=other").await, ["eve", "ada", "root"]);
    assert_eq!(
        eve.client.get("/users?two_factor=enabled").await.each("username").len(),
        3,
        "passed over for others"
    );
    assert!(flag(&app.admin().get(&format!("/users/{}", ada.id)).await.ok()));
    assert!(!flag(&app.admin().get(&format!("/users/{}", eve.id)).await.ok()));
    assert!(eve.client.get(&format!("/users/{}", ada.id)).await.ok().get("two_factor_enabled").is_none());
    let listed = app.admin().get("/users?username=ada").await.ok();
    assert!(flag(&listed[0]));
}

#[tokio::test]
async fn an_administrator_takes_it_from_whoever_lost_their_device() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    ada.client.project("demo").await;
    app.two_factor(&ada.client).await;
    let path = |id: i64| format!("/users/{id}/disable_two_factor");
    let patch =
        async |client: &tessera_testkit::Client, id: i64| client.request(Method::PATCH, &path(id)).await;
    assert_eq!(patch(&eve.client, ada.id).await.to_string(), r#"403 {"message":"403 Forbidden"}"#);
    assert_eq!(patch(&app.anonymous(), ada.id).await.status, 401);
    assert_eq!(patch(&app.admin(), 99_999).await.to_string(), r#"404 {"message":"404 User Not Found"}"#);
    assert_eq!(
        patch(&app.admin(), 1).await.to_string(),
        r#"403 {"message":"403 Forbidden - Two-factor authentication for admins cannot be disabled via the API. Use the Rails console"}"#
    );
    assert_eq!(
        patch(&app.admin(), eve.id).await.to_string(),
        r#"400 {"message":"400 Bad request - Two-factor authentication is not enabled for this user"}"#
    );
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 401);
    patch(&app.admin(), ada.id).await.gone();
    assert_eq!(refs(&app.anonymous(), "ada", PASSWORD).await.status, 200);
    assert!(!flag(&ada.client.get("/user").await.ok()));
    let subjects: Vec<String> = app.mails().await.into_iter().map(|mail| mail.subject).collect();
    assert!(subjects.contains(&"Two-factor authentication disabled".to_owned()), "{subjects:?}");
    let events = app.admin().get("/audit_events").await.ok();
    let event =
        events.as_array().unwrap().iter().find(|event| event["event_name"] == "user_disable_two_factor");
    let event = event.unwrap();
    assert_eq!((&event["author_id"], &event["details"]["target_details"]), (&json!(1), &json!("ada")));
}
