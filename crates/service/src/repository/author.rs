//! Under whose name a change is made.

use tessera_git::Signature;
use tessera_model::{Error, Result};

use crate::Tx;

/// The caller as author, committer or tagger of a change made now.
///
/// # Errors
/// 401 for callers who are nobody.
pub fn author(tx: &Tx<'_>) -> Result<Signature> {
    use tessera_model::error::Unauthenticated::Missing;
    let user = tx.caller.user.as_ref().ok_or(Error::Unauthenticated(Missing))?;
    // Git keeps no name without a letter or digit.
    let name = if user.name.chars().any(char::is_alphanumeric) { &user.name } else { &user.username };
    let time = tx.now.seconds();
    Ok(Signature { name: name.clone(), email: user.email.clone(), time, offset_minutes: 0 })
}
