//! Making a web hook.

use tessera_model::operation::web_hooks::AddWebHook;
use tessera_model::project::Project;
use tessera_model::web_hook::{Events, Health, WebHook};
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::web_hooks::Stored;

use super::secrets::Secrets;
use super::{Changes, Destination, Seen, note};
use crate::{Authorized, Tx, fault};

/// Hooks that a project may have, as in GitLab.
const MOST: i64 = 100;

/// Judges a new hook as far as the database knows, and says where it leads.
///
/// # Errors
/// 422 with what is wrong.
pub fn prepare_to_add<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, AddWebHook, Project>,
    wanted: &Changes,
) -> Result<Destination> {
    let destination = Destination::read(tx.conn, wanted.url.as_deref().unwrap_or_default())?;
    wanted.judge()?;
    if query::web_hooks::count(tx.conn, project.id).map_err(fault)? >= MOST {
        return Err(Error::NotAcceptable(format!("Maximum number of project hooks ({MOST}) exceeded")));
    }
    Ok(destination)
}

/// Makes a hook. Where it leads has been looked at before, and is again whenever it is called.
///
/// # Errors
/// 422 with what is wrong.
pub fn add<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, AddWebHook, Project>,
    wanted: &Changes,
) -> Result<Seen> {
    prepare_to_add(tx, project, wanted)?;
    let mut hook = WebHook {
        id: 0,
        project_id: project.id,
        name: None,
        description: None,
        events: Events::DEFAULT,
        branch_filter: None,
        branch_strategy: "wildcard".to_owned(),
        verifies_tls: true,
        health: Health::default(),
        created_at: tx.now,
        updated_at: tx.now,
    };
    let mut secrets = Secrets { url: String::new(), token: None, signing_token: None };
    wanted.apply(&mut hook, &mut secrets);
    let sealed = secrets.seal(&tx.core.vault, project.id, &*tx.core.entropy)?;
    let mut stored = Stored { hook, sealed };
    stored.hook.id = query::web_hooks::insert(tx.conn, &stored, tx.now).map_err(fault)?;
    let seen = Seen::of(&stored, &secrets, tx.now);
    note(tx, project, "create", &seen)?;
    Ok(seen)
}
