//! From a request to [`Params`]: query, then body, then path, later ones winning.

use std::pin::pin;

use async_compression::tokio::bufread::GzipDecoder;
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderMap, Method, header};
use http_body::Body;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;

use super::form::refuse_nul;
use super::{ParamError, Params, form, json, multipart};

/// Gathers the parameters of a request. `path` holds the route's own parameters, already decoded; they win
/// over the body, and the body over the query, each name as a whole. `body_limit` in bytes bounds the body
/// both as sent and as unpacked. Without query, body and path nothing is allocated.
///
/// A GET or HEAD whose body has no media type, or one that is not read here, is answered as if it had no body.
///
/// # Errors
/// [`ParamError::Malformed`], [`ParamError::UnsupportedType`], [`ParamError::UnsupportedEncoding`] or
/// [`ParamError::TooLarge`].
pub async fn collect<B>(
    parts: &Parts,
    body: B,
    path: &[(&str, &str)],
    body_limit: usize,
) -> Result<Params, ParamError>
where
    B: Body<Data = Bytes>,
{
    let mut params = Params::default();
    if let Some(query) = parts.uri.query() {
        params.fields = form::parse(query.as_bytes())?;
    }
    if !body.is_end_stream() {
        params.merge(read_body(parts, body, body_limit).await?);
    }
    for (name, value) in path {
        refuse_nul(value)?;
        params.set(*name, Value::String((*value).to_owned()));
    }
    Ok(params)
}

/// How a body is to be read.
enum Format {
    Form,
    Json,
    Multipart(String),
}

async fn read_body<B>(parts: &Parts, body: B, limit: usize) -> Result<Params, ParamError>
where
    B: Body<Data = Bytes>,
{
    // A declared type is judged before a byte is read; a chunked body may still turn out to be empty, and
    // an empty one may claim anything.
    let format = match format(parts) {
        Ok(format) => format,
        Err(_) if matches!(parts.method, Method::GET | Method::HEAD) => return Ok(Params::default()),
        Err(error) if body.size_hint().lower() > 0 => return Err(error),
        Err(error) => return if starts(body).await? { Err(error) } else { Ok(Params::default()) },
    };
    let bytes = gather(body, limit).await?;
    if bytes.is_empty() {
        return Ok(Params::default());
    }
    let bytes = unpack(&parts.headers, bytes, limit).await?;
    match format {
        Format::Form => form::parse(&bytes).map(Params::from),
        Format::Json => json::parse(&bytes).map(Params::from),
        Format::Multipart(boundary) => multipart::parse(bytes, boundary).await,
    }
}

fn format(parts: &Parts) -> Result<Format, ParamError> {
    let given =
        parts.headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let given = given.as_deref().unwrap_or_default().trim();
    let media = given.split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        // Rack takes an untyped POST for a form, Grape the untyped body of another writing verb for JSON.
        "" if parts.method == Method::POST => Ok(Format::Form),
        "" if matches!(parts.method, Method::GET | Method::HEAD) => Err(ParamError::UnsupportedType(media)),
        "" | "application/json" => Ok(Format::Json),
        "application/x-www-form-urlencoded" => Ok(Format::Form),
        "multipart/form-data" => multer::parse_boundary(given)
            .map(Format::Multipart)
            .map_err(|_| ParamError::malformed("The multipart body has no valid boundary")),
        _ => Err(ParamError::UnsupportedType(media)),
    }
}

/// Whether a body of unknown length has any data.
async fn starts<B: Body<Data = Bytes>>(body: B) -> Result<bool, ParamError> {
    let mut body = pin!(body);
    while let Some(frame) = body.frame().await {
        if frame.map_err(|_| broken())?.data_ref().is_some_and(|data| !data.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn gather<B: Body<Data = Bytes>>(body: B, limit: usize) -> Result<Bytes, ParamError> {
    let too_large = |len: usize| len > limit;
    if body.size_hint().lower() > limit as u64 {
        return Err(ParamError::TooLarge { limit });
    }
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| broken())?.into_data() else { continue };
        if too_large(first.len() + all.len() + data.len()) {
            return Err(ParamError::TooLarge { limit });
        }
        if first.is_empty() && all.is_empty() {
            first = data;
        } else {
            // Most bodies come in one piece and are used where they lie.
            if all.is_empty() {
                all.extend_from_slice(&std::mem::take(&mut first));
            }
            all.extend_from_slice(&data);
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// Undoes `Content-Encoding: gzip`, several members included.
async fn unpack(headers: &HeaderMap, bytes: Bytes, limit: usize) -> Result<Bytes, ParamError> {
    let Some(coding) = headers.get(header::CONTENT_ENCODING) else { return Ok(bytes) };
    let coding = String::from_utf8_lossy(coding.as_bytes()).trim().to_ascii_lowercase();
    match coding.as_str() {
        "" | "identity" => return Ok(bytes),
        "gzip" | "x-gzip" => {}
        _ => return Err(ParamError::UnsupportedEncoding(coding)),
    }
    let mut decoder = GzipDecoder::new(&bytes[..]);
    decoder.multiple_members(true);
    let mut plain = Vec::new();
    // One byte beyond the limit tells a body that is too large from one that just fits.
    let mut bounded = decoder.take((limit as u64).saturating_add(1));
    bounded
        .read_to_end(&mut plain)
        .await
        .map_err(|_| ParamError::malformed("The request body is not valid gzip data"))?;
    if plain.len() > limit {
        return Err(ParamError::TooLarge { limit });
    }
    Ok(plain.into())
}

fn broken() -> ParamError {
    ParamError::malformed("The request body could not be read to its end")
}

#[cfg(test)]
#[path = "collect_tests.rs"]
mod tests;
