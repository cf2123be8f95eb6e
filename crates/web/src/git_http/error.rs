//! How the domain's error looks to a Git client: a status and words, which git shows to its user
//! (semantics sheet 5.2 and 5.6).

use axum::response::Response;
use http::header::{CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use tessera_model::Error;
use tessera_model::error::Unauthenticated;
use tessera_model::operation::{Access, Row};

use super::TEXT;
use crate::reply::Reply;

const CHALLENGE: &str = "Basic realm=\"GitLab\"";
const DENIED: &str = "HTTP Basic: Access denied";
const MISSING: &str =
    "The project you were looking for could not be found or you don't have permission to view it.";

/// Renders why a request to a row was not served.
pub(super) fn render(error: &Error, row: &Row, external_url: &str, request_id: &str) -> Response {
    reply(error, row, external_url, request_id).into_response()
}

fn reply(error: &Error, row: &Row, external_url: &str, request_id: &str) -> Reply {
    match error {
        // Without a challenge git gives up at once, where asking its user for a password would be in vain.
        Error::Unauthenticated(why @ (Unauthenticated::TwoFactor | Unauthenticated::PasswordsOff)) => {
            let reason = match why {
                Unauthenticated::TwoFactor => {
                    "Two-factor authentication is enabled or required for this account"
                }
                _ => "Passwords are not taken here",
            };
            text(
                401,
                &format!(
                    "{DENIED}\n{reason}: use a personal access token with read_repository or write_repository \
                     scope for Git over HTTP.\n\
                     {external_url}/-/user_settings/personal_access_tokens\n"
                ),
            )
        }
        Error::Unauthenticated(_) => text(
            401,
            &format!(
                "{DENIED}. The user name with this password, or the token given in its place, is wrong, \
                 expired or revoked, or none was given.\n"
            ),
        )
        .with_header(WWW_AUTHENTICATE, CHALLENGE),
        Error::InsufficientScope(_) if row.access == Access::Write => {
            text(403, "You are not allowed to upload code.")
        }
        Error::InsufficientScope(_) => text(403, "You are not allowed to download code."),
        Error::Forbidden(reason) => text(403, reason.as_deref().unwrap_or("Forbidden")),
        Error::NotFound(_) => text(404, MISSING),
        Error::MethodNotAllowed => text(405, "This kind of credential has no such operation."),
        Error::TooLarge => text(413, "The request body is too large."),
        Error::UnsupportedType(what) => text(415, what),
        Error::TooMany(seconds) => {
            text(429, &format!("Too many failed attempts. Try again in {seconds} seconds.\n"))
                .with_header(RETRY_AFTER, &seconds.to_string())
        }
        Error::Unavailable(why) => text(503, why).with_header(RETRY_AFTER, "1"),
        Error::BadRequest(Some(reason))
        | Error::Refused(reason)
        | Error::Parameters(reason)
        | Error::Keyset(reason) => text(400, reason),
        Error::BadRequest(None) | Error::Invalid(_) | Error::TwoCarriers => text(400, "Bad request"),
        Error::Conflict(reason) => text(409, reason),
        Error::PreconditionFailed => text(412, "Precondition failed"),
        Error::Unprocessable(reason) | Error::NotAcceptable(reason) => text(422, reason),
        Error::Internal(source) => {
            tracing::error!(request_id, error = %source, "a Git request ended in a fault");
            text(500, "Internal Server Error").with_header(CONNECTION, "close")
        }
    }
}

fn text(status: u16, words: &str) -> Reply {
    Reply::bytes(status, TEXT, words.to_owned().into())
}

#[cfg(test)]
mod tests {
    use tessera_model::operation::Operation;
    use tessera_model::operation::git::{ReceivePack, UploadPack};
    use tessera_model::scope::Scope;

    use super::*;

    #[test]
    fn every_credential_that_is_not_good_gets_the_challenge() {
        use Unauthenticated::{Expired, ImpersonationOff, Missing, NotPermitted, Revoked, Unknown};
        for why in [Missing, Unknown, Expired, Revoked, ImpersonationOff, NotPermitted] {
            let error = Error::Unauthenticated(why);
            let response = render(&error, &UploadPack::ROW, "https://host", "1");
            assert_eq!(response.status(), 401);
            assert_eq!(response.headers()[WWW_AUTHENTICATE], "Basic realm=\"GitLab\"");
        }
    }

    #[test]
    fn where_a_token_is_needed_git_is_not_asked_again() {
        for why in [Unauthenticated::TwoFactor, Unauthenticated::PasswordsOff] {
            let response = render(&Error::Unauthenticated(why), &UploadPack::ROW, "https://host", "1");
            assert_eq!(response.status(), 401);
            assert!(!response.headers().contains_key(WWW_AUTHENTICATE));
        }
    }

    #[test]
    fn a_scope_that_is_too_small_names_the_direction() {
        let error = || Error::InsufficientScope(vec![Scope::Api].into());
        for (row, length) in [(UploadPack::ROW, 37), (ReceivePack::ROW, 35)] {
            let response = render(&error(), &row, "https://host", "1");
            assert_eq!(response.status(), 403);
            let body = http_body::Body::size_hint(response.body()).exact();
            assert_eq!(body, Some(length), "{}", row.name);
        }
    }
}
