//! `/:path/-/raw/…`: the bytes of a file, as what can do no harm in a browser.

use axum::body::Body;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY};
use tessera_model::operation::code_pages::ShowRaw;
use tessera_model::{Error, Result};
use tessera_service::repository::Content;
use tessera_service::repository::browse::{Shown, raw};

use super::{lead_on, open, preferred, rest};
use crate::reply::Reply;
use crate::ui::visit::{Page, Visit};
use crate::view;

/// Nothing of it is run, whatever it is.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The kind of picture that bytes begin as, of those that every browser shows and none runs.
fn picture(bytes: &[u8]) -> Option<&'static str> {
    let begins = |with: &[u8]| bytes.starts_with(with);
    if begins(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if begins(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if begins(b"GIF87a") || begins(b"GIF89a") {
        Some("image/gif")
    } else if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

/// Whether bytes are a picture that a page shows.
pub(super) fn is_image(bytes: &[u8]) -> bool {
    picture(bytes).is_some()
}

impl Page for ShowRaw {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let opened = open(&visit).await?;
        let (form, service) = (visit.form(), visit.service());
        let shown =
            raw::get::<Self>(service, visit.ask(), &opened.place, &rest(form)?, preferred(form)).await?;
        let found = match shown {
            Shown::Found(found) => found,
            Shown::Elsewhere { at: found, kind } => {
                return lead_on(&visit, opened.proof, &opened.at, &found, kind);
            }
            Shown::Empty => return Err(Error::missing("Page")),
        };
        let name = found.blob.path.name();
        let (kind, inline, body) = match found.content {
            Content::Held(bytes) => match picture(&bytes) {
                Some(kind) => (HeaderValue::from_static(kind), true, Body::from(bytes)),
                None if std::str::from_utf8(&bytes).is_ok() && !bytes.contains(&0) => {
                    (TEXT, true, Body::from(bytes))
                }
                None => (BYTES, false, Body::from(bytes)),
            },
            Content::Streamed(pieces) => (BYTES, false, Body::from_stream(pieces.into_stream())),
        };
        let reply = Reply::stream(200, kind, body)
            .with_header(CONTENT_SECURITY_POLICY, POLICY)
            .with_header(CONTENT_LENGTH, &found.blob.size.to_string());
        let reply = if inline { reply } else { reply.with_header(CONTENT_DISPOSITION, &attachment(&name)) };
        Ok(visit.raw(opened.proof, reply))
    }
}

/// What makes a browser keep a file instead of showing it.
fn attachment(name: &str) -> String {
    view::file::disposition(name).replacen("inline", "attachment", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_bytes_and_never_by_their_name() {
        assert_eq!(picture(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(picture(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        for other in [&b"<svg xmlns='http://www.w3.org/2000/svg'>"[..], b"<html>", b"", b"GIF8"] {
            assert_eq!(picture(other), None);
        }
    }
}
