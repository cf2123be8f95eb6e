//! `multipart/form-data` bodies: text parts join the tree, parts with a file name are kept as files.

use std::convert::Infallible;

use bytes::Bytes;
use serde_json::Value;

use super::form::refuse_nul;
use super::nesting::Tree;
use super::{ParamError, Params, Upload};

pub(super) async fn parse(body: Bytes, boundary: String) -> Result<Params, ParamError> {
    let source = futures_util::stream::iter([Ok::<_, Infallible>(body)]);
    let mut parts = multer::Multipart::new(source, boundary);
    let (mut tree, mut files) = (Tree::default(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(|error| malformed(&error))? {
        tree.count()?;
        let Some(name) = part.name().map(str::to_owned) else {
            return Err(ParamError::malformed("A part of the multipart body has no name"));
        };
        refuse_nul(&name)?;
        let filename = part.file_name().map(str::to_owned);
        let content_type = part.content_type().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(|error| malformed(&error))?;
        match filename {
            None => tree.insert(&name, Value::String(text(&bytes)?))?,
            Some(full) => {
                refuse_nul(&full)?;
                // Some clients send the whole path of the file on their side.
                let filename = full.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                // An empty one is what a browser sends for a file field left alone.
                if !filename.is_empty() {
                    files.push(Upload { name, filename, content_type, bytes });
                }
            }
        }
    }
    Ok(Params { fields: tree.into_map(), files })
}

fn text(bytes: &[u8]) -> Result<String, ParamError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ParamError::malformed("Invalid parameters: not valid UTF-8"))?;
    refuse_nul(text)?;
    Ok(text.to_owned())
}

/// Says what is wrong without the parser's own words, some of which repeat names and values.
fn malformed(error: &multer::Error) -> ParamError {
    ParamError::malformed(match error {
        multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteHeaders
        | multer::Error::IncompleteStream => "The multipart body is incomplete",
        _ => "The multipart body is malformed",
    })
}
