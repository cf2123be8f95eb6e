//! How it stands with a second factor.

use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::time::Timestamp;
use tessera_model::user::User;
use tessera_store::query;

use super::{enforcement, must_be_person};
use crate::{Authorized, Tx, fault};

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether it is on.
    pub enabled: bool,
    /// How many recovery codes are left.
    pub recovery_codes_left: i64,
    /// Whether the instance asks everybody for one.
    pub required: bool,
    /// From when on a password alone opens nothing; none while that time has not begun, or is none.
    pub grace_period_ends_at: Option<Timestamp>,
}

/// How it stands with a person's second factor.
///
/// # Errors
/// 403 for whoever is no person.
pub fn get<'tx, Op: Operation>(tx: &mut Tx<'tx>, user: &Authorized<'tx, Op, User>) -> Result<Status> {
    must_be_person(user)?;
    let sign_in = query::two_factor::sign_in(tx.conn, user.id).map_err(fault)?;
    let asked = enforcement(tx.conn).map_err(fault)?;
    Ok(Status {
        enabled: user.two_factor,
        recovery_codes_left: query::two_factor::codes_left(tx.conn, user.id).map_err(fault)?,
        required: asked.required,
        grace_period_ends_at: asked.grace_ends(sign_in.grace_started_at),
    })
}
