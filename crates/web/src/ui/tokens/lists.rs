//! The lists of tokens, as rows of the page.

use tessera_model::time::Timestamp;
use tessera_service::tokens::sheet::{self, Active, Attention, Count, Inactive, Reason, Record, Sheet};

use crate::ui::form::Form;
use crate::ui::frame::initials;
use crate::ui::paging::Pages;
use crate::ui::when::When;

/// How high the highest bar of a sparkline is.
const HIGHEST: i64 = 24;

/// Both lists.
pub(super) struct Lists {
    pub(super) of_project: bool,
    pub(super) active: Vec<ActiveRow>,
    pub(super) active_total: i64,
    pub(super) active_pages: Pages,
    pub(super) inactive: Vec<InactiveRow>,
    pub(super) inactive_total: i64,
    pub(super) inactive_pages: Pages,
}

/// What both lists say of a token.
pub(super) struct Common {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) bot: String,
    pub(super) initials: String,
    pub(super) hue: i64,
    pub(super) scopes: Vec<&'static str>,
    pub(super) role: &'static str,
    pub(super) created: When,
    pub(super) created_by: String,
}

/// An active token.
pub(super) struct ActiveRow {
    pub(super) of: Common,
    pub(super) attention: &'static str,
    pub(super) used: Option<When>,
    pub(super) how: String,
    pub(super) heights: Vec<i64>,
    pub(super) spark: String,
    pub(super) ends: Option<When>,
    pub(super) rotate: String,
    pub(super) revoke: String,
}

/// A token that opens nothing any more.
pub(super) struct InactiveRow {
    pub(super) of: Common,
    pub(super) why: String,
    pub(super) ended: Option<When>,
    /// Where it can be given a new secret; empty where it cannot.
    pub(super) rotate: String,
    /// Where its bot can be ended; empty where there is none left.
    pub(super) revoke: String,
}

impl Lists {
    /// The rows of a sheet; `path` is the address of its page.
    pub(super) fn new(sheet: &Sheet, form: &Form, path: &str, of_project: bool, now: Timestamp) -> Self {
        let active = sheet.active.items.iter().map(|token| active_row(token, path, now)).collect();
        let inactive = sheet.inactive.items.iter().map(|token| inactive_row(token, path, now)).collect();
        let (active_total, inactive_total) = (total(sheet.active.total), total(sheet.inactive.total));
        Self {
            of_project,
            active,
            active_total,
            active_pages: Pages::named(form, "page", path, &["inactive_page"], active_total, sheet::ACTIVE),
            inactive,
            inactive_total,
            inactive_pages: Pages::named(
                form,
                "inactive_page",
                path,
                &["page"],
                inactive_total,
                sheet::INACTIVE,
            ),
        }
    }
}

fn total(counted: Option<i64>) -> i64 {
    counted.unwrap_or(0)
}

fn common(record: &Record, now: Timestamp) -> Common {
    let token = &record.token;
    Common {
        name: token.name.clone(),
        description: token.description.clone().unwrap_or_default(),
        bot: token.bearer_username.clone(),
        initials: initials(&token.name),
        hue: token.bearer_id.rem_euclid(6),
        scopes: token.scopes.names(),
        role: token.role.map_or("", tessera_model::role::Role::title),
        created: When::at(token.created_at, now),
        created_by: record.created_by.1.clone(),
    }
}

fn active_row(active: &Active, path: &str, now: Timestamp) -> ActiveRow {
    let token = &active.record.token;
    let (heights, spark) = sparkline(&active.days);
    let rotate = active.rotation.is_none();
    ActiveRow {
        of: common(&active.record, now),
        attention: match active.attention {
            Some(Attention::EndsSoon) => "Ends soon",
            Some(Attention::NeverUsed) => "Never used",
            Some(Attention::Unused) => "Unused for 90 days",
            None => "",
        },
        used: token.last_used_at.map(|time| When::at(time, now)),
        how: how(active),
        heights,
        spark,
        ends: token.expires_on.map(|end| When::end(end, now)),
        rotate: if rotate { format!("{path}/{}/rotate", token.id) } else { String::new() },
        revoke: format!("{path}/{}/revoke", token.id),
    }
}

/// `Git over HTTP, from 203.0.113.7`.
fn how(active: &Active) -> String {
    let door = active.last_use.as_ref().and_then(|used| used.door);
    let address = active.record.token.last_used_ips.last();
    match (door, address) {
        (Some(door), Some(address)) => format!("{door}, from {address}"),
        (Some(door), None) => door.to_owned(),
        (None, Some(address)) => format!("from {address}"),
        (None, None) => String::new(),
    }
}

/// The bars of a month of use, and what they say; none where there was no use.
fn sparkline(days: &[Count]) -> (Vec<i64>, String) {
    let most = days.iter().map(|day| day.uses).max().unwrap_or(0);
    if most == 0 {
        return (Vec::new(), String::new());
    }
    let height = |uses: i64| if uses == 0 { 0 } else { (uses.saturating_mul(HIGHEST) / most).max(1) };
    let uses: i64 = days.iter().map(|day| day.uses).sum();
    let failed: i64 = days.iter().map(|day| day.failed).sum();
    let on = days.iter().filter(|day| day.uses > 0).count();
    let plural = |count: i64| if count == 1 { "" } else { "s" };
    let failed = if failed > 0 { format!(", {failed} of them refused") } else { String::new() };
    let label = format!(
        "Use in the last 30 days: {uses} request{} on {on} day{}{failed}",
        plural(uses),
        plural(i64::try_from(on).unwrap_or(0))
    );
    (days.iter().map(|day| height(day.uses)).collect(), label)
}

fn inactive_row(inactive: &Inactive, path: &str, now: Timestamp) -> InactiveRow {
    let id = inactive.record.token.id;
    let at = |time: Option<Timestamp>| time.map(|time| When::at(time, now));
    let (why, ended) = match &inactive.reason {
        Reason::Expired { on } => ("Expired".to_owned(), Some(When::end(*on, now))),
        Reason::Revoked { by, at: time } => (format!("Revoked by {by}"), at(*time)),
        Reason::Rotated { by, at: time, .. } => {
            (format!("Replaced by a new secret, by {by}"), at(Some(*time)))
        }
        Reason::Reused { at: time } => {
            ("Revoked: a secret that had been replaced was used again".to_owned(), at(*time))
        }
    };
    InactiveRow {
        of: common(&inactive.record, now),
        why,
        ended,
        rotate: if inactive.rotation.is_none() { format!("{path}/{id}/rotate") } else { String::new() },
        revoke: if inactive.bot_lives { format!("{path}/{id}/revoke") } else { String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_of_use_in_bars() {
        let mut days = [Count::default(); 30];
        assert_eq!(sparkline(&days), (Vec::new(), String::new()));
        days[3] = Count { uses: 1, failed: 0 };
        days[29] = Count { uses: 240, failed: 2 };
        let (bars, label) = sparkline(&days);
        assert_eq!((bars[0], bars[3], bars[29]), (0, 1, 24));
        assert_eq!(label, "Use in the last 30 days: 241 requests on 2 days, 2 of them refused");
    }
}
