//! The secret of a device in the database: AES-256-GCM under a key derived from the one in `secrets/`, bound to its
//! user, so that a row copied to another account opens nothing.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use tessera_model::secret::Entropy;
use tessera_model::two_factor::{OtpSecret, TwoFactorKeys};
use tessera_model::{Error, Result};
use zeroize::Zeroizing;

/// The first byte of what is sealed: the way in which it is.
const FORM: u8 = 1;

fn key(keys: &TwoFactorKeys) -> Result<LessSafeKey> {
    let unbound = UnboundKey::new(&AES_256_GCM, keys.sealing());
    unbound.map(LessSafeKey::new).map_err(|Unspecified| Error::internal("no key of this length can seal"))
}

fn bound_to(user_id: i64) -> Aad<[u8; 8]> {
    Aad::from(user_id.to_be_bytes())
}

/// Seals a secret.
///
/// # Errors
/// When there is no randomness.
pub(super) fn seal(
    keys: &TwoFactorKeys,
    user_id: i64,
    secret: &OtpSecret,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>> {
    let mut nonce = [0_u8; NONCE_LEN];
    entropy.fill(&mut nonce)?;
    let mut text = Zeroizing::new(Vec::with_capacity(64));
    text.extend_from_slice(secret.bytes());
    let sealed = key(keys)?.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        bound_to(user_id),
        &mut *text,
    );
    sealed.map_err(|Unspecified| Error::internal("a second factor could not be sealed"))?;
    Ok([&[FORM], &nonce[..], text.as_slice()].concat())
}

/// Opens a sealed secret.
///
/// # Errors
/// When it was sealed for another user or with another key, or was altered.
pub(super) fn open(keys: &TwoFactorKeys, user_id: i64, sealed: &[u8]) -> Result<OtpSecret> {
    let unusable = || Error::internal("a second factor was altered, or sealed with another key");
    let (&FORM, rest) = sealed.split_first().ok_or_else(unusable)? else { return Err(unusable()) };
    let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(unusable)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|Unspecified| unusable())?;
    let mut text = Zeroizing::new(text.to_vec());
    let opened = key(keys)?.open_in_place(nonce, bound_to(user_id), &mut text);
    opened.ok().and_then(|bytes| OtpSecret::from_bytes(bytes)).ok_or_else(unusable)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use tessera_model::secret::EntropyError;

    use super::*;

    #[derive(Default)]
    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            buffer.fill(self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    #[test]
    fn what_was_sealed_opens_for_its_user_and_key_alone() {
        let (entropy, keys) = (Counting::default(), TwoFactorKeys::derive(&[1; 32]));
        let secret = OtpSecret::from_bytes(b"12345678901234567890").unwrap();
        let sealed = seal(&keys, 7, &secret, &entropy).unwrap();
        assert_eq!(open(&keys, 7, &sealed).unwrap().bytes(), secret.bytes());
        assert!(!sealed.windows(8).any(|part| part == &secret.bytes()[..8]), "nothing of it shows");
        assert!(open(&keys, 8, &sealed).is_err(), "another account");
        assert!(open(&TwoFactorKeys::derive(&[2; 32]), 7, &sealed).is_err(), "another key");
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert!(open(&keys, 7, &altered).is_err(), "byte {place}");
            assert!(open(&keys, 7, &sealed[..place]).is_err(), "cut at {place}");
        }
        assert_ne!(seal(&keys, 7, &secret, &entropy).unwrap(), sealed, "twice the same looks different");
    }
}
