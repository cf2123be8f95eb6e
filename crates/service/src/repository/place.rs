//! A repository that the caller may look into.

use tessera_git::{Oid, Repository, RepositoryId, ServiceOutput};
use tessera_model::ability::Ability;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::protection::{
    self, Action, Actor, Change, Door, ProtectedRef, RefKind, RefUpdate, Refusal, Rules,
};
use tessera_model::role::Role;
use tessera_model::{Error, Result};
use tessera_store::query;

use crate::git_access::{Opened, Session};
use crate::{Ask, Authorized, Service, Tx};

/// A project's repository, open to the caller, and what answers about it need to know of the database.
/// Only [`open`] makes one, of a project on which the caller was authorised.
#[derive(Clone, Debug)]
pub struct Place {
    /// The project.
    pub project: Project,
    rules: Vec<ProtectedRef>,
    default_protection: i64,
    /// Who may push; `None`: not this caller.
    pusher: Option<Actor>,
    /// The token with which the caller asked.
    token: Option<i64>,
}

/// Opens the repository of a project. What happens in it happens after this transaction: a write needs
/// another one that judges again.
///
/// # Errors
/// When the database does not answer.
pub fn open<'tx, Op: Operation>(tx: &mut Tx<'tx>, project: Authorized<'tx, Op, Project>) -> Result<Place> {
    const { assert!(matches!(Op::ROW.ability, Ability::DownloadCode | Ability::PushCode)) };
    look_into(tx, project)
}

/// Opens the repository of a project for an operation that is not about repositories alone.
pub(super) fn look_into<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: Authorized<'tx, Op, Project>,
) -> Result<Place> {
    let role = project.role();
    let project = project.into_inner();
    let rules = query::protection::of_project(tx.conn, project.id).map_err(crate::fault)?;
    let default_protection = tx.setting("default_branch_protection")?.as_i64().unwrap_or(2);
    let may_push = !project.archived && role.is_some_and(|role| role >= Role::Developer);
    let admin = tx.caller.fence().is_none() && tx.caller.is_admin();
    let actor = Actor { user_id: tx.caller.user_id(), role, admin };
    let token = tx.caller.token().map(|token| token.id);
    Ok(Place { project, rules, default_protection, pusher: may_push.then_some(actor), token })
}

impl Place {
    /// Watches what is read piece by piece: it ends soon after the caller's right to it (D8, L13).
    pub(crate) fn watched<Op: Operation>(
        &self,
        service: &Service,
        ask: &Ask,
        output: ServiceOutput,
    ) -> Result<Session> {
        let opened = Opened::<Op>::new(service, self.project.clone(), ask, self.token)?;
        Ok(Session::new(service, &opened, output, None))
    }

    /// The repository itself.
    pub(crate) fn repository(&self, service: &Service) -> Repository {
        service.git().repository(RepositoryId(self.project.id.unsigned_abs()))
    }

    /// The commit that a revision stands for. `HEAD` is the default branch, whatever git's own says.
    pub(crate) async fn commit_of(&self, service: &Service, revision: &str) -> Result<Option<Oid>> {
        let repository = self.repository(service);
        if revision == "HEAD" {
            let branch = repository.branch(&self.project.default_branch).await.map_err(super::fault)?;
            return Ok(branch.map(|branch| branch.commit));
        }
        repository.resolve(revision).await.map_err(super::fault)
    }

    /// The commit that a revision stands for, or "404 Commit Not Found".
    pub(crate) async fn require_commit(&self, service: &Service, revision: &str) -> Result<Oid> {
        self.commit_of(service, revision).await?.ok_or_else(|| Error::missing("Commit"))
    }

    /// Whether a branch or tag is protected.
    pub(crate) fn is_protected(&self, kind: RefKind, name: &str) -> bool {
        self.rules.iter().any(|rule| rule.covers(kind, name))
    }

    /// Whether the rules of a branch let Developers do something.
    pub(crate) fn developers_can(&self, action: Action, branch: &str) -> bool {
        let developer = Actor { user_id: None, role: Some(Role::Developer), admin: false };
        self.rules.iter().any(|rule| rule.covers(RefKind::Branch, branch) && rule.permits(developer, action))
    }

    /// Whether the caller may push to a branch.
    pub(crate) fn can_push(&self, branch: &str) -> bool {
        let name = format!("{}{branch}", RefKind::Branch.prefix());
        self.decide(&name, Change::Update { forced: false }).is_ok()
    }

    /// Whether the caller may move a reference, as things stood when the repository was opened: for answers,
    /// and for sparing work that will be refused.
    pub(crate) fn decide(&self, name: &str, change: Change) -> Result<(), Refusal> {
        let actor = self.pusher.ok_or(Refusal::Push)?;
        let rules = Rules {
            default_branch: &self.project.default_branch,
            empty: self.project.empty,
            default_protection: self.default_protection,
            refs: &self.rules,
        };
        protection::decide_ref_update(actor, &rules, RefUpdate { name, change }, Door::Api)
    }
}
