//! What a page says that cannot be shown: what happened, why, and what to do next.

use askama::Template;
use http::Uri;
use tessera_model::error::Unauthenticated;
use tessera_model::session::Gate;
use tessera_model::{Error, Result};
use tessera_service::Service;

use super::browser::local_path;
use super::frame::Frame;
use super::visit::{host, html, see_other};
use crate::reply::Reply;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    status: u16,
    heading: &'static str,
    text: String,
    advice: &'static str,
    signed_in: bool,
    request_id: String,
}

/// What is said of an error.
struct Words {
    status: u16,
    heading: &'static str,
    text: String,
    advice: &'static str,
}

fn words(status: u16, heading: &'static str, text: impl Into<String>, advice: &'static str) -> Words {
    Words { status, heading, text: text.into(), advice }
}

/// Answers with an error: leads to what is to be done first, or says what is the matter.
pub(super) fn render(
    service: &Service,
    error: &Error,
    uri: &Uri,
    posted: bool,
    signed_in: bool,
    request_id: &str,
) -> Reply {
    if let Error::Unauthenticated(why) = error
        && let Some(to) = leads_to(*why, uri, posted)
    {
        return see_other(&to);
    }
    if let Error::Internal(source) = error {
        tracing::error!(error = %source, request_id, "a page could not be shown");
    }
    page(service, words_for(error), signed_in, request_id).unwrap_or_else(|fault| {
        tracing::error!(error = %fault, request_id, "the page of an error could not be shown");
        Reply::empty(500)
    })
}

/// A form whose proof does not fit.
pub(super) fn stale_form(service: &Service, request_id: &str) -> Reply {
    let words = words(
        422,
        "This form is out of date",
        "It was made for another session, or your browser sent no cookie with it. Nothing was changed.",
        "Go back, reload the page and send the form again. Cookies must be allowed for this site.",
    );
    page(service, words, false, request_id).unwrap_or_else(|_| Reply::empty(422))
}

fn page(service: &Service, words: Words, signed_in: bool, request_id: &str) -> Result<Reply> {
    let frame = Frame::new(words.heading, host(service), None, String::new());
    let Words { status, heading, text, advice } = words;
    let page =
        ErrorPage { frame, status, heading, text, advice, signed_in, request_id: request_id.to_owned() };
    html(status, &page)
}

/// Where somebody who is not known, or not known enough, is led.
fn leads_to(why: Unauthenticated, uri: &Uri, posted: bool) -> Option<String> {
    match why {
        Unauthenticated::Gate(Gate::SecondFactor) => Some("/users/sign_in/second_factor".to_owned()),
        Unauthenticated::Gate(Gate::NewPassword) => Some("/users/password".to_owned()),
        Unauthenticated::Gate(Gate::SetUpTwoFactor) => Some("/-/profile/two_factor_auth".to_owned()),
        Unauthenticated::NotPermitted => None,
        _ => Some(sign_in_from(uri, posted)),
    }
}

/// The address of the form for signing in, which leads back to where somebody wanted to go.
fn sign_in_from(uri: &Uri, posted: bool) -> String {
    let back = uri.path_and_query().map(http::uri::PathAndQuery::as_str).filter(|_| !posted);
    match back.and_then(local_path).filter(|path| *path != "/") {
        Some(path) => {
            let path: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            format!("/users/sign_in?return_to={path}")
        }
        None => "/users/sign_in".to_owned(),
    }
}

fn words_for(error: &Error) -> Words {
    const BACK: &str = "Go back and try again, or start from your projects.";
    match error {
        Error::Unauthenticated(Unauthenticated::NotPermitted)
        | Error::Forbidden(None)
        | Error::InsufficientScope(_) => words(
            403,
            "You may not do this",
            "You are signed in, but your role does not allow it here.",
            "Ask somebody with the role Maintainer or Owner, or an administrator for pages of the whole instance.",
        ),
        Error::Forbidden(Some(text)) => words(
            403,
            "You may not do this",
            text.clone(),
            "Ask an administrator if this should be otherwise.",
        ),
        Error::Unauthenticated(_) => words(
            401,
            "Sign in first",
            "This page is for people who are signed in.",
            "Sign in and try again.",
        ),
        Error::NotFound(_) | Error::MethodNotAllowed => words(
            404,
            "There is nothing here",
            "The address leads nowhere, or to something that you may not see.",
            "Check the address. If somebody sent it to you, ask them to make you a member.",
        ),
        Error::TooMany(seconds) => words(
            429,
            "Too many attempts",
            format!(
                "There were too many attempts from your address or for this account. Wait {seconds} seconds."
            ),
            "Then try again. If you forgot your password, an administrator can set a new one.",
        ),
        Error::TooLarge => {
            words(413, "That is too large", "What was sent is larger than this page takes.", BACK)
        }
        Error::BadRequest(text) => words(400, "This cannot be done", text.clone().unwrap_or_default(), BACK),
        Error::Invalid(fields) => {
            let all: Vec<String> =
                fields.iter().map(|(field, text)| format!("{} {text}", field.replace('_', " "))).collect();
            words(422, "This cannot be done", all.join(", "), BACK)
        }
        Error::Parameters(text)
        | Error::Refused(text)
        | Error::Keyset(text)
        | Error::Conflict(text)
        | Error::Unprocessable(text)
        | Error::NotAcceptable(text)
        | Error::UnsupportedType(text) => words(422, "This cannot be done", text.clone(), BACK),
        Error::TwoCarriers | Error::PreconditionFailed => words(400, "This cannot be done", "", BACK),
        Error::Unavailable(_) => words(
            503,
            "The server cannot answer now",
            "Its database does not answer. Nothing was changed.",
            "Try again in a minute. If it lasts, tell whoever operates this server.",
        ),
        Error::Internal(_) => words(
            500,
            "Something broke on the server",
            "It is a fault of the server, not of what you did. It was written into its log.",
            "Try again. If it happens again, tell whoever operates this server the number below.",
        ),
    }
}
