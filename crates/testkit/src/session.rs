//! A browser without JavaScript: it keeps its cookie, reads pages and sends their forms.

use std::sync::Mutex;

use http::Method;

use crate::app::{ROOT_PASSWORD, TestApp};
use crate::client::{Client, Request};
use crate::reply::Reply;
use crate::world::PASSWORD;

/// Somebody in a browser.
pub struct Session {
    client: Client,
    cookie: Mutex<Option<String>>,
}

impl TestApp {
    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Session {
        Session { client: self.anonymous(), cookie: Mutex::new(None) }
    }

    /// A browser in which this person of the story is signed in; `root` is the administrator.
    pub async fn session(&self, username: &str) -> Session {
        let session = self.browser();
        let password = if username == "root" { ROOT_PASSWORD } else { PASSWORD };
        let reply = session.sign_in(username, password).await;
        assert_eq!(reply.status, 303, "{username} could not sign in: {reply}");
        session
    }
}

impl Session {
    /// Signs in by the form.
    pub async fn sign_in(&self, username: &str, password: &str) -> Reply {
        self.submit("/users/sign_in", "/users/sign_in", &[("login", username), ("password", password)]).await
    }

    /// The page at a path, without being led on.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.client.at(Method::GET, path)).await
    }

    /// The page at a path, led on where it leads on.
    pub async fn visit(&self, path: &str) -> Reply {
        let mut reply = self.get(path).await;
        for _ in 0..5 {
            if reply.status != 303 {
                break;
            }
            reply = self.get(reply.header("location")).await;
        }
        reply
    }

    /// Reads a page and sends a form of it: with the proof that stands on that page.
    ///
    /// # Panics
    /// When the page has no form.
    pub async fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let shown = self.get(page).await;
        let proof = proof_on(&shown.text()).unwrap_or_else(|| panic!("{page} has no form: {shown}"));
        let mut all = vec![("authenticity_token", &*proof)];
        all.extend(fields);
        self.post(action, &all).await
    }

    /// Sends fields just as they are.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        self.send(self.client.at(Method::POST, path).form(&body.join("&"))).await
    }

    /// The cookie, as `name=value`.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// Takes a cookie for its own.
    pub fn take_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap() = cookie;
    }

    /// A request with the cookie, to be changed before it is sent.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let request = self.client.at(method, path);
        match self.cookie() {
            Some(cookie) => request.header("cookie", &cookie),
            None => request,
        }
    }

    async fn send(&self, request: Request) -> Reply {
        let request = match self.cookie() {
            Some(cookie) => request.header("cookie", &cookie),
            None => request,
        };
        let reply = request.await;
        if let Some(set) = reply.headers.get("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let kept = !pair.ends_with('=');
            *self.cookie.lock().unwrap() = kept.then_some(pair);
        }
        reply
    }
}

/// The proof in the first form of a page.
pub fn proof_on(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("name=\"authenticity_token\" value=\"")?;
    Some(rest.split('"').next()?.to_owned())
}

fn escape(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
