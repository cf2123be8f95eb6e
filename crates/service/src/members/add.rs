//! Adding members.

use std::collections::BTreeMap;

use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::role::Role;
use tessera_model::time::Date;
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;

use super::{Peopled, Shown, rules, shown};
use crate::audit::{Entity, Event};
use crate::{Authorized, Tx, fault};

/// How a user is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// By number; what is none is nobody's.
    Id(Option<i64>),
    /// By username, whatever the case.
    Username(String),
}

impl Name {
    fn text(&self) -> String {
        match self {
            Self::Id(id) => id.map_or_else(String::new, |id| id.to_string()),
            Self::Username(name) => name.clone(),
        }
    }
}

/// With which role, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The role.
    pub role: Role,
    /// From 00:00 UTC of this date it counts no more.
    pub expires_on: Option<Date>,
}

/// Adds one member.
///
/// # Errors
/// 404 for an unknown user, 409 for a member, 400 for a bot (B6), 403 for a role above the caller's.
pub fn one<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    name: &Name,
    terms: Terms,
) -> Result<Shown> {
    let user = find(tx, name)?.ok_or_else(|| Error::missing("User"))?;
    let former = query::members::find(tx.conn, place.place(), user.id).map_err(fault)?;
    if let Some(former) = former {
        if !rules::has_ended(&former, tx.today()) {
            return Err(Error::Conflict("Member already exists".to_owned()));
        }
        query::members::delete(tx.conn, former.id).map_err(fault)?;
    }
    if user.is_bot() {
        let text = "project bots cannot be added to other groups / projects";
        return Err(Error::invalid("user_id", text));
    }
    rules::reaches(place.role(), terms.role)?;
    rules::not_past(tx, terms.expires_on)?;
    let maker = tx.caller.user_id();
    let (role, end) = (terms.role, terms.expires_on);
    query::members::insert(tx.conn, place.place(), user.id, role, end, maker, tx.now).map_err(fault)?;
    tx.audit_of(
        Entity::Group(place.namespace().id),
        &Event {
            action: "member.add",
            target: ("user", Some(user.id), &user.username),
            project_id: place.project_id(),
            details: json!({ "of": place.full_path(), "access_level": role.level(), "expires_at": end }),
        },
    )?;
    let made = query::members::find(tx.conn, place.place(), user.id).map_err(fault)?;
    let made = made.ok_or_else(|| Error::internal("a member vanished while it was added"))?;
    shown(tx, vec![made])?.pop().ok_or_else(|| Error::internal("a member was not shown"))
}

/// Adds several members, as many as can be; the rest are named with what stands in their way.
///
/// # Errors
/// When the database does not answer.
pub fn several<'tx, Op: Operation, S: Peopled>(
    tx: &mut Tx<'tx>,
    place: &Authorized<'tx, Op, S>,
    names: &[Name],
    terms: Terms,
) -> Result<BTreeMap<String, String>> {
    let mut refused = BTreeMap::new();
    for name in names {
        let why = match one(tx, place, name, terms) {
            Ok(_) => continue,
            Err(Error::Conflict(text)) => text,
            Err(Error::NotFound(_)) => "User not found".to_owned(),
            Err(Error::Invalid(fields)) => {
                let texts: Vec<String> =
                    fields.iter().map(|(field, text)| format!("{} {text}", label(field))).collect();
                texts.join(", ")
            }
            Err(other) => return Err(other),
        };
        let known = find(tx, name)?.map_or_else(|| name.text(), |user| user.username);
        refused.insert(known, why);
    }
    Ok(refused)
}

/// A field's name as it stands in a sentence.
fn label(field: &str) -> &str {
    match field {
        "user_id" => "User",
        "expires_at" => "Expires at",
        other => other,
    }
}

/// The account of this name, unless it is on its way out or keeps the records of others.
fn find(tx: &mut Tx<'_>, name: &Name) -> Result<Option<User>> {
    let found = match name {
        Name::Id(Some(id)) => query::users::by_id(tx.conn, *id),
        Name::Id(None) => Ok(None),
        Name::Username(name) => query::users::by_username(tx.conn, name),
    };
    let user = found.map_err(fault)?;
    Ok(user.filter(|user| user.state != UserState::Ghosted && user.kind != UserKind::Ghost))
}
