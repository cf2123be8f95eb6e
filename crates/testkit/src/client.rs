//! Clients: nobody, or the bearer of a token.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use base64::Engine;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body_util::BodyExt;
use serde_json::Value;
use tessera_web::ClientAddress;
use tower::ServiceExt;

use crate::app::{App, TestApp};
use crate::canary::Canary;
use crate::reply::Reply;

/// Where in-process requests come from.
const ADDRESS: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 10));

/// Someone who sends requests.
#[derive(Clone)]
pub struct Client {
    app: App,
    canary: Arc<Canary>,
    url: String,
    token: Option<String>,
    sudo: Option<String>,
}

impl Client {
    pub(crate) fn new(app: &TestApp, token: Option<String>) -> Self {
        let (url, canary) = (app.url().to_owned(), Arc::clone(&app.canary));
        Self { app: app.app.clone(), canary, url, token, sudo: None }
    }

    /// The token of this client.
    ///
    /// # Panics
    /// When it has none.
    pub fn secret(&self) -> &str {
        self.token.as_deref().expect("this client has a token")
    }

    /// Another client of the same instance, with this token.
    #[must_use]
    pub fn bearing(&self, token: &str) -> Self {
        self.canary.watch(token);
        Self { token: Some(token.to_owned()), sudo: None, ..self.clone() }
    }

    /// The same client, acting as somebody else.
    #[must_use]
    pub fn sudo(&self, who: &str) -> Self {
        Self { sudo: Some(who.to_owned()), ..self.clone() }
    }

    /// GET below `/api/v4`.
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// POST below `/api/v4` with a JSON body.
    pub fn post(&self, path: &str, body: Value) -> Request {
        self.request(Method::POST, path).json(&body)
    }

    /// PUT below `/api/v4` with a JSON body.
    pub fn put(&self, path: &str, body: Value) -> Request {
        self.request(Method::PUT, path).json(&body)
    }

    /// DELETE below `/api/v4`.
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// Any verb below `/api/v4`.
    pub fn request(&self, method: Method, path: &str) -> Request {
        self.at(method, &format!("/api/v4{path}"))
    }

    /// Any verb at any path; the token goes along as `PRIVATE-TOKEN`.
    pub fn at(&self, method: Method, path: &str) -> Request {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            headers.insert("private-token", HeaderValue::from_str(token).unwrap());
        }
        if let Some(who) = &self.sudo {
            headers.insert("sudo", HeaderValue::from_str(who).unwrap());
        }
        let client = self.clone();
        let path = path.to_owned();
        Request { client, method, path, headers, body: Vec::new(), from: ADDRESS, real: false }
    }
}

/// A request on its way; `.await` sends it.
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    from: std::net::IpAddr,
    real: bool,
}

impl Request {
    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sets a form as body.
    #[must_use]
    pub fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body)
    }

    /// Sets any body.
    #[must_use]
    pub fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", kind)
    }

    /// Name and password by Basic instead of `PRIVATE-TOKEN`.
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        let login = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.client.canary.watch(&login);
        self.without("private-token").header("authorization", &format!("Basic {login}"))
    }

    /// The token as `Authorization: Bearer` instead of `PRIVATE-TOKEN`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.without("private-token").header("authorization", &format!("Bearer {token}"))
    }

    /// Sends it from another address.
    #[must_use]
    pub fn sent_from(mut self, address: &str) -> Self {
        self.from = address.parse().unwrap();
        self
    }

    /// Sends it over the listener instead of into the application.
    #[must_use]
    pub fn over_http(mut self) -> Self {
        self.real = true;
        self
    }

    async fn send(self) -> Reply {
        let asked = format!("{} {}", self.method, self.path);
        let canary = Arc::clone(&self.client.canary);
        let (status, headers, body) =
            if self.real { self.send_http().await } else { self.send_inside().await };
        let reply = Reply::new(asked, status, headers, body);
        watch(&canary, &reply.json);
        reply
    }

    async fn send_inside(self) -> (u16, HeaderMap, bytes::Bytes) {
        let mut request = http::Request::builder().method(self.method).uri(&self.path);
        *request.headers_mut().unwrap() = self.headers;
        let mut request = request.body(Body::from(self.body)).unwrap();
        request.extensions_mut().insert(ClientAddress(self.from));
        let response = self.client.app.service().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts.status.as_u16(), parts.headers, body.collect().await.unwrap().to_bytes())
    }

    async fn send_http(self) -> (u16, HeaderMap, bytes::Bytes) {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let url = format!("{}{}", self.client.url, self.path);
        let request = client.request(self.method, url).headers(self.headers).body(self.body);
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap())
    }
}

impl IntoFuture for Request {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Every secret that an answer shows must not be logged.
fn watch(canary: &Canary, json: &Value) {
    match json {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(text) if key == "token" || key == "otp_secret" => canary.watch(text),
                    _ if key == "recovery_codes" => {
                        value
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter_map(Value::as_str)
                            .for_each(|code| canary.watch(code));
                    }
                    _ => watch(canary, value),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| watch(canary, item)),
        _ => {}
    }
}
