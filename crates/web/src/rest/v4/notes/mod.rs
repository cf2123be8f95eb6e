//! `/projects/:id/issues/:issue_iid/notes`.

mod create;
mod delete;
mod get;
mod list;
mod update;

use tessera_service::Key;

use crate::params::Reader;
use crate::rest::v4::issues::place;

/// A project, and the numbers of an issue in it and of a note on that.
type Place = (Key, (i64, i64));

/// The note of the route.
fn note(p: &mut Reader<'_>) -> Place {
    let (key, iid) = place(p);
    (key, (iid, p.integer("note_id").required()))
}
