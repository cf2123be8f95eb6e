//! Web hooks.

use serde_json::{Map, Value, json};
use tessera_model::web_hook::{Alert, EVENTS};
use tessera_service::web_hooks::{Event, Seen};

/// A hook. Of its tokens nothing is told but whether they are there.
pub(crate) fn hook(seen: &Seen) -> Value {
    let hook = &seen.hook;
    let disabled_until = match seen.alert {
        Alert::TemporarilyDisabled(until) => Some(until),
        Alert::Executable | Alert::Disabled => None,
    };
    let mut object = Map::new();
    let mut add = |name: &str, value: Value| object.insert(name.to_owned(), value);
    add("id", json!(hook.id));
    add("url", json!(seen.url));
    add("name", json!(hook.name));
    add("description", json!(hook.description));
    add("created_at", json!(hook.created_at));
    add("project_id", json!(hook.project_id));
    for name in EVENTS {
        add(name, json!(hook.events.hears(name)));
    }
    // An event of the instance's hooks alone.
    add("repository_update_events", json!(false));
    add("enable_ssl_verification", json!(hook.verifies_tls));
    add("alert_status", json!(seen.alert.name()));
    add("disabled_until", json!(disabled_until));
    add("url_variables", json!([]));
    add("push_events_branch_filter", json!(hook.branch_filter));
    add("branch_filter_strategy", json!(hook.branch_strategy));
    add("custom_webhook_template", Value::Null);
    add("custom_headers", json!([]));
    add("token_present", json!(seen.token_present));
    add("signing_token_present", json!(seen.signing_token_present));
    Value::Object(object)
}

/// A call of a hook. Durations are in seconds.
pub(crate) fn event(url: &str, event: &Event) -> Value {
    let read = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    #[expect(clippy::cast_precision_loss, reason = "a call takes some seconds")]
    let seconds = event.micros as f64 / 1_000_000.0;
    json!({
        "id": event.id,
        "url": url,
        "trigger": event.trigger,
        "request_headers": read(&event.request_headers),
        "request_data": read(&event.request_body),
        "response_headers": read(&event.response_headers),
        "response_body": event.response_body,
        "execution_duration": seconds,
        "response_status": event.status.map_or_else(|| "internal error".to_owned(), |status| status.to_string()),
        "internal_error_message": event.error,
        "created_at": event.created_at,
    })
}
