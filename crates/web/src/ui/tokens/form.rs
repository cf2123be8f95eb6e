//! The form for a new token: what is it for, what may it do, with what role, until when.

use tessera_model::role::{self, Role};
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::time::Date;
use tessera_model::{Error, Result};
use tessera_service::tokens::sheet::{Ends, Making};

use super::words::{opens, phrase};
use crate::ui::form::Form;
use crate::ui::when::day;

/// Days that the form proposes.
const PROPOSED: &str = "30";
/// What it offers: days, and how people call them.
const PRESETS: &[(&str, &str)] = &[("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "1 year")];

/// The form as it is shown.
pub(super) struct TokenForm {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) scopes: Vec<ScopeCard>,
    /// The roles to choose from; none for a personal token.
    pub(super) roles: Vec<Choice>,
    pub(super) presets: Vec<Preset>,
    pub(super) chosen: String,
    pub(super) date: String,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) ends_hint: String,
    /// Where the token will work, for the sentence.
    pub(super) subject: String,
}

/// One scope to choose.
pub(super) struct ScopeCard {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) phrase: &'static str,
    pub(super) opens: Vec<&'static str>,
    pub(super) checked: bool,
}

/// One entry of a list to choose from.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// One of the proposed ends.
pub(super) struct Preset {
    pub(super) value: String,
    pub(super) label: String,
}

impl TokenForm {
    /// The form for what may be made, filled with what was typed.
    pub(super) fn new(typed: &Form, making: &Making, today: Date, subject: String) -> Self {
        let chosen_scopes = typed.all("scopes");
        let scopes = making.scopes.iter().map(|scope| ScopeCard {
            id: format!("scope_{}", scope.name()),
            name: scope.name(),
            text: scope.meaning(),
            phrase: phrase(*scope),
            opens: opens(*scope).to_vec(),
            checked: chosen_scopes.contains(&scope.name()),
        });
        let highest = making.highest_role;
        let chosen_role = typed.number("access_level").unwrap_or(Role::Maintainer.level());
        let roles = role::ALL.iter().rev().filter(|role| highest.is_some_and(|highest| **role <= highest));
        let roles = roles.map(|role| Choice {
            value: role.level().to_string(),
            label: role.title().to_owned(),
            chosen: role.level() == chosen_role,
        });
        let ends = making.ends;
        Self {
            name: typed.text("name").to_owned(),
            description: typed.text("description").to_owned(),
            scopes: scopes.collect(),
            roles: roles.collect(),
            presets: presets(ends, today),
            chosen: chosen_end(typed, ends, today),
            date: typed.text("expires_at").to_owned(),
            first: today.plus_days(1).to_string(),
            last: ends.latest.map(|latest| latest.to_string()).unwrap_or_default(),
            ends_hint: ends_hint(ends),
            subject,
        }
    }
}

fn presets(ends: Ends, today: Date) -> Vec<Preset> {
    let within = |days: &str| {
        let end = days.parse().map(|days| today.plus_days(days)).ok();
        end.is_some_and(|end| ends.latest.is_none_or(|latest| end <= latest))
    };
    let preset =
        |(value, label): &(&str, &str)| Preset { value: (*value).to_owned(), label: (*label).to_owned() };
    let mut all: Vec<Preset> = PRESETS.iter().filter(|(days, _)| within(days)).map(preset).collect();
    all.push(preset(&("date", "A date")));
    if !ends.required {
        all.push(preset(&("never", "Never")));
    }
    all
}

fn chosen_end(typed: &Form, ends: Ends, today: Date) -> String {
    let proposed = || {
        let fits = ends.latest.is_none_or(|latest| today.plus_days(30) <= latest);
        if fits { PROPOSED } else { "date" }.to_owned()
    };
    typed.filled("expires").map_or_else(proposed, str::to_owned)
}

fn ends_hint(ends: Ends) -> String {
    let usual = "Dates are in UTC: the token works until 00:00 UTC of its end date.";
    let latest = ends.latest.map(|latest| format!(" This instance allows no end after {}.", day(latest)));
    let unenforced = " This instance does not enforce ends: the token goes on working after its date.";
    let unenforced = if ends.enforced { "" } else { unenforced };
    format!("{usual}{}{unenforced}", latest.unwrap_or_default())
}

/// What the form asks for.
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) scopes: ScopeSet,
    pub(super) role: Role,
    pub(super) expires_on: Option<Date>,
}

/// Reads the form.
///
/// # Errors
/// With every field that says nothing usable.
pub(super) fn asked(form: &Form, today: Date) -> Result<Asked> {
    let mut wrong = Vec::new();
    if form.filled("name").is_none() {
        wrong.push(("name", "can't be blank".to_owned()));
    }
    let names = form.all("scopes");
    let scopes: ScopeSet = names.iter().filter_map(|name| Scope::parse(name)).collect();
    if scopes.is_empty() {
        wrong.push(("scopes", "can't be blank: choose at least one".to_owned()));
    } else if scopes.names().len() != names.len() {
        wrong.push(("scopes", "can only contain available scopes".to_owned()));
    }
    let role = form.number("access_level").unwrap_or(Role::Maintainer.level());
    let role = Role::from_level(role);
    if role.is_none() {
        wrong.push(("access_level", "is not a role".to_owned()));
    }
    let expires_on = end(form, today).unwrap_or_else(|text| {
        wrong.push(("expires", text));
        None
    });
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    Ok(Asked {
        name: form.text("name").trim().to_owned(),
        description: form.filled("description").map(str::to_owned),
        scopes,
        role: role.unwrap_or(Role::Maintainer),
        expires_on,
    })
}

/// The end that a form asks for.
pub(super) fn end(form: &Form, today: Date) -> std::result::Result<Option<Date>, String> {
    match form.filled("expires") {
        Some("never") => Ok(None),
        Some("date") => match form.date("expires_at")? {
            Some(date) => Ok(Some(date)),
            None => Err("needs a date: choose one, or one of the spans".to_owned()),
        },
        None => form.date("expires_at"),
        Some(days) => match days.parse::<i64>() {
            Ok(days) if (1..=3650).contains(&days) => Ok(Some(today.plus_days(days))),
            _ => Err("is not one of the choices".to_owned()),
        },
    }
}
