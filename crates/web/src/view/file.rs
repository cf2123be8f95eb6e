//! Files: what is told of one in the body and in headers, and its content.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use tessera_service::repository::{Content, FileShown};

/// Everything but what RFC 8187 lets stand in a file name.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A file; its content is added behind.
#[derive(Serialize)]
struct FileView<'a> {
    file_name: &'a str,
    file_path: &'a str,
    size: u64,
    encoding: &'static str,
    content_sha256: &'a str,
    #[serde(rename = "ref")]
    reference: &'a str,
    blob_id: String,
    commit_id: String,
    last_commit_id: String,
    execute_filemode: bool,
}

fn view(file: &FileShown) -> FileView<'_> {
    FileView {
        file_name: file.name(),
        file_path: &file.path,
        size: file.size,
        encoding: "base64",
        content_sha256: &file.sha256,
        reference: &file.reference,
        blob_id: file.blob.to_string(),
        commit_id: file.commit.to_string(),
        last_commit_id: file.last_commit.to_string(),
        execute_filemode: file.executable,
    }
}

/// The headers `X-Gitlab-…`. What HTTP cannot carry in a header is left out.
pub(crate) fn headers(file: &FileShown) -> Vec<(HeaderName, HeaderValue)> {
    let file = view(file);
    let (size, executable) = (file.size.to_string(), file.execute_filemode.to_string());
    let all = [
        ("x-gitlab-file-name", file.file_name),
        ("x-gitlab-file-path", file.file_path),
        ("x-gitlab-size", &size),
        ("x-gitlab-encoding", file.encoding),
        ("x-gitlab-content-sha256", file.content_sha256),
        ("x-gitlab-ref", file.reference),
        ("x-gitlab-blob-id", &file.blob_id),
        ("x-gitlab-commit-id", &file.commit_id),
        ("x-gitlab-last-commit-id", &file.last_commit_id),
        ("x-gitlab-execute-filemode", &executable),
    ];
    let header = |(name, value): (&'static str, &str)| {
        Some((HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).ok()?))
    };
    all.into_iter().filter_map(header).collect()
}

/// The JSON of a file with its content, in one piece or, for large ones, piece by piece.
///
/// # Errors
/// When the JSON cannot be written.
pub(crate) fn json(file: &FileShown, content: Content) -> serde_json::Result<Body> {
    let mut head = serde_json::to_string(&view(file))?;
    head.pop();
    head.push_str(",\"content\":\"");
    Ok(match content {
        Content::Held(bytes) => {
            STANDARD.encode_string(bytes, &mut head);
            head.push_str("\"}");
            Body::from(head)
        }
        Content::Streamed(pieces) => {
            let ends = |text: Bytes| stream::once(async { Ok(text) });
            let whole = ends(head.into())
                .chain(encoded(Box::pin(pieces.into_stream())))
                .chain(ends(Bytes::from_static(b"\"}")));
            Body::from_stream(whole)
        }
    })
}

/// Base64 of pieces of any length: what does not fill a group of three bytes waits for the next piece.
fn encoded<E>(pieces: impl Stream<Item = Result<Bytes, E>> + Unpin) -> impl Stream<Item = Result<Bytes, E>> {
    stream::unfold(Some((pieces, BytesMut::new())), |state| async move {
        let (mut pieces, mut waiting) = state?;
        loop {
            match pieces.next().await {
                Some(Ok(piece)) => {
                    waiting.put(piece);
                    let whole = waiting.split_to(waiting.len() - waiting.len() % 3);
                    if !whole.is_empty() {
                        return Some((Ok(STANDARD.encode(whole).into()), Some((pieces, waiting))));
                    }
                }
                Some(Err(error)) => return Some((Err(error), None)),
                None if waiting.is_empty() => return None,
                None => return Some((Ok(STANDARD.encode(waiting).into()), None)),
            }
        }
    })
}

/// How a browser is told to show a file: in its window, under its own name.
pub(crate) fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|char| if matches!(char, ' '..='~') && !matches!(char, '"' | '\\' | '%') { char } else { '_' })
        .collect();
    format!("inline; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, &RESERVED))
}

/// The media type of a content by its beginning: plain text, unless there is a zero byte.
pub(crate) fn media_type(beginning: &[u8]) -> HeaderValue {
    let seen = &beginning[..beginning.len().min(8000)];
    HeaderValue::from_static(if seen.contains(&0) { "application/octet-stream" } else { "text/plain" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_of_any_length_are_one_text() {
        let whole: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for length in [1, 2, 3, 4, 5, 7, 999, 1000] {
            let pieces = whole.chunks(length).map(|piece| Ok::<_, ()>(Bytes::copy_from_slice(piece)));
            let encoded: Vec<_> = encoded(stream::iter(pieces.collect::<Vec<_>>())).collect().await;
            let text: Vec<u8> = encoded.into_iter().flat_map(|piece| piece.unwrap().to_vec()).collect();
            assert_eq!(STANDARD.decode(text).unwrap(), whole, "{length}");
        }
    }

    #[tokio::test]
    async fn a_failure_ends_the_text() {
        let pieces = vec![Ok(Bytes::from_static(b"abcd")), Err("cut"), Ok(Bytes::from_static(b"e"))];
        let encoded: Vec<_> = encoded(stream::iter(pieces)).collect().await;
        assert_eq!(encoded, [Ok(Bytes::from_static(b"YWJj")), Err("cut")]);
    }

    #[test]
    fn names_cannot_break_out_of_their_header() {
        assert_eq!(
            disposition("a\"b\r\né.txt"),
            "inline; filename=\"a_b___.txt\"; filename*=UTF-8''a%22b%0D%0A%C3%A9.txt"
        );
    }

    #[test]
    fn what_holds_a_zero_byte_is_no_text() {
        assert_eq!(media_type(b"<html>"), "text/plain");
        assert_eq!(media_type(b"\x89PNG\0"), "application/octet-stream");
        assert_eq!(media_type(b""), "text/plain");
    }
}
