//! `/users/:user_id/impersonation_tokens`.

mod create;
mod get;
mod list;
mod revoke;

use super::user_id;
use crate::params::Reader;

/// The numbers of the user and the token in the route.
fn both(p: &mut Reader<'_>) -> (i64, i64) {
    (user_id(p), p.integer("impersonation_token_id").required())
}
