//! Many objects from one process.

use crate::error::{GitError, Result};
use crate::hook::Quarantine;
use crate::oid::{ObjectKind, Oid};
use crate::plumbing::{ANSWER_LIMIT, Plumbing};
use crate::repository::Repository;

/// An object without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) oid: Oid,
    pub(crate) kind: ObjectKind,
    /// Bytes of content.
    pub(crate) size: u64,
}

/// An object with its content.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) kind: ObjectKind,
    pub(crate) content: Vec<u8>,
}

impl Plumbing<'_> {
    /// Lets the command see objects of a push that is not decided yet.
    pub(crate) fn quarantine(self, repository: &Repository, quarantine: Option<&Quarantine>) -> Self {
        let Some(quarantine) = quarantine else { return self };
        self.env("GIT_OBJECT_DIRECTORY", &quarantine.objects)
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&repository.path().join("objects")))
    }
}

/// A path in the form that git's list of object folders needs: a colon in it would end it early.
pub(crate) fn quoted(path: &std::path::Path) -> std::ffi::OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut text = b"\"".to_vec();
    for byte in path.as_os_str().as_bytes() {
        if matches!(byte, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(*byte);
    }
    text.push(b'"');
    std::ffi::OsString::from_vec(text)
}

fn surprise(detail: &str) -> GitError {
    GitError::Protocol { command: "cat-file", detail: detail.to_owned() }
}

impl Repository {
    /// What each name stands for; `None` for those that stand for nothing, or for several objects. Names must be judged
    /// already: none may hold blanks or line breaks.
    pub(crate) async fn headers(
        &self,
        names: &[String],
        quarantine: Option<&Quarantine>,
    ) -> Result<Vec<Option<Header>>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self
            .reading("cat-file")
            .arg("--batch-check")
            .quarantine(self, quarantine)
            .input(lines(names))
            .output()
            .await?;
        let found: Vec<_> = answer.split_inclusive(|byte| *byte == b'\n').map(parse_header).collect();
        if found.len() == names.len() { Ok(found) } else { Err(surprise("wrong number of lines")) }
    }

    /// The objects of these names; `None` for missing ones.
    pub(crate) async fn objects(&self, names: &[String]) -> Result<Vec<Option<Object>>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let answer =
            self.reading("cat-file").arg("--batch").input(lines(names)).limit(ANSWER_LIMIT).output().await?;
        let mut rest = &answer[..];
        let mut objects = Vec::with_capacity(names.len());
        for _ in names {
            let end =
                rest.iter().position(|byte| *byte == b'\n').ok_or_else(|| surprise("missing header"))?;
            let (line, after) = rest.split_at(end + 1);
            let Some(header) = parse_header(line) else {
                objects.push(None);
                rest = after;
                continue;
            };
            let size = usize::try_from(header.size).map_err(|_| surprise("size out of range"))?;
            let (content, after) = after.split_at_checked(size).ok_or_else(|| surprise("cut content"))?;
            objects.push(Some(Object { kind: header.kind, content: content.to_vec() }));
            rest = after.strip_prefix(b"\n").ok_or_else(|| surprise("content without an end"))?;
        }
        Ok(objects)
    }

    /// What kind of object each of these is, seen with the objects of a push in quarantine; `None` for missing ones.
    pub async fn object_kinds(
        &self,
        oids: &[Oid],
        quarantine: Option<&Quarantine>,
    ) -> Result<Vec<Option<ObjectKind>>> {
        let names: Vec<_> = oids.iter().map(Oid::to_string).collect();
        let headers = self.headers(&names, quarantine).await?;
        Ok(headers.into_iter().map(|header| header.map(|header| header.kind)).collect())
    }

    /// [`object_kinds`](Self::object_kinds) of one object.
    pub async fn object_kind(&self, oid: Oid, quarantine: Option<&Quarantine>) -> Result<Option<ObjectKind>> {
        Ok(self.object_kinds(&[oid], quarantine).await?.pop().flatten())
    }
}

fn lines(names: &[String]) -> Vec<u8> {
    let mut text = names.join("\n").into_bytes();
    text.push(b'\n');
    text
}

/// `<oid> <kind> <size>`; anything else (`<name> missing`, `<name> ambiguous`) is no object.
fn parse_header(line: &[u8]) -> Option<Header> {
    let mut words = line.strip_suffix(b"\n")?.split(|byte| *byte == b' ');
    let oid = Oid::from_hex(words.next()?)?;
    let kind = ObjectKind::parse(words.next()?)?;
    let size = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
    words.next().is_none().then_some(Header { oid, kind, size })
}
