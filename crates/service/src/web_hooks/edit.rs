//! Changing a web hook.

use tessera_model::operation::web_hooks::EditWebHook;
use tessera_model::project::Project;
use tessera_model::{Error, Result};
use tessera_store::query;

use super::secrets::Secrets;
use super::{Changes, Destination, Seen, note, read};
use crate::{Authorized, Tx, fault};

/// Judges a change as far as the database knows, and says where a new URL leads.
///
/// # Errors
/// 404, 400 when nothing is to be changed, 422 with what is wrong.
pub fn prepare_to_edit<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, EditWebHook, Project>,
    id: i64,
    changes: &Changes,
) -> Result<Option<Destination>> {
    read::stored(tx, project.id, id)?;
    if changes.is_empty() {
        return Err(Error::Parameters("No parameters provided".to_owned()));
    }
    let destination = changes.url.as_ref().map(|url| Destination::read(tx.conn, url)).transpose()?;
    changes.judge()?;
    Ok(destination)
}

/// Changes a hook.
///
/// # Errors
/// What [`prepare_to_edit`] answers.
pub fn edit<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, EditWebHook, Project>,
    id: i64,
    changes: &Changes,
) -> Result<Seen> {
    prepare_to_edit(tx, project, id, changes)?;
    let mut stored = read::stored(tx, project.id, id)?;
    let mut secrets = Secrets::open(&tx.core.vault, &stored)?;
    changes.apply(&mut stored.hook, &mut secrets);
    stored.sealed = secrets.seal(&tx.core.vault, project.id, &*tx.core.entropy)?;
    query::web_hooks::update(tx.conn, &stored, tx.now).map_err(fault)?;
    let seen = Seen::of(&stored, &secrets, tx.now);
    note(tx, project, "update", &seen)?;
    Ok(seen)
}
