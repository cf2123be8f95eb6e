//! Secrets that must be read again, such as the token that a web hook sends: encrypted at rest under a key that the
//! database does not hold. Whoever reads the database alone learns none of them, and whoever writes it can put none in
//! and move none to another place.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use tessera_model::secret::{Entropy, hmac_sha256};
use tessera_model::{Error, Result};
use zeroize::Zeroizing;

/// The first byte of what is sealed: how it was.
const FORM: u8 = 1;

/// The key, derived from the one in `secrets/`.
pub(crate) struct Vault(LessSafeKey);

impl Vault {
    /// Derives it.
    pub(crate) fn derive(secret: &[u8; 32]) -> Option<Self> {
        let key = hmac_sha256(secret, b"tessera secrets at rest key 1");
        UnboundKey::new(&AES_256_GCM, key.as_slice()).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Seals a secret for one place, such as `web hook of project 7`: it opens for no other.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn seal(&self, place: &str, secret: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        // Encrypted where it is copied to, so that no copy of the text is left behind.
        let mut text = secret.to_vec();
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut text)
            .map_err(|_| Error::internal("a secret could not be sealed"))?;
        Ok([&[FORM], nonce.as_slice(), &text, tag.as_ref()].concat())
    }

    /// Opens what was sealed for a place.
    ///
    /// # Errors
    /// When it was sealed for another one, under another key, or altered.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let damaged = || Error::internal(format!("what is sealed for the {place} does not open"));
        let (form, rest) = sealed.split_first().ok_or_else(damaged)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        if *form != FORM {
            return Err(damaged());
        }
        let mut text = Zeroizing::new(text.to_vec());
        let length = self.0.open_in_place(nonce, Aad::from(place), &mut text).map_err(|_| damaged())?.len();
        text.truncate(length);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use tessera_model::secret::EntropyError;

    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let vault = Vault::derive(&[7; 32]).unwrap();
        let sealed = vault.seal("web hook of project 7", b"open sesame", &Fixed(1)).unwrap();
        assert_eq!(vault.open("web hook of project 7", &sealed).unwrap().as_slice(), b"open sesame");
        assert!(vault.open("web hook of project 8", &sealed).is_err());
        assert!(Vault::derive(&[8; 32]).unwrap().open("web hook of project 7", &sealed).is_err());
        assert!(!sealed.windows(4).any(|part| part == b"open"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let vault = Vault::derive(&[7; 32]).unwrap();
        let sealed = vault.seal("place", b"secret", &Fixed(1)).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.open("place", &changed).is_err(), "byte {at}");
            assert!(vault.open("place", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let vault = Vault::derive(&[7; 32]).unwrap();
        let sealed = |byte| vault.seal("place", b"secret", &Fixed(byte)).unwrap();
        assert_ne!(sealed(1), sealed(2));
    }
}
