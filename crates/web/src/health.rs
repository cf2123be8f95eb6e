//! Health, readiness and metrics, as monitors ask for them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use crate::Web;

const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");
const NO_STORE: (header::HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// `{"status":"ok"}` when requests can be served.
pub(crate) async fn health(State(web): State<Arc<Web>>) -> Response {
    answer(&web, r#"{"status":"ok"}"#, r#"{"status":"failed"}"#).await
}

/// GitLab's form of the same.
pub(crate) async fn readiness(State(web): State<Arc<Web>>) -> Response {
    let ok = r#"{"status":"ok","master_check":[{"status":"ok"}],"db_check":[{"status":"ok"}]}"#;
    let failed = r#"{"status":"failed","master_check":[{"status":"ok"}],"db_check":[{"status":"failed","message":"the database does not answer"}]}"#;
    answer(&web, ok, failed).await
}

async fn answer(web: &Web, ok: &'static str, failed: &'static str) -> Response {
    match web.service.ping().await {
        Ok(()) => ([JSON, NO_STORE], ok).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, [JSON, NO_STORE], failed).into_response(),
    }
}

/// The process lives.
pub(crate) async fn liveness() -> Response {
    ([JSON, NO_STORE], r#"{"status":"ok"}"#).into_response()
}

/// Prometheus' text.
pub(crate) async fn metrics(State(web): State<Arc<Web>>) -> Response {
    let kind = (header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let ends = web.service.token_ends().await;
    if let Err(error) = &ends {
        tracing::warn!(%error, "tokens could not be counted");
    }
    ([kind, NO_STORE], web.metrics.text(web.service.ledger_dropped(), ends.ok().as_ref())).into_response()
}
