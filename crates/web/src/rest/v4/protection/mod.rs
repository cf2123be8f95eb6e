//! `/projects/:id/protected_branches` and `/projects/:id/protected_tags`.

mod grants;
mod protect_branch;
mod protect_tag;
mod read;
mod unprotect;
mod update_branch;

use tessera_service::Key;

use crate::params::Reader;

/// The project of the route.
fn project(p: &mut Reader<'_>) -> Key {
    Key::parse(&p.string("id").required())
}

/// The project and the rule of the route.
fn rule(p: &mut Reader<'_>) -> (Key, String) {
    (project(p), p.string("name").required())
}
