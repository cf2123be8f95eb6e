//! REST API v4: the routes of the table.

mod error;
mod v4;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use http::header::{ALLOW, CACHE_CONTROL, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderName, HeaderValue, StatusCode};
use tessera_model::operation::{Method, Row};
use tessera_service::TokenUse;

use crate::Web;
use crate::access_log::Line;
use crate::call::{Call, Endpoint};
use crate::metrics::OperationMetrics;
use crate::reply::Reply;

/// One row of the table with its handler.
pub(crate) struct Route {
    row: Row,
    handler: MethodRouter<Arc<Web>>,
}

/// The route of an operation: exists only for operations that have an [`Endpoint`].
pub(crate) fn route<Op: Endpoint>(web: &Web) -> Route {
    let metrics = web.metrics.of(Op::ROW.name);
    let handle = move |State(web): State<Arc<Web>>, path: RawPathParams, request: Request| {
        let metrics = metrics.clone();
        async move { answer::<Op>(web, path, request, &metrics).await }
    };
    let handler = match Op::ROW.method {
        Method::Get => get(handle),
        Method::Post => post(handle),
        Method::Put => put(handle),
        Method::Patch => patch(handle),
        Method::Delete => delete(handle),
    };
    Route { row: Op::ROW, handler }
}

/// The router of all rows. A known path answers OPTIONS, and an unknown verb as an unknown path.
pub(crate) fn router(web: &Web) -> Router<Arc<Web>> {
    let mut paths: BTreeMap<&'static str, (MethodRouter<Arc<Web>>, Vec<&'static str>)> = BTreeMap::new();
    for Route { row, handler } in v4::routes(web) {
        let (methods, names) = paths.entry(row.path).or_insert_with(|| (MethodRouter::new(), Vec::new()));
        *methods = std::mem::take(methods).merge(handler);
        names.push(row.method.name());
        if row.method == Method::Get {
            names.push("HEAD");
        }
    }
    let mut router = Router::new();
    for (path, (methods, names)) in paths {
        let allow = format!("OPTIONS, {}", names.join(", "));
        let methods = methods.options(move || async move { options(&allow) });
        router = router.route(&template(path), methods.fallback(unknown));
    }
    router
}

/// `/projects/:id` of the table is `/api/v4/projects/{id}` of the router.
fn template(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix(':') {
        Some(name) => format!("{{{name}}}"),
        None => part.to_owned(),
    });
    format!("/api/v4{}", parts.collect::<Vec<_>>().join("/"))
}

fn options(allow: &str) -> Response {
    Reply::empty(204).with_header(ALLOW, allow).into_response()
}

/// What is no route of the API.
pub(crate) async fn unknown(State(web): State<Arc<Web>>, request: Request) -> Response {
    let path = request.uri().path();
    let reply = if path.starts_with("/api/v3/") || path == "/api/v3" {
        Reply::json_text(410, r#"{"error":"API V3 is no longer supported. Use API V4 instead."}"#.to_owned())
    } else {
        Reply::json_text(404, r#"{"error":"404 Not Found"}"#.to_owned())
    };
    finish(&web, reply.into_response(), &web.request_id(), Duration::ZERO)
}

async fn answer<Op: Endpoint>(
    web: Arc<Web>,
    path: RawPathParams,
    request: Request,
    metrics: &OperationMetrics,
) -> Response {
    let started = web.clock.monotonic();
    web.metrics.in_flight.inc();
    let request_id = web.request_id();
    let (parts, body) = request.into_parts();
    let path: Vec<(&str, &str)> = path.iter().collect();
    let (outcome, ask) = match Call::<Op>::receive(Arc::clone(&web), &parts, body, &path, &request_id).await {
        Ok(call) => {
            let ask = Arc::clone(call.ask());
            let outcome = Op::serve(call).await;
            if let Err(error) = &outcome {
                web.service.note_refusal(&ask, &Op::ROW, error);
            }
            (outcome, Some(ask))
        }
        Err(error) => (Err(error), None),
    };
    let (reply, plain) = match outcome {
        Ok(reply) => (reply, true),
        Err(error) => error::render(&error, &request_id),
    };
    let took = web.clock.monotonic().saturating_sub(started);
    let response = reply.into_response();
    let status = response.status().as_u16();
    metrics.count(status, took.as_secs_f64());
    web.metrics.in_flight.dec();
    let principal = ask.as_ref().and_then(|ask| ask.principal());
    web.access_log.write(&Line {
        at: web.clock.now(),
        request_id: &request_id,
        operation: Op::ROW.name,
        status,
        micros: took.as_micros(),
        address: ask.as_ref().map_or("", |ask| &ask.meta.address),
        principal: principal.map(|principal| (principal.username.as_str(), principal.token_id)),
    });
    if let (Some(ask), Some(token_id)) = (&ask, principal.and_then(|principal| principal.token_id)) {
        web.service.note_use(&TokenUse {
            token_id,
            address: &ask.meta.address,
            operation: Op::ROW.name,
            project_id: ask.project_id(),
            status,
        });
    }
    if plain { finish(&web, response, &request_id, took) } else { response }
}

const META: HeaderName = HeaderName::from_static("x-gitlab-meta");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RUNTIME: HeaderName = HeaderName::from_static("x-runtime");

/// The headers that every answer of GitLab's API carries; clients detect a GitLab by `X-Gitlab-Meta`.
fn finish(_web: &Web, mut response: Response, request_id: &str, took: Duration) -> Response {
    let ok = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    if !headers.contains_key(CACHE_CONTROL) {
        let value = if ok { "max-age=0, private, must-revalidate" } else { "no-cache" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
    }
    let meta = format!("{{\"correlation_id\":\"{request_id}\",\"version\":\"1\"}}");
    headers.extend(HeaderValue::from_str(&meta).map(|value| (META, value)));
    headers.extend(HeaderValue::from_str(request_id).map(|value| (REQUEST_ID, value)));
    headers
        .extend(HeaderValue::from_str(&format!("{:.6}", took.as_secs_f64())).map(|value| (RUNTIME, value)));
    response
}
