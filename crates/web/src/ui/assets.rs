//! Stylesheet, script and mark, compiled in. Their addresses hold a digest of their content, so that browsers may keep
//! them for ever and never show an old one.

use std::sync::LazyLock;

use async_compression::Level;
use async_compression::tokio::bufread::GzipEncoder;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::AsyncReadExt as _;

/// Below it stand all of them.
const FOLDER: &str = "/-/assets/";

/// One of them.
pub(super) struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static [u8],
    address: LazyLock<String>,
    zipped: tokio::sync::OnceCell<Bytes>,
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset {
            name: $name,
            kind: $kind,
            content: include_bytes!(concat!("../../assets/", $name)),
            address: LazyLock::new(|| {
                let content = include_bytes!(concat!("../../assets/", $name));
                format!("{FOLDER}{:08x}/{}", crc32fast::hash(content), $name)
            }),
            zipped: tokio::sync::OnceCell::const_new(),
        }
    };
}

pub(super) static STYLE: Asset = asset!("style.css", "text/css; charset=utf-8");
pub(super) static SCRIPT: Asset = asset!("site.js", "text/javascript; charset=utf-8");
static ICON: Asset = asset!("icon.svg", "image/svg+xml");

static ALL: [&Asset; 3] = [&STYLE, &SCRIPT, &ICON];

impl Asset {
    /// Where it is found.
    pub(super) fn address(&'static self) -> &'static str {
        &self.address
    }

    async fn answer(&'static self, headers: &HeaderMap, for_ever: bool) -> Response {
        let mut response = if takes_gzip(headers) {
            let zipped = self.zipped.get_or_init(|| gzip(self.content, Level::Best)).await;
            let mut response = Response::new(Body::from(zipped.clone()));
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        } else {
            Response::new(Body::from(self.content))
        };
        let age = if for_ever { "public, max-age=31536000, immutable" } else { "public, max-age=86400" };
        let all: [(HeaderName, &'static str); 4] = [
            (CONTENT_TYPE, self.kind),
            (CACHE_CONTROL, age),
            (VARY, "Accept-Encoding"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        response.headers_mut().extend(all.map(|(name, value)| (name, HeaderValue::from_static(value))));
        response
    }
}

/// Whether a client unpacks gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(http::header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| {
        accepted.split(',').any(|one| {
            let (name, weight) = one.split_once(';').unwrap_or((one, ""));
            name.trim().eq_ignore_ascii_case("gzip") && weight.trim() != "q=0"
        })
    })
}

/// The same, packed.
pub(super) async fn gzip(content: &[u8], level: Level) -> Bytes {
    let mut packed = Vec::with_capacity(content.len() / 2);
    let mut encoder = GzipEncoder::with_quality(content, level);
    // Reading memory cannot fail.
    let _ = encoder.read_to_end(&mut packed).await;
    packed.into()
}

/// Answers for an asset; `None` for any other address.
pub(super) async fn serve(path: &str, headers: &HeaderMap) -> Option<Response> {
    if path == "/favicon.ico" {
        return Some(ICON.answer(headers, false).await);
    }
    let rest = path.strip_prefix(FOLDER)?;
    let name = rest.rsplit('/').next().unwrap_or(rest);
    let asset = ALL.iter().find(|asset| asset.name == name)?;
    Some(asset.answer(headers, path == asset.address()).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_gzip() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            takes_gzip(&headers)
        };
        assert!(with("gzip") && with("br, GZIP;q=0.5") && with("deflate,gzip"));
        assert!(!with("br") && !with("gzip;q=0") && !with(""));
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
