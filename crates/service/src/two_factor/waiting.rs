//! The secret that waits for its first code.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::two_factor::OtpSecret;
use tessera_model::user::User;
use tessera_store::query;

use super::open;
use crate::{Authorized, Tx, fault};

/// The secret of the device that is being set up, if one waits: whoever typed a wrong code sees it again.
///
/// # Errors
/// When the database does not answer.
pub fn own<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
) -> Result<Option<OtpSecret>> {
    if user.two_factor {
        return Ok(None);
    }
    let factor = query::two_factor::factor(tx.conn, user.id).map_err(fault)?;
    let waits = factor.expires_at.is_some_and(|end| tx.now < end);
    factor.sealed.filter(|_| waits).map(|sealed| open(tx, user.id, &sealed)).transpose()
}
