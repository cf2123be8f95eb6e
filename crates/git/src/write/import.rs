//! A commit in the language of `git fast-import`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::commit::CommitRequest;
use super::plan::{Content, Planned};
use super::{check_message, signature_line};
use crate::error::Result;

/// The reference that exists only aside, while the commit is made.
const SCRATCH_REF: &str = "refs/heads/import";

/// The whole input; git answers with the name of the commit.
pub(crate) fn import_stream(
    request: &CommitRequest,
    changes: BTreeMap<&str, Option<Planned<'_>>>,
) -> Result<Vec<u8>> {
    check_message(&request.message)?;
    let author = signature_line(&request.author)?;
    let committer = signature_line(&request.committer)?;
    let mut out = Vec::new();
    let head = format!("commit {SCRATCH_REF}\nmark :1\nauthor {author}\ncommitter {committer}\n");
    out.extend_from_slice(head.as_bytes());
    data(&mut out, request.message.as_bytes());
    if let Some(parent) = request.parent {
        out.extend_from_slice(format!("from {parent}\n").as_bytes());
    }
    // Removals first: a file may become a folder in the same commit, and the reverse.
    for path in changes.iter().filter(|(_, file)| file.is_none()).map(|(path, _)| path) {
        out.extend_from_slice(format!("D {}\n", quote(path)).as_bytes());
    }
    for (path, file) in changes {
        let Some(Planned { mode, content }) = file else { continue };
        match content {
            Content::Existing(oid) => {
                out.extend_from_slice(format!("M {mode:o} {oid} {}\n", quote(path)).as_bytes());
            }
            Content::Fresh(bytes) => {
                out.extend_from_slice(format!("M {mode:o} inline {}\n", quote(path)).as_bytes());
                data(&mut out, bytes);
            }
        }
    }
    out.extend_from_slice(b"\nget-mark :1\ndone\n");
    Ok(out)
}

fn data(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(format!("data {}\n", bytes.len()).as_bytes());
    out.extend_from_slice(bytes);
    out.push(b'\n');
}

/// A path as a quoted string. Control characters never get here.
fn quote(path: &str) -> String {
    let mut text = String::with_capacity(path.len() + 2);
    text.push('"');
    for char in path.chars() {
        if matches!(char, '"' | '\\') {
            text.push('\\');
        }
        // Writing to a String cannot fail.
        let _ = text.write_char(char);
    }
    text.push('"');
    text
}
