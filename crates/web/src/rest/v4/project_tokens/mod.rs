//! `/projects/:id/access_tokens`.

mod create;
mod get;
mod list;
mod revoke;
mod rotate;
mod usage;

use tessera_service::Key;

pub(super) use list::{filter, narrowed};
pub(super) use rotate::expires_at;

use crate::params::Reader;

/// The project of the route.
pub(super) fn project(p: &mut Reader<'_>) -> Key {
    Key::parse(&p.string("id").required())
}
