//! `/admin/tokens`: the tokens of the whole instance. GitLab has no such list.

mod extend;
mod list;
mod revoke;

use serde_json::{Map, Value, json};
use tessera_model::scope::{self, Scope};
use tessera_model::time::Timestamp;
use tessera_model::token::{KINDS, TokenKind};
use tessera_service::Key;
use tessera_service::tokens::bulk::{Done, Plan};
use tessera_service::tokens::inventory::{POLICIES, STATES, Wanted};

use super::project_tokens;
use crate::params::Reader;
use crate::view;

/// Tokens that one call changes at most; the answer says how many are left to the next.
const MOST: i64 = 10_000;
/// Numbers of tokens that one call can name.
const MOST_IDS: usize = 1000;
/// The longest time without use that can be asked for, in days.
const MOST_DAYS: i64 = 36_500;

/// The names that narrow the inventory.
const FILTERS: &[&str] = &[
    "kind",
    "owner",
    "creator",
    "project",
    "scopes",
    "ids",
    "unused_since",
    "unused_for",
    "expires_before",
    "expires_after",
    "never_expires",
    "violates",
    "created_after",
    "created_before",
    "last_used_after",
    "last_used_before",
    "search",
    "state",
];
/// Names that carry credentials; they mean nothing else.
const CREDENTIALS: &[&str] = &["private_token", "access_token", "bearer_token", "job_token", "sudo"];

/// What is asked for. A filter that is given with nothing in it is a mistake: passed over, it would widen what is
/// found, and what is done to it.
fn wanted(p: &mut Reader<'_>) -> Wanted {
    for name in FILTERS {
        if p.value(name).is_some_and(is_blank) {
            p.refuse(name, "is empty");
        }
    }
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
    let scopes: Vec<&str> = scope::ALL.iter().map(|scope| scope.name()).collect();
    let mut wanted = Wanted { filter: project_tokens::narrowed(p), ..Wanted::default() };
    wanted.filter.kinds =
        p.string("kind").among(&kinds).optional().iter().map(|kind| TokenKind::parse(kind)).collect();
    wanted.owner = p.string("owner").optional();
    wanted.creator = p.string("creator").optional();
    wanted.project = p.string("project").optional().map(|project| Key::parse(&project));
    let named = p.strings("scopes").comma().among(&scopes).optional().unwrap_or_default();
    wanted.scopes = named.iter().filter_map(|name| Scope::parse(name)).collect();
    wanted.ids = p.integers("ids").comma().optional().unwrap_or_default();
    for (name, none) in [("scopes", wanted.scopes.is_empty()), ("ids", wanted.ids.is_empty())] {
        // Such as a comma without anything on either side.
        if none && p.value(name).is_some_and(|value| !is_blank(value)) {
            p.refuse(name, "is empty");
        }
    }
    if wanted.ids.len() > MOST_IDS {
        p.refuse("ids", "is too long");
    }
    wanted.unused_since = p.datetime("unused_since").optional().map(Timestamp);
    wanted.unused_days = p.integer("unused_for").valid_if(|days| (0..=MOST_DAYS).contains(days)).optional();
    wanted.has_end = p.boolean("never_expires").optional().map(|never| !never);
    wanted.violates = violates(p);
    if let Some(state) = p.string("state").among(STATES).optional() {
        wanted.in_state(&state);
    }
    wanted
}

fn violates(p: &mut Reader<'_>) -> Option<Map<String, Value>> {
    p.nested("violates").map(|p| {
        p.only(POLICIES);
        let given = POLICIES.iter().filter_map(|name| Some(((*name).to_owned(), p.value(name)?.clone())));
        given.collect()
    })
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The same for what changes tokens, where a misspelt name would widen what is done.
fn wanted_strictly(p: &mut Reader<'_>, more: &[&str]) -> (Wanted, bool) {
    p.only(&[FILTERS, CREDENTIALS, more, &["dry_run"]].concat());
    (wanted(p), p.boolean("dry_run").or(true))
}

/// What would be done.
fn planned(plan: &Plan) -> Value {
    let tokens: Vec<_> = plan.tokens.iter().map(view::inventory::item).collect();
    json!({ "dry_run": true, "count": plan.count, "tokens": tokens })
}

/// What was done.
fn done(done: &Done) -> Value {
    let tokens: Vec<_> = done.tokens.iter().map(view::inventory::item).collect();
    json!({ "dry_run": false, "count": done.count, "remaining": done.remaining, "tokens": tokens })
}
