//! The question of git's pre-receive hook, and the answer to it.
//!
//! git starts the hook program when a push has arrived in quarantine, before any reference changes. The program is
//! this same binary under another name ([`client`]); it sends what git told it over a Unix socket to the server
//! ([`server`]), which judges the push with everything it knows, and exits as told. The number that joins a hook to
//! its push works once, and neither it nor the socket says who is pushing.

pub mod client;
pub mod server;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use crate::error::{GitError, Result};
use crate::oid::{Oid, hex};
use crate::repository::Repository;

/// File name of the hook, and what the program's own name ends in when it runs as hook.
pub const HOOK_NAME: &str = "pre-receive";

/// Environment variable with the path of the server's socket.
pub(crate) const SOCKET_VARIABLE: &str = "TESSERA_HOOK_SOCKET";

/// Environment variable with the number of the push, in hexadecimal.
pub(crate) const NONCE_VARIABLE: &str = "TESSERA_HOOK_NONCE";

/// Joins a hook to its push. Random, known to the two of them alone, accepted once.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Takes 16 random bytes from the caller.
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    pub(crate) fn to_hex(self) -> String {
        hex(&self.0)
    }

    pub(crate) fn from_hex(hex: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(hex).ok().filter(|text| text.len() == 32 && text.is_ascii())?;
        let mut bytes = [0; 16];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(..)")
    }
}

/// One reference of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// Where it points now; zero for a new one.
    pub old: Oid,
    /// Where it shall point; zero for one to be deleted.
    pub new: Oid,
    /// Full name, such as `refs/heads/main`.
    pub name: String,
}

/// What the hook reports: the push that waits for its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HookRequest {
    /// All references, in the client's order.
    pub updates: Vec<RefUpdate>,
    /// What the client gave with `--push-option`.
    pub push_options: Vec<String>,
    /// Where the new objects wait; give it to [`Repository::quarantine`].
    pub quarantine: Option<PathBuf>,
}

/// The verdict over all references of a push together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookVerdict {
    /// Whether the references may change.
    pub accept: bool,
    /// Lines the client shows, each behind `remote: `. Sent as they are, save that control characters are taken out.
    pub messages: Vec<String>,
}

impl HookVerdict {
    /// The push goes through.
    pub fn accepted() -> Self {
        Self { accept: true, messages: Vec::new() }
    }

    /// Nothing of the push goes through, for the reason given.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { accept: false, messages: vec![message.into()] }
    }
}

/// The objects of a push that is not decided yet: visible only to commands that are given this.
#[derive(Debug, Clone)]
pub struct Quarantine {
    pub(crate) objects: PathBuf,
}

impl Repository {
    /// The quarantine a hook reported, after checking that it belongs to this repository. `None` when git made none, as
    /// for a push that only deletes.
    pub fn quarantine(&self, request: &HookRequest) -> Result<Option<Quarantine>> {
        let Some(path) = &request.quarantine else { return Ok(None) };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let ours = path.parent() == Some(&self.path().join("objects"));
        if !ours || !name.contains("incoming-") {
            return Err(GitError::InvalidInput {
                what: "quarantine",
                reason: "is not one of this repository",
            });
        }
        Ok(Some(Quarantine { objects: path.clone() }))
    }
}
