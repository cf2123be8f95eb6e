//! `/admin/tokens`: every token of the instance, whoever it is of.

mod calendar;
mod list;
mod revoke;
mod select;

use tessera_model::time::{Date, Timestamp};
use tessera_model::token::TokenKind;
use tessera_model::user::UserState;
use tessera_service::tokens::inventory::Item;

use super::address;
use crate::ui::places::below;
use crate::ui::when::When;

/// Where the tokens are.
const PATH: &str = "/admin/tokens";

/// A token as lists show it.
pub(crate) struct Line {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    /// Who made it, by username.
    pub(crate) made_by: String,
    pub(crate) made: When,
    /// The name of whose it is; the username where the account is gone.
    pub(crate) owner: String,
    pub(crate) username: String,
    /// Where the owner's page is; empty where the account is gone.
    pub(crate) owner_href: String,
    pub(crate) bot: bool,
    /// The project of a project's token, while there is one.
    pub(crate) project: String,
    pub(crate) project_href: String,
    pub(crate) scopes: Vec<&'static str>,
    pub(crate) used: Option<When>,
    /// The last address from which it was used.
    pub(crate) from: String,
    pub(crate) ends: Option<When>,
    /// `Revoked` or `Expired`; empty for one that works.
    pub(crate) dead: &'static str,
    pub(crate) revoked: bool,
    /// Whether it ends within a week.
    pub(crate) ends_soon: bool,
    pub(crate) revoke_href: String,
}

impl Line {
    fn of(item: &Item, now: Timestamp) -> Self {
        let token = &item.shown.token;
        let there = item.owner.as_ref().filter(|owner| owner.state != UserState::Ghosted);
        let username = item.username().to_owned();
        let ends_soon = item.shown.active && token.expires_on.is_some_and(|end| ends_soon(end, now.date()));
        Self {
            id: token.id,
            name: token.name.clone(),
            kind: kind(token.kind),
            made_by: item.created_by.1.clone(),
            made: When::at(token.created_at, now),
            owner: there.map_or_else(|| username.clone(), |owner| owner.name.clone()),
            owner_href: there.map(|owner| format!("/admin/users/{}", owner.username)).unwrap_or_default(),
            username,
            bot: token.kind == TokenKind::Project,
            project: item.project.clone().unwrap_or_default(),
            project_href: item.project.as_ref().map(|path| below(path, "")).unwrap_or_default(),
            scopes: token.scopes.iter().map(tessera_model::scope::Scope::name).collect(),
            used: token.last_used_at.map(|time| When::at(time, now)),
            from: token.last_used_ips.first().cloned().unwrap_or_default(),
            ends: token.expires_on.map(|date| When::end(date, now)),
            dead: dead(item),
            revoked: token.revoked,
            ends_soon,
            revoke_href: address(&format!("{PATH}/revoke"), [("ids[]", &*token.id.to_string())]),
        }
    }
}

/// How a token that works no more ended.
fn dead(item: &Item) -> &'static str {
    match (item.shown.active, item.shown.token.revoked) {
        (true, _) => "",
        (false, true) => "Revoked",
        (false, false) => "Expired",
    }
}

fn ends_soon(end: Date, today: Date) -> bool {
    (0..=7).contains(&today.days_until(end))
}

/// A kind of token, for people.
const fn kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Personal => "Personal",
        TokenKind::Impersonation => "Impersonation",
        TokenKind::Project => "Project",
    }
}
