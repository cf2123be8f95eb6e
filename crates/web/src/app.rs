//! The router, built from the operation table, and what every request shares.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use http::Uri;
use http::uri::PathAndQuery;
use tessera_model::time::Clock;
use tessera_service::Service;
use tower::util::MapRequestLayer;
use tower::{Layer, Service as TowerService};

use crate::access_log::AccessLog;
use crate::metrics::Metrics;
use crate::{git_http, health, rest, ui};

/// What the surfaces need to know beside the service.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The largest body of a REST request, in bytes.
    pub rest_body_limit: usize,
    /// Part of each request's number: differs from start to start.
    pub boot_id: u64,
}

/// Shared by every request.
pub struct Web {
    /// The use cases.
    pub service: Service,
    /// What is counted.
    pub metrics: Metrics,
    /// Measures durations.
    pub clock: Arc<dyn Clock>,
    /// Limits.
    pub config: WebConfig,
    /// One line a request.
    pub access_log: AccessLog,
    requests: AtomicU64,
}

impl Web {
    /// Puts the parts together.
    pub fn new(service: Service, clock: Arc<dyn Clock>, config: WebConfig, access_log: AccessLog) -> Self {
        Self { service, metrics: Metrics::new(), clock, config, access_log, requests: AtomicU64::new(0) }
    }

    /// A number for a request that no other request has.
    pub(crate) fn request_id(&self) -> String {
        format!("{:016x}{:08x}", self.config.boot_id, self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

/// The address of the client, put into a request's extensions by the listener.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Builds the whole HTTP side.
pub fn app(
    web: Arc<Web>,
) -> impl TowerService<Request, Response = Response, Error = std::convert::Infallible, Future: Send> + Clone + Send
{
    let git = Arc::new(git_http::Routes::new(&web));
    let pages = Arc::new(ui::Routes::new(&web));
    let others = move |State(web): State<Arc<Web>>, request: Request| {
        let (git, pages) = (Arc::clone(&git), Arc::clone(&pages));
        async move { git.serve(web, request, &pages).await }
    };
    let router = Router::new()
        .route("/-/health", get(health::health))
        .route("/-/readiness", get(health::readiness))
        .route("/-/liveness", get(health::liveness))
        .route("/-/metrics", get(health::metrics))
        .merge(rest::router(&web))
        .fallback(others)
        .with_state(web);
    MapRequestLayer::new(forgive).layer(router)
}

/// Squeezes repeated slashes of the API and forgives one at the end, as clients expect; a suffix
/// `.json` is dropped where no file or branch could be called so.
fn forgive(mut request: Request) -> Request {
    let path = request.uri().path();
    if !path.starts_with("/api/") {
        return request;
    }
    let suffix = path.strip_suffix(".json").is_some()
        && !path.contains("/repository/")
        && !path.contains("/protected_");
    if !path.contains("//") && !path.ends_with('/') && !suffix {
        return request;
    }
    let path = if suffix { path.trim_end_matches(".json") } else { path };
    let mut clean = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !part.is_empty()) {
        clean.push('/');
        clean.push_str(part);
    }
    if let Some(query) = request.uri().query() {
        clean.push('?');
        clean.push_str(query);
    }
    if let Ok(path_and_query) = clean.parse::<PathAndQuery>() {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forgiven(uri: &str) -> String {
        let request = Request::builder().uri(uri).body(axum::body::Body::empty()).unwrap();
        forgive(request).uri().to_string()
    }

    #[test]
    fn slashes_and_suffixes_of_clients() {
        assert_eq!(forgiven("/api/v4/features//x"), "/api/v4/features/x");
        assert_eq!(forgiven("/api/v4/features/?a=//"), "/api/v4/features?a=//");
        assert_eq!(forgiven("/api/v4/projects.json?page=2"), "/api/v4/projects?page=2");
        assert_eq!(
            forgiven("/api/v4/projects/1/repository/branches/a.json"),
            "/api/v4/projects/1/repository/branches/a.json"
        );
        assert_eq!(forgiven("/a//b.git/info/refs"), "/a//b.git/info/refs");
    }
}
