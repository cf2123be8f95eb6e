//! Why parameters were refused, with the status and text that go on the wire.

use http::StatusCode;

/// The text Grape gives for a body that is not the JSON it claims to be.
pub(super) const BAD_JSON: &str = "\nProblem:\n  message body does not match declared format\nResolution:\n  \
    when specifying application/json as content-type, you must pass valid application/json in the request's 'body'";

/// A refusal of a request's parameters. Its `Display` is the value of the `error` member of the answer; it
/// names parameters but never repeats their values, which may be credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamError {
    /// The query or the body cannot be read as what it claims to be (400).
    #[error("{0}")]
    Malformed(String),
    /// A body came with a media type that this layer does not read (415).
    #[error("The provided content-type '{0}' is not supported.")]
    UnsupportedType(String),
    /// A body came with a content coding other than gzip (415).
    #[error("The provided content-encoding '{0}' is not supported.")]
    UnsupportedEncoding(String),
    /// The body, or what it unpacks to, is larger than the caller's limit in bytes (413).
    #[error("The request body is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes that was passed.
        limit: usize,
    },
    /// Parameters of a wrong type or value, or missing ones: all of them, joined as Grape does (400).
    #[error("{0}")]
    Invalid(String),
    /// Keyset pagination was asked for an order that has none (405).
    #[error("Keyset pagination is not yet available for this type of request")]
    KeysetUnavailable,
}

impl ParamError {
    pub(super) fn malformed(text: impl Into<String>) -> Self {
        Self::Malformed(text.into())
    }

    pub(super) fn bad_json() -> Self {
        Self::malformed(BAD_JSON)
    }

    /// The status of the answer: always of the 4xx class.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::UnsupportedType(_) | Self::UnsupportedEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::KeysetUnavailable => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    /// The JSON body of the answer, `{"error":"…"}`.
    pub fn body(&self) -> String {
        serde_json::json!({ "error": self.to_string() }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_bodies() {
        let table: [(ParamError, u16, &str); 5] = [
            (ParamError::Invalid("name is missing".into()), 400, r#"{"error":"name is missing"}"#),
            (
                ParamError::UnsupportedType("text/plain".into()),
                415,
                r#"{"error":"The provided content-type 'text/plain' is not supported."}"#,
            ),
            (
                ParamError::UnsupportedEncoding("br".into()),
                415,
                r#"{"error":"The provided content-encoding 'br' is not supported."}"#,
            ),
            (
                ParamError::TooLarge { limit: 7 },
                413,
                r#"{"error":"The request body is larger than 7 bytes"}"#,
            ),
            (
                ParamError::KeysetUnavailable,
                405,
                r#"{"error":"Keyset pagination is not yet available for this type of request"}"#,
            ),
        ];
        for (error, status, body) in table {
            assert_eq!(error.status().as_u16(), status, "{error}");
            assert_eq!(error.body(), body);
        }
    }

    #[test]
    fn bad_json_has_the_two_headed_text() {
        assert_eq!(
            ParamError::bad_json().body(),
            r#"{"error":"\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body'"}"#
        );
    }
}
