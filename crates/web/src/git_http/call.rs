//! One Git request, from its credential to its streamed answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{CACHE_CONTROL, EXPIRES, PRAGMA, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};
use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_service::git_access::{GitService, Opened, Protocol, Session};
use tessera_service::{Meta, Principal, Service};

use super::body::{self, Pieces};
use super::{credential, error};
use crate::reply::Reply;
use crate::{ClientAddress, Web};

/// The handler of one row of Git. It is called with the repository that was opened for the row's
/// operation: there is no way to answer without the judgement.
pub(super) trait GitEndpoint: Operation + Sized {
    /// Serves the request.
    fn serve(call: GitCall, opened: Opened<Self>) -> impl Future<Output = Result<Reply>> + Send;
}

/// A Git request that passed the judgement.
pub(super) struct GitCall {
    web: Arc<Web>,
    headers: HeaderMap,
    body: Body,
}

impl GitCall {
    /// The use cases.
    pub(super) fn service(&self) -> &Service {
        &self.web.service
    }

    /// Which version of the protocol the client asks for; what git could not read counts as unsaid.
    pub(super) fn protocol(&self) -> Protocol {
        Protocol::from_header(self.headers.get("git-protocol").and_then(|value| value.to_str().ok()))
    }

    /// The request's body, as it comes.
    ///
    /// # Errors
    /// 415.
    pub(super) fn take_body(&mut self, service: GitService) -> Result<Pieces> {
        body::receive(&self.headers, std::mem::take(&mut self.body), service)
    }

    /// The body of a push; `None` for the empty one by which a client learns whether it is let in.
    ///
    /// # Errors
    /// 415.
    pub(super) async fn take_push(&mut self) -> Result<Option<Pieces>> {
        let body = self.take_body(GitService::ReceivePack)?;
        Ok(body::unless_probe(&self.headers, body).await)
    }
}

/// The advertisement or the result of a service.
pub(super) fn streamed(session: Session, service: GitService, part: &str) -> Reply {
    answered(Body::from_stream(session.into_stream()), service, part)
}

/// The result of a service that has nothing to say.
pub(super) fn nothing(service: GitService) -> Reply {
    answered(Body::empty(), service, "result")
}

fn answered(body: Body, service: GitService, part: &str) -> Reply {
    let kind = HeaderValue::from_str(&format!("application/x-{}-{part}", service.name()));
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    Reply::stream(200, kind, body).with_headers([
        (CACHE_CONTROL, HeaderValue::from_static("no-cache, max-age=0, must-revalidate")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
        (EXPIRES, HeaderValue::from_static("Fri, 01 Jan 1980 00:00:00 GMT")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ])
}

/// An answer, and for the log whose question it was.
pub(super) struct Answered {
    pub(super) response: Response,
    pub(super) address: String,
    pub(super) principal: Option<Principal>,
}

/// Answers a request to the row of `Op`.
pub(super) async fn answer<Op: GitEndpoint>(
    web: Arc<Web>,
    request: Request,
    path: String,
    request_id: String,
) -> Answered {
    let (parts, body) = request.into_parts();
    let address = parts.extensions.get::<ClientAddress>().map(|address| address.0.to_string());
    let meta = Meta {
        address: address.clone().unwrap_or_default(),
        request_id: request_id.clone(),
        received_at: web.service.now(),
        surface: Some(Op::ROW.surface),
    };
    let presented = credential::of_git(&parts.headers);
    let (principal, opened) = web.service.open_repository::<Op>(presented, meta, &path).await;
    let served = match opened {
        Ok(opened) => {
            let call = GitCall { web: Arc::clone(&web), headers: parts.headers, body };
            Op::serve(call, opened).await
        }
        Err(error) => Err(error),
    };
    let response = match served {
        Ok(reply) => reply.into_response(),
        Err(error) => error::render(&error, &Op::ROW, web.service.external_url(), &request_id),
    };
    Answered { response, address: address.unwrap_or_default(), principal }
}
