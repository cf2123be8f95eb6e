//! `/groups` and `/namespaces`.

mod create;
mod delete;
mod get;
mod list;
mod namespaces;
mod projects;
mod subgroups;
mod update;

use tessera_service::Key;

use crate::params::Reader;

/// The group of the route.
fn group(p: &mut Reader<'_>) -> Key {
    Key::parse(&p.string("id").required())
}
