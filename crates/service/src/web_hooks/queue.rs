//! Decides which hooks are to be told of which tokens. The call is written down in the transaction that decides, and is
//! itself the mark that this hook was told of this token, this window and this end.

use std::collections::HashMap;

use tessera_model::project::Project;
use tessera_model::time::Date;
use tessera_model::web_hook::Events;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::notices::Notice;
use tessera_store::query::web_hook_deliveries::{NewDelivery, Wanted};

use super::call::uuid;
use super::payload::{Ending, body};
use crate::{Tx, fault};

/// Tokens looked at in one transaction.
const STEP: i64 = 100;

/// The numbers of the hook and the token that were looked at last.
pub(crate) type Place = (i64, i64);

/// Writes some calls down: of tokens that end after one date and up to another. The farther windows are told where the
/// project asks for it. Returns where to go on, unless that was all, and how many there were.
pub(crate) fn queue(
    tx: &mut Tx<'_>,
    notice: Notice,
    ends: (Date, Date),
    after: Place,
) -> Result<(Option<Place>, u64)> {
    let wanted = Wanted { notice, ends, extended: notice != Notice::Seven, event: Events::TOKENS.0 };
    let due = query::web_hook_deliveries::due(tx.conn, &wanted, after, STEP).map_err(fault)?;
    let mut projects: HashMap<i64, Project> = HashMap::new();
    for (hook, token) in &due {
        let gone = || Error::internal("a token's project vanished");
        let (id, end) = token.project_id.zip(token.expires_on).ok_or_else(gone)?;
        let project = match projects.remove(&id) {
            Some(known) => known,
            None => query::projects::by_id(tx.conn, id).map_err(fault)?.ok_or_else(gone)?,
        };
        let ending = Ending {
            id: token.id,
            user_id: token.user_id,
            name: &token.name,
            created_at: token.created_at,
            last_used_at: token.last_used_at,
            ends: end,
        };
        let body = body(tx.core, &project, &ending, notice);
        let (key, event) = (uuid(&*tx.core.entropy)?, uuid(&*tx.core.entropy)?);
        let uuids = (key.as_str(), event.as_str());
        let new = NewDelivery { web_hook_id: *hook, of: (token.id, notice, end), uuids, body: &body };
        query::web_hook_deliveries::add(tx.conn, &new, tx.now).map_err(fault)?;
        projects.insert(id, project);
    }
    let count = u64::try_from(due.len()).unwrap_or(0);
    Ok((due.last().map(|(hook, token)| (*hook, token.id)), count))
}
