//! The inventory: the tokens of the whole instance, of every kind, with whose they are and who made them.

use serde_json::{Map, Value};
use tessera_model::operation::Operation;
use tessera_model::scope::ScopeSet;
use tessera_model::time::{Date, Timestamp};
use tessera_model::{Error, Result, setting};
use tessera_store::query;
pub use tessera_store::query::inventory::{Change, Owner};
use tessera_store::query::inventory::{Record, Selection, Violation, Whom};
pub use tessera_store::query::tokens::TokenFilter;

use super::Shown;
use super::rules::Lifetime;
use crate::{Authorized, Key, Listed, Slice, Tx, fault};

const SECONDS_PER_DAY: i64 = 86_400;
const LIFETIME: &str = "max_personal_access_token_lifetime";
const REQUIRED: &str = "require_personal_access_token_expiry";
const ENFORCED: &str = "enforce_pat_expiration";

/// The settings whose effect on existing tokens can be asked for beforehand.
pub const POLICIES: &[&str] = &[LIFETIME, REQUIRED, ENFORCED];

/// The states that a list can be narrowed to.
pub const STATES: &[&str] = &["active", "inactive", "revoked", "expired"];

/// What the inventory is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What narrows every list of tokens.
    pub filter: TokenFilter,
    /// Of these numbers; empty: all.
    pub ids: Vec<i64>,
    /// Whose: the username or number of a person or bot, also of one who is gone.
    pub owner: Option<String>,
    /// Who made them, named in the same way; `operator` made those of the command line.
    pub creator: Option<String>,
    /// Of this project.
    pub project: Option<Key>,
    /// Part of the token's name, or of the username or name of whose it is.
    pub text: Option<String>,
    /// With one of these scopes; empty: all.
    pub scopes: ScopeSet,
    /// Not used since then; what was never used counts from its creation.
    pub unused_since: Option<Timestamp>,
    /// Not used for so many days.
    pub unused_days: Option<i64>,
    /// Never used.
    pub never_used: bool,
    /// With an end, or without.
    pub has_end: Option<bool>,
    /// Those of [`POLICIES`] that the tokens would not conform to, with the values that they would have.
    pub violates: Option<Map<String, Value>>,
}

impl Wanted {
    /// Narrows it to a state of [`STATES`].
    pub fn in_state(&mut self, state: &str) {
        let filter = &mut self.filter;
        match state {
            "active" => filter.active = Some(true),
            "inactive" => filter.active = Some(false),
            "revoked" => filter.revoked = Some(true),
            _ => (filter.active, filter.revoked) = (Some(false), Some(false)),
        }
    }

    /// Narrows it to the living tokens that end on this day.
    pub fn ending_on(&mut self, day: Date) {
        self.filter.expires = (Some(day), Some(day.plus_days(1)));
        self.filter.active = Some(true);
    }

    /// Whether it says which tokens are meant, beyond their state.
    pub(crate) fn is_narrow(&self) -> bool {
        let filter = &self.filter;
        let spans =
            [filter.created, filter.last_used].iter().any(|(from, to)| from.is_some() || to.is_some());
        let ends = filter.expires.0.is_some() || filter.expires.1.is_some();
        let named = !filter.kinds.is_empty() || filter.search.is_some() || !self.ids.is_empty();
        let text = self.text.as_ref().is_some_and(|text| !text.is_empty());
        let people = self.owner.is_some() || self.creator.is_some() || self.project.is_some() || text;
        let unused = self.unused_since.is_some() || self.unused_days.is_some() || self.never_used;
        let rest = !self.scopes.is_empty() || self.has_end.is_some() || self.violates.is_some();
        spans || ends || named || people || unused || rest
    }
}

/// A token of the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The token.
    pub shown: Shown,
    /// Whose it is, while that account is there.
    pub owner: Option<Owner>,
    /// Where a project token's project is, while there is one.
    pub project: Option<String>,
    /// Who made it: number and username at that time.
    pub created_by: (Option<i64>, String),
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Who revoked it, by username.
    pub revoked_by: Option<String>,
}

impl Item {
    /// The username of whoever it is of: as it is now, or as it last was.
    pub fn username(&self) -> &str {
        self.owner.as_ref().map_or(&self.shown.token.bearer_username, |owner| &owner.username)
    }
}

/// Lists tokens.
///
/// # Errors
/// 404 for an owner, creator or project that never was, 400 for policies that there are not.
pub fn list<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
    wanted: &Wanted,
    sort: &str,
    slice: Slice,
) -> Result<Listed<Item>> {
    let selection = select(tx, wanted)?;
    let (today, order) = (tx.today(), query::tokens::order(sort));
    let found = query::inventory::list(tx.conn, &selection, today, order, slice).map_err(fault)?;
    Ok(Listed { items: items(tx, found.items)?, total: found.total })
}

/// One token, for whom every token is open.
pub(crate) fn one<Op: Operation>(
    tx: &mut Tx<'_>,
    _right: &Authorized<'_, Op, ()>,
    id: i64,
) -> Result<Option<Item>> {
    let found = query::inventory::by_id(tx.conn, id).map_err(fault)?;
    Ok(items(tx, found.into_iter().collect())?.pop())
}

pub(crate) fn items(tx: &mut Tx<'_>, records: Vec<Record>) -> Result<Vec<Item>> {
    let (today, enforced) = (tx.today(), tx.is_on(ENFORCED)?);
    let item = |record: Record| {
        let Record { token, owner, project, created_by, revoked_at, revoked_by } = record;
        let active = token.is_active(today, enforced);
        Item { shown: Shown { token, active }, owner, project, created_by, revoked_at, revoked_by }
    };
    Ok(records.into_iter().map(item).collect())
}

/// Finds out what is meant.
pub(crate) fn select(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Selection> {
    let enforced = tx.is_on(ENFORCED)?;
    let days = wanted.unused_days.map(|days| tx.now.plus_seconds(-days.saturating_mul(SECONDS_PER_DAY)));
    let unused_since = [wanted.unused_since, days].into_iter().flatten().min();
    let project_id = match &wanted.project {
        Some(key) => Some(project(tx, key)?),
        None => wanted.filter.project_id,
    };
    Ok(Selection {
        tokens: TokenFilter { enforce_pat_expiration: enforced, project_id, ..wanted.filter.clone() },
        ids: wanted.ids.clone(),
        owner: whom(tx, wanted.owner.as_deref(), query::inventory::bearer_known)?,
        creator: whom(tx, wanted.creator.as_deref(), query::inventory::creator_known)?,
        text: wanted.text.clone(),
        scopes: wanted.scopes,
        unused_since,
        never_used: wanted.never_used,
        has_end: wanted.has_end,
        violation: wanted
            .violates
            .as_ref()
            .map(|policies| violation(policies, enforced, tx.today()))
            .transpose()?,
    })
}

fn project(tx: &mut Tx<'_>, key: &Key) -> Result<i64> {
    let found = match key {
        Key::Id(id) => query::projects::by_id(tx.conn, *id),
        Key::Path(path) => query::projects::by_path(tx.conn, path),
    };
    Ok(found.map_err(fault)?.ok_or_else(|| Error::missing("Project"))?.id)
}

/// Somebody by username or number. Who is gone is known by what stands in the rows of tokens.
fn whom(
    tx: &mut Tx<'_>,
    name: Option<&str>,
    known: fn(&mut dyn tessera_store::Conn, &str) -> Result<bool, tessera_store::DbError>,
) -> Result<Option<Whom>> {
    let Some(name) = name else { return Ok(None) };
    if let Some(user) = query::users::by_username(tx.conn, name).map_err(fault)? {
        return Ok(Some(Whom::Id(user.id)));
    }
    if let Ok(id) = name.parse() {
        return Ok(Some(Whom::Id(id)));
    }
    if known(tx.conn, name).map_err(fault)? {
        Ok(Some(Whom::Name(name.to_owned())))
    } else {
        Err(Error::NotFound(format!("User {name:?}").into()))
    }
}

/// What tokens would fail, were these the policies.
fn violation(policies: &Map<String, Value>, enforced: bool, today: Date) -> Result<Violation> {
    let mut violation = Violation::default();
    for (name, given) in policies {
        let known = setting::find(name).filter(|setting| POLICIES.contains(&setting.name));
        let known = known.ok_or_else(|| {
            Error::bad_request(format!("There is no policy {name:?}, there are: {}", POLICIES.join(", ")))
        })?;
        let value = known.accept(given).map_err(|complaint| Error::invalid(known.name, complaint))?;
        match known.name {
            LIFETIME => {
                let lifetime = Lifetime { limit: value.as_i64(), required: false };
                violation.after = lifetime.latest(today);
            }
            REQUIRED => violation.endless = value == Value::Bool(true),
            _ => violation.expired = value != Value::Bool(enforced),
        }
    }
    Ok(violation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn today() -> Date {
        Date::parse("2027-03-04").unwrap()
    }

    fn failing(policies: &Value, enforced: bool) -> Result<Violation> {
        violation(policies.as_object().unwrap(), enforced, today())
    }

    #[test]
    fn policies_as_they_would_be() {
        let found = failing(&json!({ LIFETIME: "30", REQUIRED: false }), true).unwrap();
        let expected = Violation { after: Some(today().plus_days(30)), ..Violation::default() };
        assert_eq!(found, expected);
        assert!(failing(&json!({ REQUIRED: true }), true).unwrap().endless);
        assert_eq!(failing(&json!({ LIFETIME: null }), true).unwrap(), Violation::default());
        assert!(failing(&json!({ ENFORCED: false }), true).unwrap().expired, "they would be revived");
        assert!(failing(&json!({ ENFORCED: true }), false).unwrap().expired, "they would die");
        assert!(!failing(&json!({ ENFORCED: true }), true).unwrap().expired, "nothing would change");
        assert!(failing(&json!({ LIFETIME: 0 }), true).is_err());
        assert!(failing(&json!({ "user_cap": 1 }), true).is_err());
    }

    #[test]
    fn a_state_alone_says_not_which_tokens() {
        let mut wanted = Wanted::default();
        assert!(!wanted.is_narrow());
        for state in STATES {
            wanted.in_state(state);
            assert!(!wanted.is_narrow(), "{state}");
        }
        wanted.text = Some(String::new());
        assert!(!wanted.is_narrow(), "nothing is part of everything");
        wanted.has_end = Some(false);
        assert!(wanted.is_narrow());
    }
}
