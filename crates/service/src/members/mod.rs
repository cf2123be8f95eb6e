//! Members of projects and groups. Both have the same operations, so that each is written once, over
//! [`Peopled`].

pub mod add;
pub mod list;
pub mod remove;
pub mod roster;
mod rules;
pub mod update;

pub use rules::Fixed;
use tessera_model::Result;
use tessera_model::ability::Ability;
use tessera_model::project::{Namespace, Project};
use tessera_model::user::User;
use tessera_store::query;
pub use tessera_store::query::members::Member;
use tessera_store::query::members::Place;

use crate::{Tx, fault};

/// Something that has members.
pub trait Peopled: Clone + Send + 'static {
    /// What it takes to manage them.
    const MANAGE: Ability;

    /// Whose members they are.
    fn place(&self) -> Place;

    /// The namespace from which members are inherited, itself included.
    fn namespace(&self) -> &Namespace;

    /// Its full path, for the audit log.
    fn full_path(&self) -> &str;

    /// Its number if it is a project.
    fn project_id(&self) -> Option<i64>;
}

impl Peopled for Project {
    const MANAGE: Ability = Ability::ManageMembers;

    fn place(&self) -> Place {
        Place::Project(self.id)
    }

    fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    fn full_path(&self) -> &str {
        &self.full_path
    }

    fn project_id(&self) -> Option<i64> {
        Some(self.id)
    }
}

impl Peopled for Namespace {
    const MANAGE: Ability = Ability::OwnGroup;

    fn place(&self) -> Place {
        Place::Group(self.id)
    }

    fn namespace(&self) -> &Namespace {
        self
    }

    fn full_path(&self) -> &str {
        &self.full_path
    }

    fn project_id(&self) -> Option<i64> {
        None
    }
}

/// A member, with the user who added it where that is known still.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The member.
    pub member: Member,
    /// Who added it.
    pub created_by: Option<User>,
}

/// Adds to each member who added it.
fn shown(tx: &mut Tx<'_>, members: Vec<Member>) -> Result<Vec<Shown>> {
    let mut makers: Vec<User> = Vec::new();
    let mut list = Vec::with_capacity(members.len());
    for member in members {
        let known = makers.iter().find(|maker| Some(maker.id) == member.created_by_id).cloned();
        let created_by = match (known, member.created_by_id) {
            (None, Some(id)) => query::users::by_id(tx.conn, id).map_err(fault)?,
            (known, _) => known,
        };
        makers.extend(created_by.clone().filter(|maker| makers.iter().all(|known| known.id != maker.id)));
        list.push(Shown { member, created_by });
    }
    Ok(list)
}
