//! What the three writing endpoints share.

use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::json;
use tessera_model::Result;
use tessera_service::Key;
use tessera_service::repository::edit_file::{self, Edit, FileChange};
use tessera_service::repository::{self};

use super::place;
use crate::call::{Call, Endpoint, Passed};
use crate::params::Reader;

/// Base64 as clients write it, with padding or without.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The project and what happens in it.
pub(super) type Input = (Key, Arc<Edit>);

/// Reads the parameters, those of one endpoint alone with `change`.
pub(super) fn input(p: &mut Reader<'_>, change: fn(&mut Reader<'_>) -> FileChange) -> Input {
    let (project, path) = place(p);
    let branch = p.string("branch").not_blank().required();
    let message = p.string("commit_message").not_blank().required();
    let start_branch = p.string("start_branch").optional().filter(|name| !name.is_empty());
    let author_email = p.string("author_email").optional();
    let author_name = p.string("author_name").optional();
    let change = change(p);
    let last_commit_id = p.string("last_commit_id").optional().filter(|id| !id.is_empty());
    let edit =
        Edit { path, branch, start_branch, message, author_name, author_email, last_commit_id, change };
    (project, Arc::new(edit))
}

/// Reads `content` and `encoding`.
pub(super) fn content(p: &mut Reader<'_>) -> Vec<u8> {
    let content = p.string("content").required();
    let encoding = p.string("encoding").among(&["base64", "text"]).or("text".to_owned());
    if encoding != "base64" {
        return content.into_bytes();
    }
    let mut text = content.into_bytes();
    text.retain(|byte| !byte.is_ascii_whitespace());
    FORGIVING.decode(text).unwrap_or_else(|_| {
        p.refuse("content", "is not valid base64");
        Vec::new()
    })
}

/// Makes the commit. What comes out is the answer of the endpoints that have one.
pub(super) async fn perform<Op: Endpoint<Input = Input>>(
    call: &Call<Op>,
) -> Result<Passed<Op, serde_json::Value>> {
    let opened = call.read(|tx, (key, edit)| {
        let project = tx.project::<Op>(key)?;
        Ok((repository::open(tx, project)?, repository::author(tx)?, Arc::clone(edit)))
    });
    let ((place, caller, edit), passed) = opened.await?.take();
    edit_file::edit::<Op>(call.service(), call.ask(), &place, caller, &edit).await?;
    Ok(passed.map(|()| json!({ "file_path": edit.path, "branch": edit.branch })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::params::Params;

    fn read(given: serde_json::Value) -> Result<Vec<u8>, String> {
        let params = Params::from(given.as_object().unwrap().clone());
        let mut reader = Reader::new(&params);
        let content = content(&mut reader);
        reader.finish().map(|()| content).map_err(|error| error.to_string())
    }

    #[test]
    fn contents_in_both_encodings() {
        assert_eq!(read(json!({"content": "YQ=="})).unwrap(), b"YQ==");
        assert_eq!(read(json!({"content": "AP8\n =", "encoding": "base64"})).unwrap(), b"\0\xff");
        assert_eq!(read(json!({"content": "AP8", "encoding": "base64"})).unwrap(), b"\0\xff");
        assert_eq!(read(json!({"content": "", "encoding": "base64"})).unwrap(), b"");
        let wrong = read(json!({"content": "no!", "encoding": "base64"})).unwrap_err();
        assert_eq!(wrong, "content is not valid base64");
        assert_eq!(read(json!({})).unwrap_err(), "content is missing");
        let encoding = read(json!({"content": "", "encoding": "hex"})).unwrap_err();
        assert_eq!(encoding, "encoding does not have a valid value");
    }
}
