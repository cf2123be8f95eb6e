//! The endings of the year that comes, for administrators: how many living tokens end on which day. The tokens of a day
//! are the inventory's with an end on that day ([`super::inventory::Wanted::ending_on`]).

use tessera_model::operation::Operation;
use tessera_model::time::Date;
use tessera_model::token::{TokenKind, expiry_is_enforced};
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Authorized, Tx, fault};

/// Days of the calendar: a year, whichever it is.
const DAYS: i64 = 366;

/// The endings of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Each day from tomorrow on, also those on which nothing ends.
    pub days: Vec<Day>,
    /// Whether the ends of personal and impersonation tokens bind them; where they do not, none of these stands here.
    pub enforced: bool,
}

/// How many tokens end on a day: from 00:00 UTC of it they are dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// Personal tokens.
    pub personal: i64,
    /// Impersonation tokens.
    pub impersonation: i64,
    /// Project tokens.
    pub project: i64,
}

impl Day {
    /// Tokens of all kinds.
    pub fn total(&self) -> i64 {
        self.personal + self.impersonation + self.project
    }
}

/// The endings of the year that comes. Today's have ended already.
///
/// # Errors
/// 403 for who is no administrator.
pub fn of_endings<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
) -> Result<Calendar> {
    if !tx.caller.is_admin() || tx.caller.is_bot() {
        return Err(Error::Forbidden(None));
    }
    let (today, enforced) = (tx.today(), tx.is_on("enforce_pat_expiration")?);
    let ending = query::ends::between(tx.conn, today, today.plus_days(DAYS)).map_err(fault)?;
    Ok(Calendar { days: days(&ending, today, enforced), enforced })
}

fn days(ending: &[(Date, TokenKind, i64)], today: Date, enforced: bool) -> Vec<Day> {
    let day = |ahead| Day { date: today.plus_days(ahead), personal: 0, impersonation: 0, project: 0 };
    let mut days: Vec<Day> = (1..=DAYS).map(day).collect();
    for (date, kind, count) in ending.iter().filter(|(_, kind, _)| expiry_is_enforced(*kind, enforced)) {
        let place = usize::try_from(today.days_until(*date) - 1).ok();
        let Some(day) = place.and_then(|place| days.get_mut(place)) else { continue };
        match kind {
            TokenKind::Personal => day.personal += count,
            TokenKind::Impersonation => day.impersonation += count,
            TokenKind::Project => day.project += count,
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_stands_on_its_day() {
        let today = Date::parse("2027-12-31").unwrap();
        let at = |ahead: i64| today.plus_days(ahead);
        let ending = [
            (at(0), TokenKind::Project, 100),
            (at(1), TokenKind::Project, 1),
            (at(1), TokenKind::Personal, 2),
            (at(366), TokenKind::Impersonation, 4),
            (at(367), TokenKind::Project, 100),
        ];
        let year = days(&ending, today, true);
        assert_eq!((year.len(), year[0].date, year[365].date), (366, at(1), at(366)));
        assert_eq!((year[0].project, year[0].personal, year[0].total()), (1, 2, 3));
        assert_eq!((year[365].impersonation, year.iter().map(Day::total).sum::<i64>()), (4, 7));
        let bound = days(&ending, today, false);
        assert_eq!(bound.iter().map(Day::total).sum::<i64>(), 1, "only project tokens end");
    }
}
