//! Request bodies: checked, unpacked and passed on as they come.

use std::io;
use std::time::Duration;

use async_compression::tokio::bufread::GzipDecoder;
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use tessera_model::{Error, Result};
use tessera_service::git_access::GitService;
use tokio_util::io::{ReaderStream, StreamReader};

/// How long a client may leave us waiting for the next piece. It may be busy packing meanwhile.
const PATIENCE: Duration = Duration::from_mins(5);
/// Room for one piece of an unpacked body.
const PIECE: usize = 64 * 1024;

/// A list of commands that ends where it begins.
const PROBE: &[u8] = b"0000";
const PROBE_LENGTH: &str = "4";

/// A body as git takes it.
pub(super) type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// Checks what a body says of itself and unpacks it on its way.
///
/// # Errors
/// 415 for another type or encoding than git's.
pub(super) fn receive(headers: &HeaderMap, body: Body, service: GitService) -> Result<Pieces> {
    let wanted = format!("application/x-{}-request", service.name());
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(&wanted) {
        return Err(Error::UnsupportedType(format!("The content type must be {wanted}.")));
    }
    let raw = patient(body.into_data_stream().map_err(io::Error::other).boxed());
    let encoding = headers.get(CONTENT_ENCODING).map_or(Ok(""), |value| value.to_str().map(str::trim));
    match encoding.map(str::to_ascii_lowercase).as_deref() {
        Ok("" | "identity") => Ok(raw),
        Ok("gzip" | "x-gzip") => {
            let plain = GzipDecoder::new(StreamReader::new(raw));
            Ok(ReaderStream::with_capacity(plain, PIECE).boxed())
        }
        _ => Err(Error::UnsupportedType("The content encoding must be gzip or identity.".to_owned())),
    }
}

/// The body of a push, unless it is the empty one that git sends ahead of a large one, to learn whether it is let in
/// before it sends what it could not send twice: git has nothing to say to that.
pub(super) async fn unless_probe(headers: &HeaderMap, body: Pieces) -> Option<Pieces> {
    if headers.get(CONTENT_LENGTH).is_none_or(|length| length != PROBE_LENGTH) {
        return Some(body);
    }
    let pieces: Vec<io::Result<Bytes>> = body.collect().await;
    let said = pieces.iter().flatten().flat_map(|piece| piece.iter());
    let probe = pieces.iter().all(Result::is_ok) && said.eq(PROBE);
    (!probe).then(|| stream::iter(pieces).boxed())
}

/// Ends in an error when the next piece lets us wait too long.
fn patient(pieces: Pieces) -> Pieces {
    let next = |state: Option<Pieces>| async move {
        let mut pieces = state?;
        match tokio::time::timeout(PATIENCE, pieces.next()).await {
            Ok(Some(piece)) => Some((piece, Some(pieces))),
            Ok(None) => None,
            Err(_) => {
                let why = io::Error::new(io::ErrorKind::TimedOut, "the client stopped sending");
                Some((Err(why), None))
            }
        }
    };
    stream::unfold(Some(pieces), next).boxed()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(kind: &'static str, encoding: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.extend(encoding.map(|encoding| (CONTENT_ENCODING, HeaderValue::from_static(encoding))));
        headers
    }

    const UPLOAD: &str = "application/x-git-upload-pack-request";

    #[tokio::test]
    async fn packed_bodies_arrive_unpacked() {
        use async_compression::tokio::bufread::GzipEncoder;
        use tokio::io::AsyncReadExt;
        let text = b"0032want 0123456789012345678901234567890123456789\n".repeat(4000);
        let mut packed = Vec::new();
        GzipEncoder::new(&text[..]).read_to_end(&mut packed).await.unwrap();
        assert!(packed.len() < text.len() / 10);
        for (encoding, sent) in [(Some("gzip"), &packed), (Some("x-gzip"), &packed), (None, &text)] {
            let pieces =
                receive(&headers(UPLOAD, encoding), Body::from(sent.clone()), GitService::UploadPack);
            let got: Vec<Bytes> = pieces.unwrap().try_collect().await.unwrap();
            assert_eq!(got.concat(), text, "{encoding:?}");
        }
        packed.truncate(packed.len() / 2);
        let pieces = receive(&headers(UPLOAD, Some("gzip")), Body::from(packed), GitService::UploadPack);
        let got: io::Result<Vec<Bytes>> = pieces.unwrap().try_collect().await;
        assert!(got.is_err(), "a body that was cut is not taken for a whole one");
    }

    #[tokio::test]
    async fn only_an_empty_push_is_a_probe() {
        let rest = async |length: Option<&'static str>, pieces: &'static [&'static str]| {
            let mut headers = HeaderMap::new();
            headers.extend(length.map(|length| (CONTENT_LENGTH, HeaderValue::from_static(length))));
            let body = stream::iter(pieces).map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).boxed();
            match unless_probe(&headers, body).await {
                Some(body) => body.try_collect::<Vec<Bytes>>().await.ok().map(|pieces| pieces.concat()),
                None => None,
            }
        };
        assert_eq!(rest(Some("4"), &["0000"]).await, None);
        assert_eq!(rest(Some("4"), &["00", "00"]).await, None);
        assert_eq!(rest(Some("4"), &["0001"]).await.unwrap(), b"0001");
        assert_eq!(rest(Some("4"), &["00"]).await.unwrap(), b"00");
        assert_eq!(rest(Some("8"), &["0000", "0000"]).await.unwrap(), b"00000000");
        assert_eq!(rest(None, &["0000"]).await.unwrap(), b"0000", "a stream is not held up");
    }

    #[test]
    fn other_types_and_encodings_are_refused() {
        let try_it =
            |kind, encoding, service| receive(&headers(kind, encoding), Body::empty(), service).is_ok();
        assert!(try_it(UPLOAD, None, GitService::UploadPack));
        assert!(try_it(
            "Application/X-Git-Upload-Pack-Request; a=b",
            Some("identity"),
            GitService::UploadPack
        ));
        assert!(!try_it(UPLOAD, None, GitService::ReceivePack));
        assert!(!try_it("text/plain", None, GitService::UploadPack));
        assert!(!try_it(UPLOAD, Some("br"), GitService::UploadPack));
        assert!(receive(&HeaderMap::new(), Body::empty(), GitService::UploadPack).is_err());
    }
}
