//! Passwords: Argon2id, checked away from the database threads and never more than a few at once.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tessera_model::secret::Entropy;
use tessera_model::{Error, Result};
use zeroize::Zeroizing;

/// Hashes a password.
///
/// # Errors
/// When there is no randomness for its salt.
pub fn hash(password: &str, entropy: &dyn Entropy) -> Result<String> {
    let mut salt = [0_u8; 16];
    entropy.fill(&mut salt)?;
    let salted = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    salted.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
}

/// Whether a password is the one of a hash.
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A hash that no password has: unknown users cost the same work as known ones.
pub fn dummy_hash() -> &'static str {
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}

/// Makes a password for people to copy: 24 letters and digits.
///
/// # Errors
/// When there is no randomness.
pub fn generate(entropy: &dyn Entropy) -> Result<Zeroizing<String>> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = Zeroizing::new([0_u8; 24]);
    entropy.fill(bytes.as_mut_slice())?;
    Ok(Zeroizing::new(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect()))
}
