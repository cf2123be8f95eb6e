//! The audit log, written in the transaction that it tells of: what is not written down is not done.

use serde_json::{Value, json};
use tessera_model::Result;
use tessera_store::query;

use crate::{Tx, fault};

/// What happened, as a use case tells it; who, when and from where the transaction knows.
pub(crate) struct Event<'a> {
    /// What was done, as `noun.verb`.
    pub(crate) action: &'a str,
    /// To what: its kind, number and name.
    pub(crate) target: (&'a str, Option<i64>, &'a str),
    /// In which project.
    pub(crate) project_id: Option<i64>,
    /// What else there is to know; never a secret.
    pub(crate) details: Value,
}

pub(crate) fn record(tx: &mut Tx<'_>, event: &Event<'_>) -> Result<()> {
    let actor_id = tx.caller.sudo_by.as_ref().map(|(id, _)| *id).or_else(|| tx.caller.user_id());
    let actor = printable(tx.actor());
    let mut details = event.details.clone();
    if let (Some(_), Some(user)) = (&tx.caller.sudo_by, &tx.caller.user)
        && let Some(object) = details.as_object_mut()
    {
        object.insert("on_behalf_of".to_owned(), json!(user.username));
    }
    let name = printable(event.target.2);
    let row = query::audit::Event {
        action: event.action,
        actor: (actor_id, &actor),
        token_id: tx.caller.token().map(|token| token.id),
        target: (event.target.0, event.target.1, &name),
        project_id: event.project_id,
        address: &tx.meta.address,
        request_id: &tx.meta.request_id,
        surface: tx.meta.surface_name(),
        details: &details.to_string(),
    };
    query::audit::add(tx.conn, &row, tx.now).map_err(fault)
}

/// Names go into the log without control characters, so that none can forge a line of it.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_name_can_forge_a_line() {
        assert_eq!(super::printable("a\r\nb\u{1b}[2Jc"), "a\u{fffd}\u{fffd}b\u{fffd}[2Jc");
    }
}
