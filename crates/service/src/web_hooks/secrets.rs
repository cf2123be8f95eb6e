//! What is sealed of a hook: its URL, into which people put passwords, and its two tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tessera_model::secret::Entropy;
use tessera_model::web_hook::SigningKey;
use tessera_model::{Error, Result};
use tessera_store::query::web_hooks::Stored;
use zeroize::Zeroizing;

use crate::vault::Vault;

/// The URL and the tokens of a hook.
pub(super) struct Secrets {
    pub(super) url: String,
    /// What is sent as `X-Gitlab-Token`.
    pub(super) token: Option<Zeroizing<String>>,
    /// The key of the signature, as it was given.
    pub(super) signing_token: Option<Zeroizing<String>>,
}

fn place(project_id: i64) -> String {
    format!("web hook of project {project_id}")
}

impl Secrets {
    /// Seals them; none holds a line break.
    pub(super) fn seal(&self, vault: &Vault, project_id: i64, entropy: &dyn Entropy) -> Result<Vec<u8>> {
        let text = |given: &Option<Zeroizing<String>>| given.clone().unwrap_or_default();
        let (token, signing) = (text(&self.token), text(&self.signing_token));
        let whole = Zeroizing::new([self.url.as_str(), &token, &signing].join("\n"));
        vault.seal(&place(project_id), whole.as_bytes(), entropy)
    }

    /// Opens them.
    pub(super) fn open(vault: &Vault, stored: &Stored) -> Result<Self> {
        let whole = vault.open(&place(stored.hook.project_id), &stored.sealed)?;
        let text = str::from_utf8(&whole).map_err(Error::internal)?;
        let mut lines = text.split('\n');
        let url = lines.next().unwrap_or_default().to_owned();
        let mut secret = || {
            let line = lines.next().filter(|line| !line.is_empty());
            line.map(|line| Zeroizing::new(line.to_owned()))
        };
        Ok(Self { url, token: secret(), signing_token: secret() })
    }
}

/// Reads a signing token: `whsec_` and 32 bytes in base64.
pub(super) fn signing_key(token: &str) -> Option<SigningKey> {
    let bytes = Zeroizing::new(STANDARD.decode(token.strip_prefix(SigningKey::PREFIX)?).ok()?);
    let bytes: [u8; 32] = bytes.as_slice().try_into().ok()?;
    Some(SigningKey::new(Zeroizing::new(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_token_holds_thirty_two_bytes() {
        let token = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7_u8; bytes]));
        assert!(signing_key(&token(32)).is_some());
        for bad in [token(31), token(33), STANDARD.encode([7; 32]), "whsec_".to_owned(), "whsec_!".to_owned()]
        {
            assert!(signing_key(&bad).is_none(), "{bad}");
        }
    }
}
