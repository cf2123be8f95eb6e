//! Web hooks of projects: what is called when tokens of the project are about to end.

mod add;
mod call;
mod change;
pub mod courier;
mod delete;
mod deliver;
mod edit;
mod events;
mod payload;
pub(crate) mod queue;
mod read;
mod route;
mod secrets;
mod test;

use tessera_model::Result;
use tessera_model::project::Project;
use tessera_model::time::Timestamp;
use tessera_model::web_hook::{Alert, Health, WebHook};
use tessera_store::query::web_hooks::Stored;

pub use add::{add, prepare_to_add};
pub use call::{Call, Made};
pub use change::Changes;
pub use delete::delete;
pub use deliver::Called;
pub use edit::{edit, prepare_to_edit};
pub(crate) use events::LISTED;
pub use events::{Filter, list_events};
pub use read::{get, list};
pub use route::Destination;
pub use tessera_store::query::web_hook_events::Event;
pub use test::{conclude, is_trigger, prepare_resend, prepare_test};

use crate::{Tx, audit};
use secrets::Secrets;

/// A hook as those see it who manage the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The hook.
    pub hook: WebHook,
    /// What it calls.
    pub url: String,
    /// Whether it sends a secret token.
    pub token_present: bool,
    /// Whether it signs.
    pub signing_token_present: bool,
    /// Whether it is called at the moment.
    pub alert: Alert,
}

impl Seen {
    fn of(stored: &Stored, secrets: &Secrets, now: Timestamp) -> Self {
        Self {
            hook: stored.hook.clone(),
            url: secrets.url.clone(),
            token_present: secrets.token.is_some(),
            signing_token_present: secrets.signing_token.is_some(),
            alert: stored.hook.health.alert(now),
        }
    }

    fn open(tx: &Tx<'_>, stored: &Stored) -> Result<Self> {
        Ok(Self::of(stored, &Secrets::open(&tx.core.vault, stored)?, tx.now))
    }
}

/// Until when a hook is left alone, if it is at the moment.
fn rests_until(health: Health, now: Timestamp) -> Option<Timestamp> {
    match health.alert(now) {
        Alert::Executable => None,
        Alert::TemporarilyDisabled(until) => Some(until.plus_seconds(1)),
        Alert::Disabled => Some(Timestamp(i64::MAX)),
    }
}

/// Writes down what was done to a hook. Of its URL only the host: people put secrets into the rest.
fn note(tx: &mut Tx<'_>, project: &Project, verb: &str, seen: &Seen) -> Result<()> {
    let host = route::host_of(&seen.url);
    tx.audit(&audit::Event {
        action: &format!("web_hook.{verb}"),
        target: ("web_hook", Some(seen.hook.id), seen.hook.name.as_deref().unwrap_or(&host)),
        project_id: Some(project.id),
        details: serde_json::json!({
            "host": host, "events": seen.hook.events.names(), "token_present": seen.token_present,
            "signing_token_present": seen.signing_token_present, "enable_ssl_verification": seen.hook.verifies_tls,
        }),
    })
}
