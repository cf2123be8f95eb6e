//! The list of a hook's calls.

use tessera_model::Result;
use tessera_model::operation::web_hooks::ListWebHookEvents;
use tessera_model::project::Project;
use tessera_store::query;
use tessera_store::query::web_hook_events::Event;

use super::read;
use super::secrets::Secrets;
use crate::{Authorized, Listed, Slice, Tx, fault};

/// Days for which calls are listed and kept.
pub(crate) const LISTED: i64 = 7;

/// Which calls are wanted; all, if nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those with a status from one to another, both included.
    pub statuses: Vec<(i64, i64)>,
    /// Those that got no answer.
    pub unanswered: bool,
}

/// A page of a hook's calls, the youngest first, and what the hook calls.
///
/// # Errors
/// 404.
pub fn list_events<'tx>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, ListWebHookEvents, Project>,
    id: i64,
    filter: &Filter,
    slice: Slice,
) -> Result<(String, Listed<Event>)> {
    let stored = read::stored(tx, project.id, id)?;
    let since = tx.now.plus_seconds(-LISTED * 86_400);
    let (statuses, unanswered) = (&filter.statuses, filter.unanswered);
    let found =
        query::web_hook_events::list(tx.conn, id, since, statuses, unanswered, slice).map_err(fault)?;
    Ok((Secrets::open(&tx.core.vault, &stored)?.url, found))
}
