//! Directories and files.

use crate::error::{GitError, Result};
use crate::oid::Oid;
use crate::plumbing::ANSWER_LIMIT;
use crate::repository::Repository;
use crate::treepath::check_lookup;

/// What an entry of a directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A file or symbolic link.
    Blob,
    /// A directory.
    Tree,
    /// A submodule: a commit of another repository.
    Commit,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeEntry {
    /// What it is.
    pub kind: EntryKind,
    /// Its object.
    pub oid: Oid,
    /// File mode as git has it, such as `0o100644`.
    pub mode: u32,
    /// Path from the root. Bytes that are not UTF-8 are replaced.
    pub path: String,
    /// Bytes of content; files only, and only where it was asked for.
    pub size: Option<u64>,
}

/// A file with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it lies and what it is; its size is set.
    pub entry: TreeEntry,
    /// All of it.
    pub content: Vec<u8>,
}

impl TreeEntry {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The mode as six octal digits, such as `100644`.
    pub fn mode_text(&self) -> String {
        format!("{:06o}", self.mode)
    }

    /// Whether it is a file that can be run.
    pub fn is_executable(&self) -> bool {
        self.mode == 0o100_755
    }

    /// `<mode> <kind> <oid> [<size>]<TAB><path>`
    fn parse(line: &[u8]) -> Option<Self> {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        let head = std::str::from_utf8(&line[..tab]).ok()?;
        let mut words = head.split_whitespace();
        let mode = u32::from_str_radix(words.next()?, 8).ok()?;
        let kind = match words.next()? {
            "blob" => EntryKind::Blob,
            "tree" => EntryKind::Tree,
            "commit" => EntryKind::Commit,
            _ => return None,
        };
        let oid = Oid::from_hex(words.next()?.as_bytes())?;
        let size = words.next().and_then(|size| size.parse().ok());
        let path = String::from_utf8_lossy(&line[tab + 1..]).into_owned();
        Some(Self { kind, oid, mode, path, size })
    }
}

impl Repository {
    /// The entries of a directory of a commit, in git's order; with `recursive`, of all directories below as well.
    /// [`GitError::NotFound`] when the path is no directory of it.
    pub async fn tree(&self, commit: Oid, path: &str, recursive: bool) -> Result<Vec<TreeEntry>> {
        let folder = check_lookup(path)?;
        let mut command = self.reading("ls-tree").args(["-z", "--full-tree"]);
        if recursive {
            command = command.args(["-r", "-t"]);
        }
        command = command.arg(commit.to_string()).arg("--");
        let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if !below.is_empty() {
            command = command.arg(&below);
        }
        let mut entries = self.entries(command).await?;
        entries.retain(|entry| entry.path.len() > below.len() && entry.path.starts_with(&below));
        // No directory of a commit is empty, save the root.
        if entries.is_empty() && !below.is_empty() { Err(GitError::NotFound) } else { Ok(entries) }
    }

    /// One entry of a commit, with its size if it is a file; `None` when there is nothing at the path.
    pub async fn entry(&self, commit: Oid, path: &str) -> Result<Option<TreeEntry>> {
        let path = check_lookup(path)?;
        if path.is_empty() {
            return Ok(None);
        }
        Ok(self.lookup(commit, &[path]).await?.into_iter().find(|entry| entry.path == path))
    }

    /// What lies at these paths of a commit, in any order, along with directories on the way. Paths must be judged
    /// already.
    pub(crate) async fn lookup(&self, commit: Oid, paths: &[&str]) -> Result<Vec<TreeEntry>> {
        let mut found = Vec::new();
        // Well below what a command line may hold.
        for some in paths.chunks(200) {
            let command = self.reading("ls-tree").args(["-z", "-l", "-t", "--full-tree"]);
            found.extend(self.entries(command.arg(commit.to_string()).arg("--").args(some)).await?);
        }
        Ok(found)
    }

    async fn entries(&self, command: crate::plumbing::Plumbing<'_>) -> Result<Vec<TreeEntry>> {
        let finished = command.finish().await?;
        if !finished.status.success() {
            let unknown = finished.stderr.contains("Not a valid object name")
                || finished.stderr.contains("not a tree object");
            return Err(if unknown { GitError::NotFound } else { finished.failure() });
        }
        let records = finished.stdout.split(|byte| *byte == 0).filter(|record| !record.is_empty());
        let surprise = || GitError::Protocol { command: "ls-tree", detail: "malformed entry".to_owned() };
        records.map(|record| TreeEntry::parse(record).ok_or_else(surprise)).collect()
    }

    /// A file of a commit with its size but without its content. [`GitError::NotFound`] when there is no file.
    pub async fn file_meta(&self, commit: Oid, path: &str) -> Result<TreeEntry> {
        let entry = self.entry(commit, path).await?;
        entry.filter(|entry| entry.kind == EntryKind::Blob).ok_or(GitError::NotFound)
    }

    /// A file of a commit. [`GitError::TooLarge`] when it has more than `limit` bytes; see
    /// [`blob_stream`](Self::blob_stream) for those.
    pub async fn file(&self, commit: Oid, path: &str, limit: u64) -> Result<File> {
        let entry = self.file_meta(commit, path).await?;
        let size = entry.size.unwrap_or(u64::MAX);
        if size > limit.min(ANSWER_LIMIT) {
            return Err(GitError::TooLarge { limit });
        }
        let content = self.content(entry.oid, size).await?;
        Ok(File { entry, content })
    }

    /// The content of a blob, at most `limit` bytes. [`GitError::NotFound`] when there is no such blob.
    pub async fn blob(&self, oid: Oid, limit: u64) -> Result<Vec<u8>> {
        let header = self.headers(&[oid.to_string()], None).await?.pop().flatten();
        let blob =
            header.filter(|header| header.kind == crate::ObjectKind::Blob).ok_or(GitError::NotFound)?;
        let limit = limit.min(ANSWER_LIMIT);
        if blob.size > limit {
            return Err(GitError::TooLarge { limit });
        }
        self.content(oid, blob.size).await
    }

    async fn content(&self, blob: Oid, size: u64) -> Result<Vec<u8>> {
        self.reading("cat-file").arg("blob").arg(blob.to_string()).limit(size).output().await
    }
}
