//! Files.

use super::{Entry, GitPath, Kind, Reader, damaged};
use crate::error::{GitError, Result};
use crate::oid::ObjectKind;

/// Git takes for binary what has a zero byte this near to its beginning.
const TEXT_PROBE: usize = 8000;

/// A pointer of Git LFS has less.
const LONGEST_POINTER: usize = 1024;

/// A file or a symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Where it lies.
    pub path: GitPath,
    /// What it is.
    pub entry: Entry,
    /// Bytes of content.
    pub size: u64,
    /// All of the content, unless it is larger than was asked for.
    pub content: Option<Vec<u8>>,
}

/// What stands in the place of a file that Git LFS keeps elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LfsPointer {
    /// SHA-256 of the content, in hexadecimal digits.
    pub oid: String,
    /// Bytes of the content.
    pub size: u64,
}

impl Blob {
    /// Whether the content is no text, as far as it was read.
    pub fn is_binary(&self) -> bool {
        self.content.as_deref().is_some_and(is_binary)
    }

    /// The content as text, with U+FFFD for what is not UTF-8; `None` when it is binary or was not read.
    pub fn text(&self) -> Option<String> {
        let content = self.content.as_deref().filter(|content| !is_binary(content))?;
        Some(String::from_utf8_lossy(content).into_owned())
    }

    /// Where a symbolic link points to.
    pub fn link_target(&self) -> Option<String> {
        if self.entry.kind == Kind::Symlink { self.text() } else { None }
    }

    /// The pointer, if it is one of Git LFS.
    pub fn lfs(&self) -> Option<LfsPointer> {
        let text = self.content.as_deref().filter(|content| content.len() < LONGEST_POINTER)?;
        let text = std::str::from_utf8(text).ok()?;
        let mut lines = text.lines();
        if lines.next()? != "version https://git-lfs.github.com/spec/v1" {
            return None;
        }
        let value = |key| text.lines().find_map(|line| line.strip_prefix(key));
        let oid = value("oid sha256:")?;
        let is_hash = oid.len() == 64 && oid.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = value("size ")?.parse().ok()?;
        is_hash.then(|| LfsPointer { oid: oid.to_owned(), size })
    }
}

pub(super) fn is_binary(content: &[u8]) -> bool {
    content[..content.len().min(TEXT_PROBE)].contains(&0)
}

impl Reader {
    /// A file of a commit, with its content if that has at most `limit` bytes. [`GitError::NotFound`] when there is no
    /// such commit, or neither file nor link at the path.
    pub fn blob(&self, commit: crate::Oid, path: &GitPath, limit: u64) -> Result<Blob> {
        let entry = self.entry(commit, path)?;
        let entry = entry.filter(|entry| matches!(entry.kind, Kind::Blob | Kind::Symlink));
        self.blob_of(path.clone(), entry.ok_or(GitError::NotFound)?, limit)
    }

    /// The file of an entry of a tree, with its content if that has at most `limit` bytes.
    pub fn blob_of(&self, path: GitPath, entry: Entry, limit: u64) -> Result<Blob> {
        let Some((ObjectKind::Blob, size)) = self.header(entry.oid)? else {
            return Err(damaged(format_args!("there is no blob {}", entry.oid)));
        };
        let content = if size > limit {
            None
        } else {
            let mut buffer = Vec::new();
            let length = self.linked(entry.oid, ObjectKind::Blob, limit, &mut buffer)?.len();
            buffer.truncate(length);
            Some(buffer)
        };
        Ok(Blob { path, entry, size, content })
    }
}
