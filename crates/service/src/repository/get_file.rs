//! A file of a commit, with its content in memory or piece by piece.

use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tessera_git::{GitError, Oid, TreeEntry};
use tessera_model::operation::Operation;
use tessera_model::{Error, Result};

use super::{Place, fault, io_fault};
use crate::git_access::Session;
use crate::{Ask, Service};

/// Files of up to this many bytes are held in memory; larger ones are read twice, once for the digest and
/// once for the answer.
const HELD: u64 = 1 << 20;

/// A file without its content.
#[derive(Clone, Debug)]
pub struct FileShown {
    /// Its path.
    pub path: String,
    /// Bytes of content.
    pub size: u64,
    /// SHA-256 of the content, in hexadecimal digits.
    pub sha256: String,
    /// The revision that was asked for.
    pub reference: String,
    /// The object of its content.
    pub blob: Oid,
    /// The commit that the revision stands for.
    pub commit: Oid,
    /// The newest commit that changed it.
    pub last_commit: Oid,
    /// Whether it can be run.
    pub executable: bool,
}

impl FileShown {
    /// The last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// The content of a file.
pub enum Content {
    /// All of it.
    Held(Vec<u8>),
    /// Piece by piece, as long as the caller may have it.
    Streamed(Session),
}

/// A file as of a revision; `None` stands for the default branch.
///
/// # Errors
/// "404 Commit Not Found", "404 File Not Found".
pub async fn get<Op: Operation>(
    service: &Service,
    ask: &Ask,
    place: &Place,
    path: &str,
    revision: Option<&str>,
) -> Result<(FileShown, Content)> {
    let reference = revision.unwrap_or("HEAD");
    let commit = place.require_commit(service, reference).await?;
    let repository = place.repository(service);
    let entry = repository.file_meta(commit, path).await.map_err(missing)?;
    let last = async { repository.last_commit_for_path(commit, &entry.path).await.map_err(fault) };
    let (last, (sha256, content)) = tokio::try_join!(last, read::<Op>(service, ask, place, &entry))?;
    let shown = FileShown {
        size: entry.size.unwrap_or(0),
        sha256,
        reference: revision.unwrap_or(&place.project.default_branch).to_owned(),
        blob: entry.oid,
        commit,
        last_commit: last.map_or(commit, |last| last.oid),
        executable: entry.is_executable(),
        path: entry.path,
    };
    Ok((shown, content))
}

/// The digest and the content of a blob.
async fn read<Op: Operation>(
    service: &Service,
    ask: &Ask,
    place: &Place,
    entry: &TreeEntry,
) -> Result<(String, Content)> {
    let repository = place.repository(service);
    let mut digest = Sha256::new();
    let content = if entry.size.is_some_and(|size| size <= HELD) {
        let bytes = repository.blob(entry.oid, HELD).await.map_err(fault)?;
        digest.update(&bytes);
        Content::Held(bytes)
    } else {
        let mut pieces = repository.blob_stream(entry.oid).await.map_err(fault)?;
        while let Some(piece) = pieces.next().await {
            digest.update(&piece.map_err(io_fault)?);
        }
        let pieces = repository.blob_stream(entry.oid).await.map_err(fault)?;
        Content::Streamed(place.watched::<Op>(service, ask, pieces)?)
    };
    let digest = digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok((digest, content))
}

fn missing(error: GitError) -> Error {
    match error {
        GitError::NotFound | GitError::InvalidInput { .. } => Error::missing("File"),
        other => fault(other),
    }
}
