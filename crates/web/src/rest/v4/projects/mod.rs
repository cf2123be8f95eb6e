//! `/projects`.

mod archive;
mod create;
mod delete;
mod get;
pub(super) mod list;
mod update;

use tessera_service::Key;

use crate::params::Reader;

/// The project of the route.
fn project(p: &mut Reader<'_>) -> Key {
    Key::parse(&p.string("id").required())
}
