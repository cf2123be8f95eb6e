//! Which tokens are meant: the fields above the list, read strictly, since what is chosen by them may be revoked.

use tessera_model::scope::{self, Scope};
use tessera_model::time::Date;
use tessera_model::token::{KINDS, TokenKind};
use tessera_service::tokens::inventory::{STATES, Wanted};

use super::kind;
use crate::ui::admin::{Choice, choices};
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;

/// The fields that say which tokens are meant.
pub(super) const FIELDS: &[&str] =
    &["search", "owner", "creator", "kind", "state", "scope", "used", "ends", "ends_from", "ends_before"];

/// Tokens that one page can choose.
const MOST_IDS: usize = 1000;

const USED: &[(&str, &str)] = &[
    ("", "Any time"),
    ("never", "Never"),
    ("30", "Not for 30 days"),
    ("90", "Not for 90 days"),
    ("365", "Not for a year"),
];
const ENDS: &[(&str, &str)] =
    &[("", "Any time"), ("7", "Within 7 days"), ("30", "Within 30 days"), ("never", "Never")];
const ORDERS: &[(&str, &str)] = &[
    ("", "Newest first"),
    ("expires_asc", "Ending soonest"),
    ("last_used_asc", "Unused longest"),
    ("last_used_desc", "Used last"),
    ("name_asc", "Name"),
];

/// What the fields say.
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    pub(super) sort: &'static str,
    pub(super) problems: Complaints,
}

/// The fields as the page shows them again.
pub(crate) struct Fields {
    pub(crate) search: String,
    pub(crate) owner: String,
    pub(crate) creator: String,
    pub(crate) kinds: Vec<Choice>,
    pub(crate) states: Vec<Choice>,
    pub(crate) scopes: Vec<Choice>,
    pub(crate) used: Vec<Choice>,
    pub(crate) ends: Vec<Choice>,
    pub(crate) ends_from: String,
    pub(crate) ends_before: String,
    pub(crate) orders: Vec<Choice>,
}

/// Whether the fields say which tokens are meant, beyond their state.
pub(super) fn is_narrow(form: &Form) -> bool {
    FIELDS.iter().any(|field| *field != "state" && form.filled(field).is_some())
}

/// Reads the fields. What cannot be understood is a problem and never passed over.
pub(super) fn asked(form: &Form, today: Date) -> Asked {
    let mut problems = Complaints::default();
    let mut wanted = Wanted::default();
    let mut unknown = |field: &str| problems.say(field, "This is none of the choices");
    wanted.text = form.filled("search").map(str::to_owned);
    wanted.owner = form.filled("owner").map(|name| name.trim_start_matches('@').to_owned());
    wanted.creator = form.filled("creator").map(|name| name.trim_start_matches('@').to_owned());
    match form.filled("kind") {
        Some(name) if KINDS.iter().any(|kind| kind.name() == name) => {
            wanted.filter.kinds = vec![TokenKind::parse(name)];
        }
        Some(_) => unknown("kind"),
        None => {}
    }
    match form.filled("state").unwrap_or("active") {
        "all" => {}
        state if STATES.contains(&state) => wanted.in_state(state),
        _ => unknown("state"),
    }
    match form.filled("scope").map(Scope::parse) {
        Some(Some(scope)) => wanted.scopes = [scope].into_iter().collect(),
        Some(None) => unknown("scope"),
        None => {}
    }
    match form.filled("used") {
        Some("never") => wanted.never_used = true,
        Some(days) if USED.iter().any(|(value, _)| *value == days) => wanted.unused_days = days.parse().ok(),
        Some(_) => unknown("used"),
        None => {}
    }
    let mut expires = (None, None);
    match form.filled("ends") {
        Some("never") => wanted.has_end = Some(false),
        Some(days) if ENDS.iter().any(|(value, _)| *value == days) => {
            let days: i64 = days.parse().unwrap_or(0);
            expires = (Some(today.plus_days(1)), Some(today.plus_days(days + 1)));
        }
        Some(_) => unknown("ends"),
        None => {}
    }
    let (from, before) = (form.date("ends_from"), form.date("ends_before"));
    for (field, date) in [("ends_from", &from), ("ends_before", &before)] {
        if let Err(complaint) = date {
            problems.say(field, &format!("This {complaint}"));
        }
    }
    // Where both are asked for, both count.
    let (from, before) = (from.ok().flatten(), before.ok().flatten());
    wanted.filter.expires = (expires.0.max(from), [expires.1, before].into_iter().flatten().min());
    let sort = form.text("sort");
    let sort = ORDERS.iter().find(|(name, _)| *name == sort).map_or("", |(name, _)| *name);
    Asked { wanted, sort: if sort.is_empty() { "created_desc" } else { sort }, problems }
}

/// Reads which tokens were chosen: by their numbers, or all that the fields say.
pub(super) fn chosen(form: &Form, today: Date) -> Asked {
    if form.is_on("all") {
        return asked(form, today);
    }
    let given = form.all("ids");
    let ids: Vec<i64> = given.iter().filter_map(|id| id.parse().ok()).collect();
    let mut problems = Complaints::default();
    if ids.is_empty() {
        problems.say("main", "No token was chosen: tick the boxes of those that you mean");
    } else if ids.len() != given.len() || ids.len() > MOST_IDS {
        problems.say("main", &format!("Choose at most {MOST_IDS} tokens, by their numbers"));
    }
    Asked { wanted: Wanted { ids, ..Wanted::default() }, sort: "", problems }
}

impl Fields {
    pub(super) fn of(form: &Form) -> Self {
        let kinds = KINDS.iter().map(|known| (known.name(), kind(*known)));
        let scopes = scope::ALL.iter().map(|scope| (scope.name(), scope.name()));
        let states = [
            ("active", "Active"),
            ("expired", "Expired"),
            ("revoked", "Revoked"),
            ("inactive", "Expired or revoked"),
            ("all", "All"),
        ];
        let text = |field: &str| form.text(field).trim().to_owned();
        Self {
            search: text("search"),
            owner: text("owner"),
            creator: text("creator"),
            kinds: choices([("", "All")].into_iter().chain(kinds), &text("kind")),
            states: choices(states, form.filled("state").unwrap_or("active")),
            scopes: choices([("", "Any")].into_iter().chain(scopes), &text("scope")),
            used: choices(USED.iter().copied(), &text("used")),
            ends: choices(ENDS.iter().copied(), &text("ends")),
            ends_from: text("ends_from"),
            ends_before: text("ends_before"),
            orders: choices(ORDERS.iter().copied(), &text("sort")),
        }
    }
}
