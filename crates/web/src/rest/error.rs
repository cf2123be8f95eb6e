//! How the domain's error looks in REST: GitLab's statuses and bodies (semantics sheet 1.4).

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::{Map, Value, json};
use tessera_model::Error;
use tessera_model::error::Unauthenticated;
use tessera_model::scope::{Scope, ScopeSet};

use crate::reply::Reply;

/// Renders an error. The second value says whether the answer carries the API's usual headers: those
/// that GitLab's OAuth library writes do not.
pub(super) fn render(error: &Error, request_id: &str) -> (Reply, bool) {
    match error {
        Error::Unauthenticated(Unauthenticated::Expired) => {
            (dead_token("Token is expired. You can either do re-authorization or token refresh."), false)
        }
        Error::Unauthenticated(Unauthenticated::Revoked) => {
            (dead_token("Token was revoked. You have to re-authorize from the user."), false)
        }
        Error::Unauthenticated(Unauthenticated::ImpersonationOff) => {
            (dead_token("Token is an impersonation token but impersonation was disabled."), false)
        }
        Error::InsufficientScope(named) => (insufficient_scope(named), false),
        other => (plain(other, request_id), true),
    }
}

fn plain(error: &Error, request_id: &str) -> Reply {
    match error {
        Error::Unauthenticated(_) => message(401, "401 Unauthorized"),
        Error::TwoCarriers => Reply::json(
            400,
            &json!({
                "error": "invalid_request",
                "error_description": "Both Authorization header and payload includes access token.",
            }),
        ),
        Error::Parameters(text) => Reply::json(400, &json!({ "error": text })),
        Error::Invalid(fields) => Reply::json(400, &json!({ "message": by_field(fields) })),
        Error::BadRequest(None) => message(400, "400 Bad request"),
        Error::BadRequest(Some(reason)) => message(400, &format!("400 Bad request - {reason}")),
        Error::Refused(text) => message(400, text),
        Error::NotFound(what) if what == Error::RECORD => message(404, "404 Not found"),
        Error::NotFound(what) if what.is_empty() => message(404, "404 Not Found"),
        Error::NotFound(what) => message(404, &format!("404 {what} Not Found")),
        Error::Forbidden(None) => message(403, "403 Forbidden"),
        Error::Forbidden(Some(reason)) => message(403, &format!("403 Forbidden - {reason}")),
        Error::MethodNotAllowed => message(405, "405 Method Not Allowed"),
        Error::Keyset(text) => Reply::json(405, &json!({ "error": text })),
        Error::Conflict(text) => message(409, text),
        Error::PreconditionFailed => message(412, "412 Precondition Failed"),
        Error::TooLarge => Reply::json(413, &json!({ "error": "The request body is too large" })),
        Error::UnsupportedType(text) => Reply::json(415, &json!({ "error": text })),
        Error::Unprocessable(text) => message(422, text),
        Error::NotAcceptable(text) => Reply::json(422, &json!({ "error": text })),
        Error::TooMany(seconds) => Reply::json(
            429,
            &json!({ "message": { "error": format!("Too many failed attempts. Try again in {seconds} seconds.") } }),
        )
        .with_header(RETRY_AFTER, &seconds.to_string()),
        Error::Unavailable(text) => message(503, text).with_header(RETRY_AFTER, "1"),
        Error::InsufficientScope(named) => insufficient_scope(named),
        Error::Internal(source) => {
            tracing::error!(request_id, error = %source, "a request ended in a fault");
            message(500, "500 Internal Server Error")
        }
    }
}

fn message(status: u16, text: &str) -> Reply {
    Reply::json(status, &json!({ "message": text }))
}

fn by_field(fields: &[(&'static str, String)]) -> Map<String, Value> {
    let mut object = Map::new();
    for (field, complaint) in fields {
        let list = object.entry(*field).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!(complaint));
        }
    }
    object
}

fn dead_token(description: &str) -> Reply {
    let challenge = format!(
        "Bearer realm=\"Protected by OAuth 2.0\", error=\"invalid_token\", error_description=\"{description}\""
    );
    Reply::json(401, &json!({ "error": "invalid_token", "error_description": description }))
        .with_header(WWW_AUTHENTICATE, &challenge)
}

fn insufficient_scope(named: &[Scope]) -> Reply {
    let scope = named.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ");
    debug_assert!(!ScopeSet::of(named).is_empty());
    Reply::json(
        403,
        &json!({
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the access token.",
            "scope": scope,
        }),
    )
}
