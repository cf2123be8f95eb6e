//! Git over HTTP: the rows of the table under the paths of repositories.
//!
//! Repository paths have any number of parts, which the router cannot match: what no route takes comes
//! here first and is told apart by its end.

mod body;
mod call;
mod credential;
mod endpoints;
mod error;
mod path;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};
use tessera_model::operation::{Method, Row};
use tessera_service::TokenUse;

use crate::access_log::Line;
use crate::metrics::OperationMetrics;
use crate::reply::Reply;
use crate::{Web, rest, ui};
use call::{Answered, GitEndpoint};
use path::Target;

/// Serves one row.
type Handler = fn(Arc<Web>, Request, String, String) -> Pin<Box<dyn Future<Output = Answered> + Send>>;

/// One row with its handler.
struct Route {
    row: Row,
    handler: Handler,
    metrics: OperationMetrics,
}

/// The rows of Git; shared by every request.
pub(crate) struct Routes(Vec<Route>);

fn route<Op: GitEndpoint>(web: &Web) -> Route {
    let handler: Handler = |web, request, path, id| Box::pin(call::answer::<Op>(web, request, path, id));
    Route { row: Op::ROW, handler, metrics: web.metrics.of(Op::ROW.name) }
}

/// Gives every operation of the noun to [`route`]: without an endpoint this does not compile.
macro_rules! routes_of {
    ($($operation:ty),*) => { |web: &Web| vec![ $( route::<$operation>(web) ),* ] };
}

impl Routes {
    /// The routes of all rows.
    pub(crate) fn new(web: &Web) -> Self {
        let all: fn(&Web) -> Vec<Route> = tessera_model::git!(routes_of);
        Self(all(web))
    }

    fn find(&self, method: Method, template: &str) -> Option<&Route> {
        self.0.iter().find(|route| route.row.method == method && route.row.path == template)
    }

    /// Serves what no other route took: Git's own, the rest of the API, and the pages.
    pub(crate) async fn serve(&self, web: Arc<Web>, request: Request, pages: &ui::Routes) -> Response {
        let target = path::target(request.method(), request.uri());
        let (method, template, path) = match target {
            Target::Service { method, template, path } => (method, template, path),
            Target::Redirect(to) => return redirect(&web, &to),
            Target::HeadOfRefs => return plain(StatusCode::FORBIDDEN, ""),
            Target::Dumb => {
                return plain(StatusCode::FORBIDDEN, "The command you're trying to execute is not allowed.");
            }
            Target::Other if request.uri().path().starts_with("/api/") => {
                return rest::unknown(axum::extract::State(web), request).await;
            }
            Target::Other => return pages.serve(web, request).await,
        };
        let Some(route) = self.find(method, template) else {
            return plain(StatusCode::FORBIDDEN, "The command you're trying to execute is not allowed.");
        };
        let started = web.clock.monotonic();
        web.metrics.in_flight.inc();
        let request_id = web.request_id();
        let answered = (route.handler)(Arc::clone(&web), request, path, request_id.clone()).await;
        let Answered { mut response, address, principal } = answered;
        web.metrics.in_flight.dec();
        let took = web.clock.monotonic().saturating_sub(started);
        let status = response.status().as_u16();
        route.metrics.count(status, took.as_secs_f64());
        web.access_log.write(&Line {
            at: web.clock.now(),
            request_id: &request_id,
            operation: route.row.name,
            status,
            micros: took.as_micros(),
            address: &address,
            principal: principal.as_ref().map(|principal| (principal.username.as_str(), principal.token_id)),
        });
        if let Some((principal, token_id)) =
            principal.as_ref().and_then(|found| Some((found, found.token_id?)))
        {
            web.service.note_use(&TokenUse {
                token_id,
                address: &address,
                operation: route.row.name,
                project_id: principal.project_id,
                status,
            });
        }
        response.headers_mut().extend(HeaderValue::from_str(&request_id).map(|value| (REQUEST_ID, value)));
        response
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// An answer in words.
fn plain(status: StatusCode, text: &'static str) -> Response {
    Reply::bytes(status.as_u16(), TEXT, text.into()).into_response()
}

/// Where the repository's real address is; told to everybody, whether it exists or not.
fn redirect(web: &Web, to: &str) -> Response {
    let base = web.service.external_url();
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    // Only the path: the client stays with the host that it has credentials for.
    let below = rest.find('/').map_or("", |at| &rest[at..]);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    let location = HeaderValue::from_str(&format!("{below}{to}"));
    response.headers_mut().extend(location.map(|value| (LOCATION, value)));
    response
}
