//! `/projects/:id/hooks`.

mod add;
mod delete;
mod edit;
mod events;
mod get;
mod list;
mod test;

use tessera_model::secret::PlainToken;
use tessera_model::web_hook::{BRANCH_STRATEGIES, EVENTS};
use tessera_service::Key;
use tessera_service::web_hooks::Changes;

use crate::params::{Change, Reader};

/// Parts of GitLab's hooks that there are none of here: what would be sent otherwise than asked is refused.
const MISSING: &[&str] = &["custom_webhook_template", "custom_headers", "url_variables"];

/// The project of the route.
fn project(p: &mut Reader<'_>) -> Key {
    Key::parse(&p.string("id").required())
}

/// The project and the hook of the route.
fn hook(p: &mut Reader<'_>) -> (Key, i64) {
    (project(p), p.integer("hook_id").required())
}

/// Everything that can be said of a hook but its URL.
fn changes(p: &mut Reader<'_>) -> Changes {
    let secret = |change: Change<String>| {
        change.into_option().map(|text| text.filter(|text| !text.is_empty()).map(PlainToken::new))
    };
    let mut changes = Changes {
        url: None,
        name: p.string("name").update().into_option(),
        description: p.string("description").update().into_option(),
        events: Vec::new(),
        branch_filter: p.string("push_events_branch_filter").update().into_option(),
        branch_strategy: p.string("branch_filter_strategy").among(BRANCH_STRATEGIES).optional(),
        verifies_tls: p.boolean("enable_ssl_verification").optional(),
        token: secret(p.string("token").update()),
        signing_token: secret(p.string("signing_token").update()),
    };
    for name in EVENTS {
        changes.events.extend(p.boolean(name).optional().map(|hears| (*name, hears)));
    }
    for name in MISSING {
        let empty = |value: &serde_json::Value| {
            value.is_null()
                || value.as_str().is_some_and(str::is_empty)
                || value.as_array().is_some_and(Vec::is_empty)
        };
        if p.value(name).is_some_and(|value| !empty(value)) {
            p.refuse(name, "is not supported");
        }
    }
    changes
}
