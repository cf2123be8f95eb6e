//! The key under which tokens are digested, and from which those of the audit log and of second factors are derived.
//! It lives in `secrets/`, never in the database (D16).

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tessera_model::audit::SealKey;
use tessera_model::secret::{DigestKey, Entropy, hex};
use tessera_model::session::SessionKey;
use tessera_model::two_factor::RecoveryKey;
use tessera_store::{Conn, DbError, Store, query};
use zeroize::Zeroizing;

use crate::Trouble;
use crate::vault::Vault;

const KEY_FILE: &str = "token_digest_key";
const GITLAB_KEYS_FILE: &str = "gitlab_db_key_base";
const FINGERPRINT: &str = "token_key_fingerprint";
/// How much of `db_key_base` GitLab appends to a token before hashing it (semantics sheet 8.2b).
const GITLAB_KEY: usize = 32;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The folder cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// What was tried.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{0} is no key of 64 hexadecimal digits")]
    Malformed(PathBuf),
    /// The database knows tokens, but its key is not here.
    #[error(
        "{0} is missing, but the database holds tokens made with it: put the file back (backups include secrets/)"
    )]
    Missing(PathBuf),
    /// The database was used with another key.
    #[error("{0} is not the key that this database was made with: put the right file back")]
    Different(PathBuf),
    /// The database did not answer.
    #[error("{0}")]
    Database(String),
    /// The library of ciphers refused a key.
    #[error("a key for secrets at rest could not be made")]
    Cipher,
    /// There is no randomness.
    #[error("the operating system gave no randomness for a key")]
    Entropy,
    /// What was given is the secret of no GitLab.
    #[error("a db_key_base consists of visible ASCII characters, without spaces or line breaks")]
    NoGitlabKey,
}

/// Keys of a GitLab, the current one first.
pub(crate) type GitlabKeys = Arc<[Zeroizing<String>]>;

/// The keys of an instance.
pub struct Keys {
    pub(crate) digest: DigestKey,
    pub(crate) recovery: RecoveryKey,
    pub(crate) session: SessionKey,
    secret: Zeroizing<[u8; 32]>,
    gitlab: RwLock<GitlabKeys>,
    secrets: PathBuf,
}

impl Keys {
    /// The key of the audit log.
    pub(crate) fn seal_key(&self) -> SealKey {
        SealKey::derive(&self.secret)
    }

    /// What secrets are kept in that must be read again.
    pub(crate) fn vault(&self) -> Result<Vault, KeyError> {
        Vault::derive(&self.secret).ok_or(KeyError::Cipher)
    }

    /// The folder that they live in.
    pub(crate) fn secrets(&self) -> &Path {
        &self.secrets
    }

    /// The keys that imported tokens are tried with.
    pub(crate) fn gitlab(&self) -> GitlabKeys {
        self.gitlab.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads them again: another process may have added one.
    pub(crate) fn reload_gitlab(&self) -> Result<(), KeyError> {
        let found = gitlab_keys(&self.secrets)?;
        *self.gitlab.write().unwrap_or_else(PoisonError::into_inner) = found.into();
        Ok(())
    }

    /// Adds one; it counts from now on.
    pub(crate) fn add_gitlab(&self, db_key_base: &str) -> Result<(), KeyError> {
        let mut known = self.gitlab.write().unwrap_or_else(PoisonError::into_inner);
        add_gitlab_key(&self.secrets, db_key_base)?;
        *known = gitlab_keys(&self.secrets)?.into();
        Ok(())
    }
}

/// Reads the keys, or makes them for a database that has none yet; the database's fingerprint and
/// the file must agree.
///
/// # Errors
/// When they do not, or cannot be read: then no server may start, since every token would be unknown.
pub async fn open(secrets: &Path, store: &Store, entropy: &dyn Entropy) -> Result<Keys, KeyError> {
    let known = store
        .read(|conn| query::instance::get(conn, FINGERPRINT).map_err(Trouble::from))
        .await
        .map_err(|trouble| KeyError::Database(trouble.0.to_string()))?;
    let path = secrets.join(KEY_FILE);
    let bytes = match read(&path)? {
        Some(bytes) => bytes,
        None if known.is_some() => return Err(KeyError::Missing(path)),
        None => make(&path, entropy)?,
    };
    let digest = DigestKey::new(1, &bytes);
    match known {
        Some(fingerprint) if fingerprint != digest.fingerprint() => return Err(KeyError::Different(path)),
        Some(_) => {}
        None => {
            let fingerprint = digest.fingerprint().to_owned();
            store
                .write(move |conn| {
                    query::instance::put(conn, FINGERPRINT, &fingerprint).map_err(Trouble::from)
                })
                .await
                .map_err(|trouble| KeyError::Database(trouble.0.to_string()))?;
        }
    }
    let gitlab = RwLock::new(gitlab_keys(secrets)?.into());
    let recovery = RecoveryKey::derive(&bytes);
    let session = SessionKey::derive(&bytes);
    Ok(Keys { digest, recovery, session, secret: bytes, gitlab, secrets: secrets.to_owned() })
}

/// The fingerprint of the key that a database was made with: it tells one instance from another.
///
/// # Errors
/// When the database does not answer.
pub fn fingerprint(conn: &mut dyn Conn) -> Result<Option<String>, DbError> {
    query::instance::get(conn, FINGERPRINT)
}

/// Looks whether the key is there and is the one of this fingerprint; changes nothing.
///
/// # Errors
/// As [`open`].
pub fn check(secrets: &Path, known: Option<&str>) -> Result<(), KeyError> {
    let path = secrets.join(KEY_FILE);
    let bytes = read(&path)?.ok_or_else(|| KeyError::Missing(path.clone()))?;
    match known {
        Some(known) if known != DigestKey::new(1, &bytes).fingerprint() => Err(KeyError::Different(path)),
        _ => Ok(()),
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { path, source }
}

fn read(path: &Path) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
    let mut text = Zeroizing::new(String::new());
    match File::open(path) {
        Ok(mut file) => file.read_to_string(&mut text).map_err(io(path))?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(path)(error)),
    };
    let mut bytes = Zeroizing::new([0_u8; 32]);
    let digits = text.trim().as_bytes();
    if digits.len() != 64 {
        return Err(KeyError::Malformed(path.to_owned()));
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or("");
        *byte = u8::from_str_radix(pair, 16).map_err(|_| KeyError::Malformed(path.to_owned()))?;
    }
    Ok(Some(bytes))
}

fn make(path: &Path, entropy: &dyn Entropy) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    entropy.fill(bytes.as_mut_slice()).map_err(|_| KeyError::Entropy)?;
    write(path, &Zeroizing::new(hex(bytes.as_slice())))?;
    Ok(bytes)
}

/// Writes a secret file that appears whole or not at all, readable by its owner alone.
fn write(path: &Path, text: &str) -> Result<(), KeyError> {
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(io(&draft))?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(io(&draft))?;
    file.sync_all().map_err(io(&draft))?;
    std::fs::rename(&draft, path).map_err(io(path))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io(folder))
}

fn gitlab_keys(secrets: &Path) -> Result<Vec<Zeroizing<String>>, KeyError> {
    let path = secrets.join(GITLAB_KEYS_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            // The last key of the list is the current one: it is tried first.
            Ok(text
                .lines()
                .rev()
                .filter(|line| !line.is_empty())
                .map(|line| Zeroizing::new(line.to_owned()))
                .collect())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(io(&path)(error)),
    }
}

/// Adds a GitLab's `db_key_base` to those that imported tokens are tried with.
///
/// # Errors
/// When the folder cannot be written, or the key has characters that no GitLab would have used.
pub fn add_gitlab_key(secrets: &Path, db_key_base: &str) -> Result<(), KeyError> {
    let path = secrets.join(GITLAB_KEYS_FILE);
    if db_key_base.is_empty() || !db_key_base.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(KeyError::NoGitlabKey);
    }
    let used = &db_key_base[..db_key_base.len().min(GITLAB_KEY)];
    let mut keys: Vec<Zeroizing<String>> = gitlab_keys(secrets)?.into_iter().rev().collect();
    keys.retain(|key| key.as_str() != used);
    keys.push(Zeroizing::new(used.to_owned()));
    let text = Zeroizing::new(keys.iter().map(|key| key.as_str()).collect::<Vec<_>>().join("\n"));
    write(&path, &text)
}

/// GitLab's own digest of a token: base64 of SHA-256 over the token and the key's first characters.
pub fn gitlab_digest(token: &str, key: &str) -> String {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update(token.as_bytes());
    hash.update(&key.as_bytes()[..key.len().min(GITLAB_KEY)]);
    base64::engine::general_purpose::STANDARD.encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gitlab_digests_are_those_of_gitlab() {
        let key = "3f1c9a7e5b2d8046c1e7f0a9b4d638529e0d7c6b5a493827160f5e4d3c2b1a099e0d7c6b5a49\
                   3827160f5e4d3c2b1a099e0d7c6b5a493827160f5e4d3c2b1a09";
        assert_eq!(
            gitlab_digest("acme-Zq7_invented-Ex4mple", key),
            "SUF9baWtDYTdrBvNz2Vzm+0rcB0fqyuzm56aYM+/gVw="
        );
        assert_eq!(
            gitlab_digest("Zx9yWv8uTs7rQp6oNm5L", key),
            "RUSqZO4eeWaoc4oXw3C9eZj7zNhl/yoprppURPqEtKc="
        );
        assert_eq!(
            gitlab_digest("acme-Zq7_invented-Ex4mple", &"a4".repeat(64)),
            "0AkRtT+KHurfysSD++RadPYbHjCH794xVPqQggR86Ps="
        );
    }
}
