//! Whatever bytes come, the layer answers with parameters or a 4xx, and reading them never fails otherwise.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::pagination::{Address, Extent, Page, PageInfo};

const LIMIT: usize = 2048;

fn gather(
    content_type: &str,
    encoding: Option<&str>,
    query: &str,
    body: Vec<u8>,
) -> Result<Params, ParamError> {
    let mut request = Request::builder().method("POST").header("content-type", content_type);
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    let mut parts = request.body(()).unwrap().into_parts().0;
    parts.uri = format!("/api?{query}").parse().unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(collect(&parts, Full::new(Bytes::from(body)), &[("id", "7")], LIMIT))
}

/// Reads every name in every way, then spells the links: nothing of it may panic.
fn exercise(outcome: Result<Params, ParamError>) -> Result<(), TestCaseError> {
    let params = match outcome {
        Ok(params) => params,
        Err(error) => {
            prop_assert!(error.status().is_client_error());
            return Ok(());
        }
    };
    prop_assert_eq!(params.text("id"), Some("7"));
    let names: Vec<String> = params.iter().map(|(name, _)| name.to_owned()).collect();
    let mut p = Reader::new(&params);
    for name in &names {
        p.string(name).not_blank().among(&["a"]).optional();
        p.integer(name).excluding(&[0]).update();
        p.boolean(name).required();
        p.date(name).given();
        p.datetime(name).given();
        p.strings(name).comma().among(&["a"]).required();
        p.integers(name).comma().update();
        p.nested(name).each(|inner| inner.string("a").required());
        p.nested(name).map(|inner| inner.integer("a").required());
        p.file(name);
    }
    if let Err(error) = p.finish() {
        prop_assert!(error.status().is_client_error());
        prop_assert!(serde_json::from_str::<Value>(&error.body()).is_ok());
    }
    let address = Address { origin: "https://h", path: "/api", params: &params };
    let headers = PageInfo::new(Page::default(), Extent::Total(50)).headers(&address);
    prop_assert_eq!(headers.len(), 7);
    Ok(())
}

/// Bytes near to what the formats are made of.
fn near(alphabet: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => proptest::sample::select(alphabet).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn near_form() -> impl Strategy<Value = Vec<u8>> {
    near(&[
        b"a", b"b", b"[", b"]", b"[]", b"[x]", b"=", b"&", b"%", b"%5B", b"%5D", b"%00", b"%ff", b"+", b"1",
    ])
}

fn near_json() -> impl Strategy<Value = Vec<u8>> {
    near(&[
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"a\"",
        b":",
        b",",
        b"1",
        b"1e999",
        b"null",
        b"\"\\u0000\"",
        b"\"\\ud800\"",
        b" ",
    ])
}

fn near_multipart() -> impl Strategy<Value = Vec<u8>> {
    near(&[
        b"--XX\r\n",
        b"--XX--\r\n",
        b"--XX",
        b"\r\n",
        b"\r\n\r\n",
        b"Content-Disposition: form-data; name=\"a\"",
        b"Content-Disposition: form-data; name=\"a[b]\"; filename=\"f\"",
        b"Content-Disposition: form-data; name=\"\\\"; filename=",
        b"name=",
        b"Content-Type: text/plain",
        b"value",
        b"\x00",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_of_any_type(
        kind in proptest::sample::select(&[
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=XX",
            "multipart/form-data",
            "multipart/form-data; boundary=\"",
            "text/plain",
            "",
            ";",
        ][..]),
        encoding in proptest::option::of(proptest::sample::select(&["gzip", "identity", "br"][..])),
        query in "[ -~]{0,40}",
        body in vec(any::<u8>(), 0..3000),
    ) {
        exercise(gather(kind, encoding, &query, body))?;
    }

    #[test]
    fn almost_forms(body in near_form(), query in near_form()) {
        exercise(gather("application/x-www-form-urlencoded", None, "", body))?;
        exercise(form::parse(&query).map(|map| {
            let mut params = Params::from(map);
            params.set("id", Value::from("7"));
            params
        }))?;
    }

    #[test]
    fn almost_json(body in near_json()) {
        exercise(gather("application/json", None, "", body))?;
    }

    #[test]
    fn almost_multipart(body in near_multipart()) {
        exercise(gather("multipart/form-data; boundary=XX", None, "", body))?;
    }

    #[test]
    fn almost_gzip(tail in vec(any::<u8>(), 0..200)) {
        let body = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..], &tail].concat();
        exercise(gather("application/json", Some("gzip"), "", body))?;
    }

    #[test]
    fn a_form_reads_back_what_a_client_wrote(
        pairs in vec(("[a-z]{1,8}", "\\PC{0,20}"), 0..20),
    ) {
        let mut writer = form_urlencoded::Serializer::new(String::new());
        let mut expected = Map::new();
        for (name, value) in &pairs {
            writer.append_pair(name, value);
            expected.insert(name.clone(), Value::from(value.as_str()));
        }
        prop_assert_eq!(form::parse(writer.finish().as_bytes()), Ok(expected));
    }

    #[test]
    fn json_objects_read_back(pairs in vec(("\\PC{0,8}", "\\PC{0,20}"), 0..20)) {
        let map: Map<String, Value> =
            pairs.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        let text = Value::Object(map.clone()).to_string();
        prop_assert_eq!(json::parse(text.as_bytes()), Ok(map));
    }

    #[test]
    fn dates_of_any_text(text in "[0-9TtZz:+./, -]{0,30}", odd in "\\PC{0,30}") {
        for text in [text, odd] {
            date::day(&text);
            date::moment(&text);
        }
    }

    #[test]
    fn every_date_reads_back(year in 1_i16..=9999, month in 1_i8..=12, day in 1_i8..=28) {
        let date = jiff::civil::Date::constant(year, month, day);
        prop_assert_eq!(date::day(&date.to_string()), Some(date));
        prop_assert_eq!(date::moment(&format!("{date}T00:00:00Z")), date::moment(&date.to_string()));
    }
}
