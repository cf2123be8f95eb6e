use std::io::Write as _;

use http::Request;
use http_body_util::{Empty, Full, StreamBody};
use serde_json::json;

use super::*;

const LIMIT: usize = 4096;

struct Case<'a> {
    method: &'a str,
    target: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a [u8],
}

const GET: Case<'_> = Case { method: "GET", target: "/", headers: &[], body: b"" };
const POST: Case<'_> = Case { method: "POST", ..GET };
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const MULTIPART: (&str, &str) = ("content-type", "multipart/form-data; boundary=XX");

fn parts(case: &Case<'_>) -> Parts {
    let mut request = Request::builder().method(case.method).uri(case.target);
    for (name, value) in case.headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

async fn run(case: Case<'_>, path: &[(&str, &str)]) -> Result<Params, ParamError> {
    collect(&parts(&case), Full::new(Bytes::copy_from_slice(case.body)), path, LIMIT).await
}

async fn read(case: Case<'_>) -> Value {
    Value::Object(run(case, &[]).await.unwrap().fields)
}

async fn refused(case: Case<'_>) -> (u16, String) {
    let error = run(case, &[]).await.unwrap_err();
    (error.status().as_u16(), error.to_string())
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    // Stored blocks need no compressor: header, one block each of at most 65,535 bytes, CRC-32, length.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut chunks = plain.chunks(65_535).peekable();
    if chunks.peek().is_none() {
        out.extend([1, 0, 0, 255, 255]);
    }
    while let Some(chunk) = chunks.next() {
        let len = u16::try_from(chunk.len()).unwrap();
        out.push(u8::from(chunks.peek().is_none()));
        out.extend(len.to_le_bytes());
        out.extend((!len).to_le_bytes());
        out.extend(chunk);
    }
    let crc = plain.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    out.write_all(&(!crc).to_le_bytes()).unwrap();
    out.write_all(&u32::try_from(plain.len()).unwrap().to_le_bytes()).unwrap();
    out
}

#[tokio::test]
async fn every_carrier_is_read() {
    for (case, expected) in [
        (GET, json!({})),
        (Case { target: "/?", ..GET }, json!({})),
        (Case { target: "/?state=active&membership", ..GET }, json!({"state": "active", "membership": null})),
        (
            Case { headers: &[FORM], body: b"name=x&scopes[]=api", ..POST },
            json!({"name": "x", "scopes": ["api"]}),
        ),
        (
            Case {
                headers: &[("content-type", "Application/JSON; charset=utf-8")],
                body: b"{\"a\":1}",
                ..POST
            },
            json!({"a": 1}),
        ),
        (
            Case { method: "DELETE", headers: &[JSON], body: br#"{"branch":"b"}"#, ..GET },
            json!({"branch": "b"}),
        ),
        (Case { headers: &[JSON], body: br#"{"a":1}"#, ..GET }, json!({"a": 1})),
        (Case { headers: &[JSON], ..POST }, json!({})),
        (Case { body: b"a=1", ..POST }, json!({"a": "1"})),
        (Case { method: "PUT", body: b"{\"a\":1}", ..GET }, json!({"a": 1})),
        (Case { headers: &[("content-type", "text/plain")], ..POST }, json!({})),
        (Case { headers: &[("content-type", "text/plain")], body: b"ignored", ..GET }, json!({})),
        (Case { body: b"ignored", ..GET }, json!({})),
        (
            Case {
                headers: &[MULTIPART],
                body: b"--XX\r\nContent-Disposition: form-data; name=\"a[b]\"\r\n\r\n1\r\n--XX--\r\n",
                ..POST
            },
            json!({"a": {"b": "1"}}),
        ),
    ] {
        let shown = format!("{} {} {:?}", case.method, case.target, case.headers);
        assert_eq!(read(case).await, expected, "{shown}");
    }
}

#[tokio::test]
async fn path_wins_over_body_over_query() {
    let case = Case {
        target: "/?id=1&name=query&only=query&list[]=1",
        headers: &[FORM],
        body: b"name=body&id=2&list[]=2",
        ..POST
    };
    let params = run(case, &[("id", "group/project"), ("token_id", "9")]).await.unwrap();
    assert_eq!(
        Value::Object(params.fields.clone()),
        json!({"id": "group/project", "name": "body", "only": "query", "list": ["2"], "token_id": "9"})
    );
    assert_eq!(
        params.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["id", "name", "only", "list", "token_id"]
    );
    assert_eq!(run(GET, &[("id", "a\0b")]).await.unwrap_err().status(), 400);
}

#[tokio::test]
async fn query_and_body_may_differ_in_shape() {
    let case = Case { target: "/?a=1", headers: &[FORM], body: b"a[b]=2", ..POST };
    assert_eq!(read(case).await, json!({"a": {"b": "2"}}));
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let over = vec![b'a'; LIMIT + 1];
    let incomplete = b"--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1";
    let nameless = b"--XX\r\nContent-Type: text/plain\r\n\r\n1\r\n--XX--\r\n";
    for (case, status, text) in [
        (Case { headers: &[JSON], body: b"{", ..POST }, 400, super::super::error::BAD_JSON),
        (Case { headers: &[JSON], body: b"[1]", ..POST }, 400, "The JSON body must be an object"),
        (Case { target: "/?a=%zz", ..GET }, 400, "Invalid parameters: invalid %-encoding"),
        (Case { target: "/?a=1&a[b]=2", ..GET }, 400, "expected Hash (got String) for param 'a'"),
        (
            Case { headers: &[("content-type", "text/plain")], body: b"x", ..POST },
            415,
            "The provided content-type 'text/plain' is not supported.",
        ),
        (
            Case { headers: &[("content-type", "Image/PNG; q=1")], body: b"x", ..POST },
            415,
            "The provided content-type 'image/png' is not supported.",
        ),
        (Case { headers: &[FORM], body: &over, ..POST }, 413, "The request body is larger than 4096 bytes"),
        (Case { headers: &[MULTIPART], body: incomplete, ..POST }, 400, "The multipart body is incomplete"),
        (
            Case { headers: &[MULTIPART], body: nameless, ..POST },
            400,
            "A part of the multipart body has no name",
        ),
        (
            Case { headers: &[("content-type", "multipart/form-data")], body: b"x", ..POST },
            400,
            "The multipart body has no valid boundary",
        ),
        (
            Case { headers: &[JSON, ("content-encoding", "br")], body: b"x", ..POST },
            415,
            "The provided content-encoding 'br' is not supported.",
        ),
        (
            Case { headers: &[JSON, ("content-encoding", "gzip")], body: b"not gzip", ..POST },
            400,
            "The request body is not valid gzip data",
        ),
    ] {
        assert_eq!(refused(case).await, (status, text.to_owned()));
    }
}

#[tokio::test]
async fn files_are_kept_apart() {
    let body = b"--XX\r\nContent-Disposition: form-data; name=\"content\"; filename=\"C:\\dir\\a.whl\"\r\n\
        Content-Type: application/zip\r\n\r\n\x00\xff\r\n--XX\r\n\
        Content-Disposition: form-data; name=\"unused\"; filename=\"\"\r\n\r\n\r\n--XX\r\n\
        Content-Disposition: form-data; name=\":action\"\r\n\r\nfile_upload\r\n--XX--\r\n";
    let params = run(Case { method: "PUT", headers: &[MULTIPART], body, ..GET }, &[]).await.unwrap();
    let file = params.file("content").unwrap();
    assert_eq!((file.filename.as_str(), &file.bytes[..]), ("a.whl", &b"\x00\xff"[..]));
    assert_eq!(file.content_type.as_deref(), Some("application/zip"));
    assert!(params.contains("content") && !params.contains("unused"));
    assert_eq!(Value::Object(params.fields), json!({":action": "file_upload"}));
}

#[tokio::test]
async fn gzip_is_undone_within_the_limit() {
    let headers = [JSON, ("content-encoding", "GZIP")];
    let two = [gzip(b"{\"a\":"), gzip(b"1}")].concat();
    for packed in [gzip(b"{\"a\":1}"), two] {
        assert_eq!(read(Case { headers: &headers, body: &packed, ..POST }).await, json!({"a": 1}));
    }
    assert_eq!(read(Case { headers: &headers, body: &gzip(b""), ..POST }).await, json!({}));
    let mut cut = gzip(b"{\"a\":1}");
    cut.truncate(cut.len() - 4);
    assert_eq!(refused(Case { headers: &headers, body: &cut, ..POST }).await.0, 400);
}

#[tokio::test]
async fn a_small_body_that_unpacks_to_a_large_one_is_refused() {
    // 64 KiB of zeros, deflated: one literal, then 254 copies of 258 bytes at distance 1 (fixed codes).
    let bits = |out: &mut Vec<bool>, value: u32, count: u32| {
        (0..count).rev().for_each(|at| out.push(value >> at & 1 == 1));
    };
    let mut stream = vec![true, true, false];
    bits(&mut stream, 0b0011_0000, 8);
    for _ in 0..254 {
        bits(&mut stream, 0b1100_0101, 8);
        bits(&mut stream, 0, 5);
    }
    bits(&mut stream, 0, 7);
    let deflated =
        stream.chunks(8).map(|eight| eight.iter().rev().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit)));
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    packed.extend(deflated);
    assert!(packed.len() < LIMIT);
    let case = Case { headers: &[FORM, ("content-encoding", "gzip")], body: &packed, ..POST };
    assert_eq!(refused(case).await.0, 413);
}

/// A body without a known length, in pieces.
fn pieces(given: &[&'static [u8]]) -> impl Body<Data = Bytes> + use<> {
    let frames: Vec<_> = given
        .iter()
        .map(|piece| Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from_static(piece))))
        .collect();
    StreamBody::new(futures_util::stream::iter(frames))
}

#[tokio::test]
async fn chunked_bodies() {
    let form = parts(&Case { headers: &[FORM], ..POST });
    let read = collect(&form, pieces(&[b"a=", b"", b"1&b", b"=2"]), &[], LIMIT).await.unwrap();
    assert_eq!(Value::Object(read.fields), json!({"a": "1", "b": "2"}));

    let text = parts(&Case { headers: &[("content-type", "text/plain")], ..POST });
    assert!(collect(&text, pieces(&[b""]), &[], LIMIT).await.unwrap().is_empty());
    assert_eq!(collect(&text, pieces(&[b"", b"x"]), &[], LIMIT).await.unwrap_err().status(), 415);

    let endless = [&[b'a'; 1024][..]; 5];
    assert_eq!(
        collect(&form, pieces(&endless), &[], LIMIT).await.unwrap_err(),
        ParamError::TooLarge { limit: LIMIT }
    );

    let failing = StreamBody::new(futures_util::stream::iter([
        Ok(http_body::Frame::data(Bytes::from_static(b"a=1"))),
        Err(std::io::Error::other("gone")),
    ]));
    assert_eq!(collect(&form, failing, &[], LIMIT).await.unwrap_err().status(), 400);
}

#[tokio::test]
async fn an_empty_request_has_no_parameters() {
    let read = collect(&parts(&GET), Empty::<Bytes>::new(), &[], LIMIT).await.unwrap();
    assert!(read.is_empty());
}

#[test]
fn collecting_may_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let parts = parts(&GET);
    movable(&collect(&parts, axum::body::Body::empty(), &[], LIMIT));
}
