//! `/projects/:id/repository/tags`.

mod create;
mod delete;
mod get;
mod list;

use tessera_service::Key;

use crate::params::Reader;

/// The project of the route.
fn project(p: &mut Reader<'_>) -> Key {
    Key::parse(&p.string("id").required())
}
