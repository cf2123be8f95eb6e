//! What the page of a project's or a person's tokens shows: the active ones with what stands beside each, the inactive
//! ones with why they are, and what may be made. It takes six statements of SQL at most, however many tokens there are.

mod inactive;
pub(super) mod making;

use tessera_model::operation::{self, Operation, Surface};
use tessera_model::project::Project;
use tessera_model::role::Role;
use tessera_model::time::Date;
use tessera_model::token::{Token, TokenKind};
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::sheet::{self as rows, Limits, Living, Of, Used};
pub use tessera_store::query::sheet::{Attention, Record};
pub use tessera_store::query::token_days::Count;

pub use self::inactive::{Inactive, Reason};
pub use self::making::{Ends, Making, Obstacle};
use self::making::{Policy, Right};
use crate::{Authorized, Listed, Slice, Tx, fault, feature};

/// Active tokens of a page.
pub const ACTIVE: i64 = 50;
/// Inactive tokens of a page.
pub const INACTIVE: i64 = 20;
/// Days that a token's use is told for, today among them.
pub const DAYS: usize = 30;

/// A token ends soon when it does within so many days.
const SOON: i64 = 14;
/// A token that was never used asks for attention when it is older than so many days.
const UNUSED_MADE: i64 = 7;
/// A token that was used asks for attention when that was before so many days.
const UNUSED_SINCE: i64 = 90;
const SECONDS_PER_DAY: i64 = 86_400;

/// Which pages of the two lists are shown, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// That of the active tokens.
    pub active: i64,
    /// That of the inactive ones.
    pub inactive: i64,
}

impl Default for Pages {
    fn default() -> Self {
        Self { active: 1, inactive: 1 }
    }
}

/// The page of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The active tokens: those that ask for attention first, the most pressing at the top, then the newest.
    pub active: Listed<Active>,
    /// The inactive ones, the newest first.
    pub inactive: Listed<Inactive>,
    /// What may be made, or why nothing.
    pub making: Making,
    /// What stands in the way of giving any of these tokens a new secret.
    pub rotation: Option<Obstacle>,
    /// The day, in UTC, for which all this holds.
    pub today: Date,
}

/// An active token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Active {
    /// The token, who made it, and its bot as username and name.
    pub record: Record,
    /// What it asks attention for.
    pub attention: Option<Attention>,
    /// What it was last used for, as far as the ledger goes back.
    pub last_use: Option<LastUse>,
    /// How often it was used on each of the last days; today stands at the end.
    pub days: [Count; DAYS],
    /// What stands in the way of giving it a new secret.
    pub rotation: Option<Obstacle>,
}

/// What a token was last used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    /// The operation's name.
    pub operation: String,
    /// The door in words; none for an operation that there is no more.
    pub door: Option<&'static str>,
}

impl LastUse {
    pub(super) fn of(operation: String) -> Self {
        let row = operation::all().find(|row| row.name == operation);
        let door = row.map(|row| if row.surface == Surface::Git { "Git over HTTP" } else { "REST API" });
        Self { operation, door }
    }
}

/// The page of a project's tokens. While the feature is off and no token is active, there is no such page (D13).
///
/// # Errors
/// 404 then.
pub fn of_project<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    pages: Pages,
) -> Result<Sheet> {
    let policy = Policy::read(tx)?;
    let on = feature::is_on_for_project(tx, feature::RESOURCE_ACCESS_TOKEN, project.id)?;
    let in_group = query::namespaces::token_creation_allowed(tx.conn, project.namespace.id).map_err(fault)?;
    let right = Right::on_project(tx, project.role(), on, in_group);
    let living = Living { today: tx.today(), enforced: policy.is_enforced(TokenKind::Project) };
    let of = Of::Project(project.id);
    let (all, active) = rows::counts(tx.conn, of, living).map_err(fault)?;
    if !on && active == 0 {
        return Err(Error::missing(Op::ROW.missing));
    }
    let making = Making::of_project_token(&right, policy, tx.today());
    lists(tx, of, living, (all, active), pages, &right, making)
}

/// The page of a person's own tokens. Impersonation tokens do not stand there (L15).
///
/// # Errors
/// 403 for whoever is neither that person nor an administrator.
pub fn of_person<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    user: &Authorized<'tx, Op, User>,
    pages: Pages,
) -> Result<Sheet> {
    must_be_theirs(tx, user)?;
    let policy = Policy::read(tx)?;
    let right = Right::on_person(tx, user);
    let living = Living { today: tx.today(), enforced: policy.is_enforced(TokenKind::Personal) };
    let of = Of::Person(user.id);
    let counts = rows::counts(tx.conn, of, living).map_err(fault)?;
    let making = Making::of_personal_token(&right, user, policy, tx.today());
    lists(tx, of, living, counts, pages, &right, making)
}

/// A person's tokens are for the person and for administrators.
pub(super) fn must_be_theirs(tx: &Tx<'_>, user: &User) -> Result<()> {
    let admin = tx.caller.is_admin() && !tx.caller.is_bot();
    if admin || tx.caller.user_id() == Some(user.id) { Ok(()) } else { Err(Error::Forbidden(None)) }
}

fn lists(
    tx: &mut Tx<'_>,
    of: Of,
    living: Living,
    (all, alive): (i64, i64),
    pages: Pages,
    right: &Right,
    making: Making,
) -> Result<Sheet> {
    let today = living.today;
    let before = |days: i64| tx.now.plus_seconds(-days * SECONDS_PER_DAY);
    let limits = Limits {
        soon: today.plus_days(SOON),
        unused_made: before(UNUSED_MADE),
        unused_since: before(UNUSED_SINCE),
    };
    let (mut active, mut inactive) = (Vec::new(), Vec::new());
    if let Some(slice) = slice(pages.active, ACTIVE, alive) {
        active = rows::active(tx.conn, of, living, limits, slice).map_err(fault)?;
    }
    if let Some(slice) = slice(pages.inactive, INACTIVE, all - alive) {
        inactive = rows::inactive(tx.conn, of, living, slice).map_err(fault)?;
    }
    let active = active.into_iter().map(|row| shown(row, today, right)).collect();
    let inactive = inactive.into_iter().map(|row| inactive::shown(row, living, right)).collect();
    Ok(Sheet {
        active: Listed { items: active, total: Some(alive) },
        inactive: Listed { items: inactive, total: Some(all - alive) },
        making,
        rotation: right.rotation(),
        today,
    })
}

/// The rows of a page; none where the list ends before it.
fn slice(page: i64, limit: i64, total: i64) -> Option<Slice> {
    let offset = (page.max(1) - 1).saturating_mul(limit);
    (offset < total).then_some(Slice { limit, offset })
}

fn shown(row: rows::Active, today: Date, right: &Right) -> Active {
    let rows::Active { record, attention, used } = row;
    let rotation = right.rotation_of(&record.token);
    let days = month(&used, today);
    Active { record, attention, last_use: used.operation.map(LastUse::of), days, rotation }
}

/// The last thirty days; today, which is not over, stands at the end.
pub(super) fn month(used: &Used, today: Date) -> [Count; DAYS] {
    let today = today.midnight().seconds() / SECONDS_PER_DAY;
    let mut month = [Count::default(); DAYS];
    for (back, count) in (0_i64..).zip(month.iter_mut().rev()) {
        *count = if back == 0 { used.today } else { used.days.on(today - back) };
    }
    month
}

/// The role that stands in the way: whoever gives a token a new secret holds all that it may.
pub(super) fn is_beyond(token: &Token, own: Option<Role>) -> bool {
    token.role > own
}
