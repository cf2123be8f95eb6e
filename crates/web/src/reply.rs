//! An answer before it becomes bytes of HTTP.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Status, headers and body of an answer.
pub(crate) struct Reply {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Body,
}

impl Reply {
    /// A JSON body.
    pub(crate) fn json<V: Serialize + ?Sized>(status: u16, view: &V) -> Self {
        let bytes = match serde_json::to_vec(view) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                return Self::json_text(500, r#"{"message":"500 Internal Server Error"}"#.to_owned());
            }
        };
        Self::bytes(status, JSON, bytes.into())
    }

    /// A JSON body that is written already.
    pub(crate) fn json_text(status: u16, text: String) -> Self {
        Self::bytes(status, JSON, text.into())
    }

    /// Any body.
    pub(crate) fn bytes(status: u16, kind: HeaderValue, body: Bytes) -> Self {
        Self::stream(status, kind, Body::from(body))
    }

    /// A body that comes piece by piece.
    pub(crate) fn stream(status: u16, kind: HeaderValue, body: Body) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers: vec![(CONTENT_TYPE, kind)], body }
    }

    /// No body.
    pub(crate) fn empty(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers: Vec::new(), body: Body::empty() }
    }

    /// Adds headers.
    pub(crate) fn with_headers(
        mut self,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Adds a header; a value that HTTP cannot carry is left out.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// Marks an answer that holds a secret: nobody between us and the client may keep it.
    pub(crate) fn secret(self) -> Self {
        self.with_header(CACHE_CONTROL, "no-store")
    }

    /// The HTTP answer.
    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.reserve(self.headers.len() + 8);
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}
