//! Getting an object is the permission check.

use std::marker::PhantomData;
use std::ops::Deref;

use tessera_model::ability::Ability;
use tessera_model::operation::Operation;
use tessera_model::policy::{self, Subject};
use tessera_model::project::{Membership, Namespace, Project};
use tessera_model::role::Role;
use tessera_model::user::{User, UserState};
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::{Tx, fault};

/// An object on which the caller may do the operation `Op`, in the transaction `'tx` and nowhere
/// else. Only [`Tx`] makes one.
pub struct Authorized<'tx, Op, S> {
    subject: S,
    role: Option<Role>,
    brand: PhantomData<fn(&'tx (), Op) -> &'tx ()>,
}

impl<Op, S> Authorized<'_, Op, S> {
    /// The role that the caller's right hangs on; administrators count as owners.
    pub fn role(&self) -> Option<Role> {
        self.role
    }

    /// The object, when the permission is no longer needed.
    pub fn into_inner(self) -> S {
        self.subject
    }
}

impl<Op, S> Deref for Authorized<'_, Op, S> {
    type Target = S;
    fn deref(&self) -> &S {
        &self.subject
    }
}

/// How a project or group is named: by number or by full path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Its number.
    Id(i64),
    /// Its full path, whatever the case.
    Path(String),
}

impl Key {
    /// Reads a path parameter: digits are a number, anything else a path.
    pub fn parse(text: &str) -> Self {
        match text.parse() {
            Ok(id) if text.bytes().all(|byte| byte.is_ascii_digit()) => Self::Id(id),
            _ => Self::Path(text.to_owned()),
        }
    }
}

impl<'tx> Tx<'tx> {
    /// The right to do an operation of the whole instance; [`policy::admit`] has judged it.
    ///
    /// # Errors
    /// None now; the signature is that of its siblings.
    pub fn instance<Op: Operation>(&mut self) -> Result<Authorized<'tx, Op, ()>> {
        policy::admit(&self.caller, &Op::ROW)?;
        Ok(Authorized { subject: (), role: None, brand: PhantomData })
    }

    /// A project on which the caller may do `Op`.
    ///
    /// # Errors
    /// 404 if there is none or the caller may not know of it, else the row's refusal.
    pub fn project<Op: Operation>(&mut self, key: &Key) -> Result<Authorized<'tx, Op, Project>> {
        let found = match key {
            Key::Id(id) => query::projects::by_id(self.conn, *id),
            Key::Path(path) => query::projects::by_path(self.conn, path),
        };
        let project = found.map_err(fault)?.ok_or_else(|| policy::hidden(&self.caller, &Op::ROW))?;
        if let Some(ask) = self.asked {
            ask.is_about(project.id);
        }
        let membership = self.membership_in(&project)?;
        let subject = Subject {
            project_id: Some(project.id),
            visibility: project.visibility,
            archived: project.archived,
            role: membership.role(),
        };
        policy::decide(&self.caller, &Op::ROW, &subject)?;
        let role = policy::effective_role(&self.caller, &subject);
        Ok(Authorized { subject: project, role, brand: PhantomData })
    }

    /// What the caller is to a project, by its own membership.
    pub(crate) fn membership_in(&mut self, project: &Project) -> Result<Membership> {
        match self.caller.user_id() {
            Some(user) => {
                query::projects::membership(self.conn, project, user, self.now.date()).map_err(fault)
            }
            None => Ok(Membership::default()),
        }
    }

    /// A group on which the caller may do `Op`. People's own namespaces are no groups.
    ///
    /// # Errors
    /// 404 if there is none or the caller may not know of it, else the row's refusal.
    pub fn group<Op: Operation>(&mut self, key: &Key) -> Result<Authorized<'tx, Op, Namespace>> {
        let found = match key {
            Key::Id(id) => query::namespaces::by_id(self.conn, *id),
            Key::Path(path) => query::namespaces::by_path(self.conn, path),
        };
        let group = found.map_err(fault)?.filter(|namespace| namespace.is_group);
        let group = group.ok_or_else(|| policy::hidden(&self.caller, &Op::ROW))?;
        self.decide_on_namespace::<Op>(group)
    }

    /// A namespace, group or a person's own, on which the caller may do `Op`.
    ///
    /// # Errors
    /// 404 if the caller may not know of it, else the row's refusal.
    pub(crate) fn decide_on_namespace<Op: Operation>(
        &mut self,
        namespace: Namespace,
    ) -> Result<Authorized<'tx, Op, Namespace>> {
        let subject = self.namespace_subject(&namespace)?;
        policy::decide(&self.caller, &Op::ROW, &subject)?;
        let role = policy::effective_role(&self.caller, &subject);
        Ok(Authorized { subject: namespace, role, brand: PhantomData })
    }

    /// What the judgement needs to know of a namespace.
    pub(crate) fn namespace_subject(&mut self, namespace: &Namespace) -> Result<Subject> {
        let role = self.role_in_namespace(namespace)?;
        let visibility = if !namespace.is_group || (role.is_none() && self.belongs_below(namespace)?) {
            Visibility::Public
        } else {
            namespace.visibility
        };
        Ok(Subject { project_id: None, visibility, archived: false, role })
    }

    /// The caller's role in a namespace; a person owns their own. Being a member of something inside
    /// a group lets one see it without a role.
    pub(crate) fn role_in_namespace(&mut self, namespace: &Namespace) -> Result<Option<Role>> {
        let Some(user) = self.caller.user_id() else { return Ok(None) };
        if namespace.owner_id == Some(user) {
            return Ok(Some(Role::Owner));
        }
        let today = self.now.date();
        let membership =
            query::namespaces::membership(self.conn, namespace.id, user, today).map_err(fault)?;
        Ok(membership.role())
    }

    /// Whether the caller belongs to something inside a group, which lets it see the group's face as if it
    /// were public. A bot's fence stands around its project, not around the groups above it (D6).
    fn belongs_below(&mut self, namespace: &Namespace) -> Result<bool> {
        let Some(user) = self.caller.user_id().filter(|_| self.caller.fence().is_none()) else {
            return Ok(false);
        };
        query::namespaces::leads_to_member(self.conn, namespace.id, user, self.now.date()).map_err(fault)
    }

    /// Whether the role that the caller has on an object gives it a further ability there.
    pub(crate) fn role_gives(&self, ability: Ability, role: Option<Role>) -> bool {
        ability.rule().is_some_and(|rule| {
            (rule.bots || !self.caller.is_bot()) && role.is_some_and(|role| role >= rule.role)
        })
    }

    /// The caller itself, for what is everybody's own business.
    ///
    /// # Errors
    /// As [`policy::admit`] has it; 404 for whoever operates the server, who is no user.
    pub fn own_account<Op: Operation>(&mut self) -> Result<Authorized<'tx, Op, User>> {
        policy::admit(&self.caller, &Op::ROW)?;
        let user = self.caller.user.clone().ok_or_else(|| Error::missing("User"))?;
        Ok(Authorized { subject: user, role: None, brand: PhantomData })
    }

    /// A user on whom the caller may do `Op`: any that is not on its way out.
    ///
    /// # Errors
    /// 404 if there is none, 401 or 403 as [`policy::admit`] has it.
    pub fn user<Op: Operation>(&mut self, id: i64) -> Result<Authorized<'tx, Op, User>> {
        policy::admit(&self.caller, &Op::ROW)?;
        let user = query::users::by_id(self.conn, id).map_err(fault)?;
        let user =
            user.filter(|user| user.state != UserState::Ghosted).ok_or_else(|| Error::missing("User"))?;
        Ok(Authorized { subject: user, role: None, brand: PhantomData })
    }
}
