//! Tokens as whoever operates the server sees them: every kind, found by number or by string (U12, U13).

use tessera_model::error::Unauthenticated;
use tessera_model::operation::Operation;
use tessera_model::secret::PlainToken;
use tessera_model::{Error, Result};

use super::inventory::{self, Item};
use crate::{Authorized, Tx, authenticate};

/// How the operator names a token.
pub enum Which<'a> {
    /// By its number.
    Id(i64),
    /// By its string.
    Value(&'a PlainToken),
}

/// The token of this number or string, dead or alive, of whatever kind.
///
/// # Errors
/// 404 when there is none, 403 for anyone but the operator.
pub fn find<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    right: &Authorized<'tx, Op, ()>,
    which: &Which<'_>,
) -> Result<Item> {
    let id = id_of(tx, right, which)?;
    inventory::one(tx, right, id)?.ok_or_else(|| Error::missing("Token"))
}

/// The number of the token of this number or string.
///
/// # Errors
/// 404 when no token has this string, 403 for anyone but the operator.
pub fn id_of<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    which: &Which<'_>,
) -> Result<i64> {
    must_be_operator(tx)?;
    match which {
        Which::Id(id) => Ok(*id),
        Which::Value(value) => {
            let found = authenticate::find(tx.conn, tx.core, value)?;
            found.map(|(token, _)| token.id).ok_or_else(|| Error::missing("Token"))
        }
    }
}

fn must_be_operator(tx: &Tx<'_>) -> Result<()> {
    if tx.caller.is_operator() { Ok(()) } else { Err(Error::Unauthenticated(Unauthenticated::NotPermitted)) }
}
