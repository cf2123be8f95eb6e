//! What a call looks like to its receiver, and to those who manage the project.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use serde_json::{Value, json};
use tessera_model::web_hook::SigningKey;
use tessera_testkit::courier::Called;

use super::World;

/// 32 bytes of seven.
const SIGNING: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A call with what differs from run to run blotted out.
fn shown(call: &Called) -> String {
    let blot = |name: &str, value: &str| match name {
        "Idempotency-Key" | "X-Gitlab-Webhook-UUID" | "X-Gitlab-Event-UUID" | "webhook-id" => {
            let parts: Vec<usize> = value.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{name}: {value}");
            "[uuid]".to_owned()
        }
        "webhook-signature" => "[signature]".to_owned(),
        _ => value.to_owned(),
    };
    let headers: Vec<String> =
        call.headers.iter().map(|(name, value)| format!("{name}: {}", blot(name, value))).collect();
    format!("POST {} to {}\n{}\n\n{}", call.url, call.addresses.join(" "), headers.join("\n"), call.body)
}

fn verify(call: &Called) {
    let id = call.header("webhook-id");
    assert_eq!(id, call.header("Idempotency-Key"));
    let seconds = call.header("webhook-timestamp").parse().unwrap();
    let code = SigningKey::new([7; 32].into()).sign(id, seconds, call.body.as_bytes());
    assert_eq!(call.header("webhook-signature"), format!("v1,{}", STANDARD.encode(code.as_slice())));
}

#[tokio::test]
async fn a_call_is_gitlabs_and_signed() {
    let world = World::with(json!({ "token": "open sesame", "signing_token": SIGNING })).await;
    world.token("ci", "2027-03-16").await;
    world.at("2027-03-09", 1).await;
    let calls = world.app.courier.take();
    assert_eq!(calls.len(), 1);
    assert!(calls[0].verifies_tls);
    verify(&calls[0]);
    assert_snapshot!(shown(&calls[0]), @r#"
    POST https://ci.example.com/hook?for=tokens to 93.184.215.14:443
    Content-Type: application/json
    User-Agent: Tessera/0.1.0
    Idempotency-Key: [uuid]
    X-Gitlab-Event: Resource Access Token Hook
    X-Gitlab-Webhook-UUID: [uuid]
    X-Gitlab-Instance: http://tessera.test
    X-Gitlab-Event-UUID: [uuid]
    X-Gitlab-Token: open sesame
    webhook-id: [uuid]
    webhook-timestamp: 1804554000
    webhook-signature: [signature]

    {"object_kind":"access_token","project":{"id":1,"name":"demo","description":"","web_url":"http://tessera.test/ada/demo","avatar_url":null,"git_ssh_url":"git@tessera.test:ada/demo.git","git_http_url":"http://tessera.test/ada/demo.git","namespace":"Ada","visibility_level":0,"path_with_namespace":"ada/demo","default_branch":null,"ci_config_path":null,"homepage":"http://tessera.test/ada/demo","url":"git@tessera.test:ada/demo.git","ssh_url":"git@tessera.test:ada/demo.git","http_url":"http://tessera.test/ada/demo.git"},"object_attributes":{"user_id":3,"created_at":"2027-03-04 08:15:30 UTC","id":3,"name":"ci","expires_at":"2027-03-16","last_used_at":null},"event_name":"expiring_access_token","interval":"seven_days"}
    "#);
}

#[tokio::test]
async fn without_tokens_nothing_is_signed_and_a_login_in_the_url_is_sent_as_basic() {
    let url = "https://user:p%40ss@ci.example.com:8443/hook";
    let world = World::with(json!({ "url": url, "enable_ssl_verification": false })).await;
    world.token("ci", "2027-03-16").await;
    world.at("2027-03-09", 1).await;
    let calls = world.app.courier.take();
    assert!(!calls[0].verifies_tls);
    assert_snapshot!(shown(&calls[0]).lines().take(10).collect::<Vec<_>>().join("\n"), @r"
    POST https://ci.example.com:8443/hook to 93.184.215.14:8443
    Content-Type: application/json
    User-Agent: Tessera/0.1.0
    Idempotency-Key: [uuid]
    X-Gitlab-Event: Resource Access Token Hook
    X-Gitlab-Webhook-UUID: [uuid]
    X-Gitlab-Instance: http://tessera.test
    X-Gitlab-Event-UUID: [uuid]
    Authorization: Basic dXNlcjpwQHNz
    ");
    let events = world.ada.get(&format!("{}/events", world.hook)).await.json.to_string();
    assert!(!events.contains("dXNlcjpwQHNz"), "the login is not listed: {events}");
}

#[tokio::test]
async fn the_list_of_calls_tells_what_became_of_them() {
    let world = World::with(json!({ "token": "open sesame" })).await;
    world.token("ci", "2027-03-16").await;
    world.app.courier.answer(500);
    world.app.courier.fail("the receiver took longer than 10 seconds");
    world.at("2027-03-09", 1).await;
    world.later(60).await;
    world.later(120).await;
    assert_eq!(world.told().len(), 3);
    let path = format!("{}/events", world.hook);
    let events = world.ada.get(&path).await;
    assert_eq!(events.each("response_status"), ["200", "internal error", "500"], "the youngest first");
    let keys: Vec<&Value> = events
        .json
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["request_headers"]["Idempotency-Key"])
        .collect();
    assert!(keys[0] == keys[1] && keys[1] == keys[2], "the same call bears the same number: {keys:?}");
    let mut first = events.json[1].clone();
    first["request_headers"] =
        json!(first["request_headers"].as_object().unwrap().keys().collect::<Vec<_>>());
    assert_eq!(first["request_data"]["event_name"], "expiring_access_token");
    first["request_data"] = json!("…");
    assert!(first["execution_duration"].as_f64().unwrap() >= 0.0);
    first["execution_duration"] = json!("…");
    assert_snapshot!(first, @r#"{"id":2,"url":"https://ci.example.com/hook?for=tokens","trigger":"resource_access_token_hooks","request_headers":["Content-Type","User-Agent","Idempotency-Key","X-Gitlab-Event","X-Gitlab-Webhook-UUID","X-Gitlab-Instance","X-Gitlab-Event-UUID","X-Gitlab-Token"],"request_data":"…","response_headers":{},"response_body":"","execution_duration":"…","response_status":"internal error","internal_error_message":"the receiver took longer than 10 seconds","created_at":"2027-03-09T01:01:00.000Z"}"#);
    assert!(!events.json.to_string().contains("open sesame"));
    for (status, expected) in [
        ("successful", vec!["200"]),
        ("server_failure", vec!["internal error", "500"]),
        ("500", vec!["500"]),
        ("successful,500", vec!["200", "500"]),
        ("client_failure", vec![]),
    ] {
        let found = world.ada.get(&format!("{path}?status={status}")).await;
        assert_eq!(found.each("response_status"), expected, "{status}");
    }
    let wrong = world.ada.get(&format!("{path}?status=fine")).await;
    assert_eq!(wrong.to_string(), r#"400 {"error":"status does not have a valid value"}"#);
    let id = events.json[2]["id"].clone();
    let again = world.ada.post(&format!("{path}/{id}/resend"), json!({})).await;
    assert_eq!(again.to_string(), r#"201 {"response_status":200}"#);
    let sent = world.app.courier.take();
    assert_eq!(json!(sent[0].header("Idempotency-Key")), *keys[0]);
    assert_eq!(world.ada.post(&format!("{path}/987/resend"), json!({})).await.status, 404);
    world.at("2027-03-17", 4).await;
    assert_eq!(world.ada.get(&path).await.ok(), json!([]), "a week later they are forgotten");
}

#[tokio::test]
async fn a_hook_can_be_tried() {
    let world = World::new().await;
    world.token("ci", "2027-12-31").await;
    let trial = |trigger: &str| world.ada.post(&format!("{}/test/{trigger}", world.hook), json!({}));
    let done = trial("resource_access_token_events").await;
    assert_eq!(done.to_string(), r#"201 {"message":"201 Created"}"#);
    let calls = world.app.courier.take();
    let body: Value = serde_json::from_str(&calls[0].body).unwrap();
    assert_snapshot!(body["object_attributes"], @r#"{"user_id":3,"created_at":"2027-03-04 08:15:30 UTC","id":1,"name":"pat_for_webhook_event","expires_at":"2027-03-06","last_used_at":null}"#);
    world.app.courier.answer(404);
    assert_eq!(
        trial("resource_access_token_events").await.to_string(),
        r#"422 {"message":"the receiver answered 404"}"#
    );
    assert_eq!(
        trial("push_events").await.to_string(),
        r#"422 {"message":"Testing not available for this hook"}"#
    );
    assert_eq!(
        trial("magic_events").await.to_string(),
        r#"400 {"error":"trigger does not have a valid value"}"#
    );
}
