//! `POST …/members`.

use std::collections::BTreeMap;

use serde_json::json;
use tessera_model::time::Date;
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::members::Shown;
use tessera_service::members::add::{self, Name, Terms};

use super::{OnMembers, endpoints, place, role};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// The most members to add at once.
const AT_ONCE: usize = 1000;

type Input = (Key, Vec<Name>, Terms);

/// One member, or several of whom some may have been refused.
enum Added {
    One(Box<Shown>),
    Several(BTreeMap<String, String>),
}

endpoints!(Input: AddProjectMember, AddGroupMember);

fn input(p: &mut Reader<'_>) -> Input {
    let key = place(p);
    let role = role(p);
    let ids = p.string("user_id").optional();
    let usernames = p.string("username").optional();
    let expires_on = p.date("expires_at").optional().map(Date::from);
    p.mutually_exclusive(&["user_id", "username"]);
    p.at_least_one_of(&["user_id", "username"]);
    let names = names(ids.as_deref(), usernames.as_deref());
    if names.len() > AT_ONCE {
        p.refuse(if ids.is_some() { "user_id" } else { "username" }, "is too long");
    }
    (key, names, Terms { role, expires_on })
}

/// Who is named by a list with commas.
fn names(ids: Option<&str>, usernames: Option<&str>) -> Vec<Name> {
    let parts = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    match (ids, usernames) {
        (Some(ids), _) => parts(ids).iter().map(|id| Name::Id(id.parse().ok())).collect(),
        (None, Some(names)) => parts(names).into_iter().map(Name::Username).collect(),
        (None, None) => Vec::new(),
    }
}

async fn serve<Op: OnMembers + Endpoint<Input = Input>>(call: Call<Op>) -> Result<Reply> {
    let links = call.links();
    let added = call.write(|tx, (key, names, terms)| {
        let place = Op::place(tx, key)?;
        match names.as_slice() {
            [] => Err(Error::missing("User")),
            [name] => Ok(Added::One(Box::new(add::one(tx, &place, name, *terms)?))),
            names => Ok(Added::Several(add::several(tx, &place, names, *terms)?)),
        }
    });
    Ok(added.await?.raw(|added| match added {
        Added::One(shown) => Reply::json(201, &view::member::member(&links, &shown)),
        Added::Several(refused) if refused.is_empty() => Reply::json(201, &json!({ "status": "success" })),
        Added::Several(refused) => Reply::json(201, &json!({ "status": "error", "message": refused })),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_several_are_named() {
        assert_eq!(names(Some("7"), None), [Name::Id(Some(7))]);
        assert_eq!(names(Some("7, 8,x"), None), [Name::Id(Some(7)), Name::Id(Some(8)), Name::Id(None)]);
        let both = [Name::Username("ada".to_owned()), Name::Username("bob".to_owned())];
        assert_eq!(names(None, Some("ada,bob")), both);
        assert!(names(None, None).is_empty());
    }
}
