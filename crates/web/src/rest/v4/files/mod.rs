//! `/projects/:id/repository/files`.

mod change;
mod create;
mod delete;
mod get;
mod raw;
mod update;

use tessera_service::{Key, repository};

use crate::params::Reader;

/// The project and the file of the route.
fn place(p: &mut Reader<'_>) -> (Key, String) {
    let project = Key::parse(&p.string("id").required());
    let path = p.string("file_path").required();
    if !repository::is_path(&path) {
        p.refuse("file_path", "should be a valid file path");
    }
    (project, path)
}
