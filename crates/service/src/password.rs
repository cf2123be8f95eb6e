//! Passwords: Argon2id, checked away from the database threads and never more than a few at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tessera_model::error::Unauthenticated;
use tessera_model::secret::Entropy;
use tessera_model::{Error, Result};
use tessera_store::{Conn, query};
use zeroize::Zeroizing;

use crate::{Credential, Service, Trouble, two_factor};

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

/// Whose password is tried.
struct Tried {
    user_id: i64,
    hash: String,
    /// Whether this is the first time since everybody is asked for a second factor.
    begins_grace: bool,
}

fn tried(conn: &mut dyn Conn, login: &str) -> Result<Option<Tried>, Trouble> {
    let user = match query::users::by_username(conn, login)? {
        Some(user) => Some(user),
        None => query::users::by_email(conn, login)?,
    };
    let Some(user) = user else { return Ok(None) };
    let known = query::two_factor::sign_in(conn, user.id)?;
    let begins_grace = !user.two_factor
        && known.grace_started_at.is_none()
        && user.barred().is_none()
        && two_factor::enforcement(conn)?.required;
    Ok(known.password_hash.map(|hash| Tried { user_id: user.id, hash, begins_grace }))
}

impl Service {
    /// Checks a user name and password, which came from this address. Unknown users cost the same work as
    /// known ones, and those whose password alone does not do the same as all others: whether it does is judged
    /// with the request. A right password is never a failed guess.
    ///
    /// # Errors
    /// 401 when they do not fit, 429 when there were too many that did not.
    pub async fn password(&self, login: &str, given: String, address: &str) -> Result<Credential> {
        let attempt = self.guard().try_password(login, address, self.now()).map_err(Error::TooMany)?;
        let login = login.to_owned();
        let found = self.store().read(move |conn| tried(conn, &login)).await.map_err(|trouble| trouble.0)?;
        let turn = self.password_turns().acquire().await.map_err(Error::internal)?;
        let checked = tokio::task::spawn_blocking(move || {
            let hash = found.as_ref().map_or(dummy_hash(), |tried| &tried.hash);
            let fits = verify(&given, hash);
            found.filter(|_| fits)
        });
        let checked = checked.await.map_err(Error::internal)?;
        drop(turn);
        let Some(Tried { user_id, hash, begins_grace }) = checked else {
            return Err(Error::Unauthenticated(Unauthenticated::Unknown));
        };
        self.guard().password_fitted(attempt);
        if begins_grace {
            let now = self.now();
            let begin = move |conn: &mut dyn Conn| {
                query::two_factor::begin_grace(conn, user_id, now).map_err(Trouble::from)
            };
            self.store().write(begin).await.map_err(|trouble| trouble.0)?;
        }
        Ok(Credential::Password { user_id, hash })
    }

    /// Hashes a password away from the threads that serve requests.
    ///
    /// # Errors
    /// When there is no randomness.
    pub async fn hash_password(&self, password: String) -> Result<String> {
        let _turn = self.password_turns().acquire().await.map_err(Error::internal)?;
        let entropy = Arc::clone(&self.core().entropy);
        let hashed = tokio::task::spawn_blocking(move || hash(&password, &*entropy));
        hashed.await.map_err(Error::internal)?
    }
}
