//! The site: the rows of the pages, opened by sessions and by nothing else (D24, L4, L5). Everything works without
//! JavaScript; nothing is asked of another host.

mod admin;
mod aliases;
mod assets;
mod browser;
mod choice;
mod code;
mod complaints;
mod error;
mod form;
mod frame;
mod groups;
mod home;
mod issues;
mod markdown;
mod members;
mod paging;
mod path;
mod people;
mod places;
mod project;
mod prose;
mod seen_by;
mod session;
mod settings;
mod tokens;
mod visit;
mod when;
mod who;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};

use async_compression::Level;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::BodyExt as _;
use tessera_model::operation::{Method, Row};
use tessera_model::{Error, Result};
use tessera_service::Ask;

use crate::access_log::Line;
use crate::call::domain_error;
use crate::metrics::OperationMetrics;
use crate::params;
use crate::{ClientAddress, Web};
use browser::{Cookies, is_foreign};
use form::Form;
use path::{Places, Template};
use visit::{Page, Visit};

/// The largest form.
const LARGEST_FORM: usize = 1 << 20;
/// Smaller pages are sent as they are.
const WORTH_PACKING: usize = 1400;

/// Pages load what we serve and nothing else, run no script or style of their own, and stand in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Serves one row.
type Handler = fn(Arc<Web>, Request, Places, String) -> Pin<Box<dyn Future<Output = Answered> + Send>>;

struct Route {
    row: Row,
    template: Template,
    handler: Handler,
    metrics: OperationMetrics,
}

/// The rows of the pages, the closer ones first; shared by every request.
pub(crate) struct Routes(Vec<Route>);

fn route<Op: Page>(web: &Web) -> Route {
    let handler: Handler = |web, request, places, id| Box::pin(answer::<Op>(web, request, places, id));
    Route {
        row: Op::ROW,
        template: Template::new(Op::ROW.path),
        handler,
        metrics: web.metrics.of(Op::ROW.name),
    }
}

/// Gives every operation of the noun to [`route`]: without a page this does not compile.
macro_rules! routes_of {
    ($($operation:ty),*) => { |web| vec![ $( route::<$operation>(web) ),* ] };
}

const NOUNS: &[fn(&Web) -> Vec<Route>] = &[
    tessera_model::session_pages!(routes_of),
    tessera_model::settings_pages!(routes_of),
    tessera_model::home_pages!(routes_of),
    tessera_model::code_pages!(routes_of),
    tessera_model::issue_pages!(routes_of),
    tessera_model::project_pages!(routes_of),
    tessera_model::token_pages!(routes_of),
    tessera_model::group_pages!(routes_of),
    tessera_model::admin_pages!(routes_of),
];

/// An answer, and for the log whose question it was.
struct Answered {
    response: Response,
    ask: Option<Arc<Ask>>,
}

impl Routes {
    /// The routes of all rows.
    pub(crate) fn new(web: &Web) -> Self {
        let mut all: Vec<Route> = NOUNS.iter().flat_map(|noun| noun(web)).collect();
        all.sort_by(|one, other| one.template.cmp(&other.template));
        Self(all)
    }

    fn find(&self, method: Method, path: &str) -> Option<(&Route, Places)> {
        let parts = path::parts(path);
        let mut rows = self.0.iter().filter(|route| route.row.method == method);
        rows.find_map(|route| Some((route, route.template.places(&parts)?)))
    }

    /// Serves what is no other surface's.
    pub(crate) async fn serve(&self, web: Arc<Web>, request: Request) -> Response {
        let method = match *request.method() {
            http::Method::GET | http::Method::HEAD => Some(Method::Get),
            http::Method::POST => Some(Method::Post),
            _ => None,
        };
        let path = request.uri().path();
        if method == Some(Method::Get) {
            if let Some(asset) = assets::serve(path, request.headers()).await {
                return asset;
            }
            if let Some(to) = aliases::resolve(request.uri()) {
                return finish(visit::see_other(&to).into_response(), &HeaderMap::new()).await;
            }
        }
        let started = web.clock.monotonic();
        web.metrics.in_flight.inc();
        let request_id = web.request_id();
        let address = request.extensions().get::<ClientAddress>().map(|address| address.0.to_string());
        let (head, headers) = (request.method() == http::Method::HEAD, request.headers().clone());
        let found = method.and_then(|method| self.find(method, path));
        let (name, metrics, answered) = match found {
            Some((route, places)) => {
                let answered = (route.handler)(Arc::clone(&web), request, places, request_id.clone()).await;
                (route.row.name, Some(&route.metrics), answered)
            }
            None => ("UnknownPage", None, unknown(&web, &request, &request_id)),
        };
        let mut response = finish(answered.response, &headers).await;
        response.headers_mut().extend(HeaderValue::from_str(&request_id).map(|value| (REQUEST_ID, value)));
        web.metrics.in_flight.dec();
        let took = web.clock.monotonic().saturating_sub(started);
        let status = response.status().as_u16();
        if let Some(metrics) = metrics {
            metrics.count(status, took.as_secs_f64());
        }
        let principal = answered.ask.as_ref().and_then(|ask| ask.principal());
        web.access_log.write(&Line {
            at: web.clock.now(),
            request_id: &request_id,
            operation: name,
            status,
            micros: took.as_micros(),
            address: address.as_deref().unwrap_or_default(),
            principal: principal.map(|principal| (principal.username.as_str(), principal.token_id)),
        });
        if head {
            *response.body_mut() = Body::empty();
        }
        response
    }
}

/// An address that no row has. Nobody is asked to sign in for it: there is nothing to see.
fn unknown(web: &Web, request: &Request, request_id: &str) -> Answered {
    let signed_in = Cookies::new(web.service.external_url()).secret(request.headers()).is_some();
    let error = Error::missing("");
    let reply = error::render(&web.service, &error, request.uri(), false, signed_in, request_id);
    Answered { response: reply.into_response(), ask: None }
}

async fn answer<Op: Page>(web: Arc<Web>, request: Request, places: Places, request_id: String) -> Answered {
    let (parts, body) = request.into_parts();
    let posted = Op::ROW.method == Method::Post;
    let secret = Cookies::new(web.service.external_url()).secret(&parts.headers);
    let form = match receive(&parts, body, places).await {
        Ok(form) => form,
        Err(error) => {
            let reply =
                error::render(&web.service, &error, &parts.uri, posted, secret.is_some(), &request_id);
            return Answered { response: reply.into_response(), ask: None };
        }
    };
    if posted {
        let ours = secret
            .as_ref()
            .is_some_and(|secret| web.service.is_form_token(secret, form.text("authenticity_token")));
        if !ours || is_foreign(&parts.headers) {
            return Answered {
                response: error::stale_form(&web.service, &request_id).into_response(),
                ask: None,
            };
        }
    }
    let visit = Visit::<Op>::new(Arc::clone(&web), &parts, secret, form, &request_id);
    let outcome = visit.outcome();
    let served = Op::serve(visit).await;
    let signed_in = outcome.caller.get().is_some_and(|caller| caller.user.is_some());
    let reply = served.unwrap_or_else(|error| {
        web.service.note_refusal(&outcome.ask, &Op::ROW, &error);
        let known = signed_in || outcome.ask.principal().is_some();
        error::render(&web.service, &error, &parts.uri, posted, known, &request_id)
    });
    let mut response = reply.into_response();
    let cookie = outcome.cookie.lock().unwrap_or_else(PoisonError::into_inner).take();
    let cookie = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok());
    response.headers_mut().extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    if let Some(caller) = outcome.caller.get() {
        web.service.session_seen(caller, &outcome.ask).await;
    }
    Answered { response, ask: Some(outcome.ask) }
}

/// Reads a form.
async fn receive(parts: &http::request::Parts, body: Body, places: Places) -> Result<Form> {
    let params = params::collect(parts, body, &[], LARGEST_FORM).await;
    Ok(Form::new(params.map_err(|error| domain_error(&error))?, places))
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Adds the headers that every page has, where the page says nothing else, and packs it for who unpacks it.
async fn finish(response: Response, asked: &HeaderMap) -> Response {
    let (mut parts, body) = response.into_parts();
    let usual: [(HeaderName, &'static str); 7] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, "DENY"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (OPENER, "same-origin"),
        // Pages are somebody's own: no cache keeps them, and going back asks anew.
        (CACHE_CONTROL, "no-store"),
        (VARY, "Accept-Encoding, Cookie"),
    ];
    for (name, value) in usual {
        parts.headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let is_html =
        parts.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_html || !assets::takes_gzip(asked) {
        return Response::from_parts(parts, body);
    }
    let Ok(whole) = body.collect().await else { return Response::from_parts(parts, Body::empty()) };
    let whole = whole.to_bytes();
    if whole.len() < WORTH_PACKING {
        return Response::from_parts(parts, Body::from(whole));
    }
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.remove(CONTENT_LENGTH);
    let packed = assets::gzip(&whole, Level::Fastest).await;
    Response::from_parts(parts, Body::from(packed))
}
