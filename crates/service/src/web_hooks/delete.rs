//! Removing a web hook, with what it was yet to send.

use tessera_model::Result;
use tessera_model::operation::web_hooks::DeleteWebHook;
use tessera_model::project::Project;
use tessera_model::time::Timestamp;
use tessera_store::query;

use super::{Seen, note, read};
use crate::{Authorized, Tx, fault};

/// Removes a hook, if `may_go` has nothing against one that was last changed at that time.
///
/// # Errors
/// 404, or what `may_go` says.
pub fn delete<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, DeleteWebHook, Project>,
    id: i64,
    may_go: impl FnOnce(Timestamp) -> Result<()>,
) -> Result<()> {
    let stored = read::stored(tx, project.id, id)?;
    may_go(stored.hook.updated_at)?;
    let seen = Seen::open(tx, &stored)?;
    query::web_hooks::delete(tx.conn, id).map_err(fault)?;
    note(tx, project, "remove", &seen)
}
