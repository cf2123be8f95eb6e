//! A push: git asks through its hook before any reference moves, and one transaction answers.

use std::io;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::Stream;
use tessera_git::hook::{HookRequest, HookVerdict, Nonce, RefUpdate};
use tessera_git::{Oid, Protocol, ReceiveOptions, Repository, Transport, refname};
use tessera_model::operation::Operation;
use tessera_model::operation::git::ReceivePack;
use tessera_model::project::Project;
use tessera_model::protection::{Door, ProtectedRef, RefKind, Refusal};
use tessera_model::{Error, Result};
use tessera_store::query;
use tokio::sync::watch;

use super::{Opened, Session, git_fault};
use crate::protection::{Granted, RefMove, check_and_record};
use crate::request::Ask;
use crate::{Key, Service, fault};

/// What the client sees before each refusal.
const PREFIX: &str = "GitLab: ";

/// What a push's session holds: the way to write down its end.
pub(crate) struct PushEnd {
    service: Service,
    granted: Arc<OnceLock<Granted>>,
    /// Dropped with the session, which tells the guard that nobody else will write the end down.
    _alive: watch::Sender<()>,
}

impl PushEnd {
    /// git has ended: sees to what became of the references.
    pub(super) async fn finish(self) {
        if let Some(push) = self.granted.get().map(|granted| granted.push_id) {
            let service = self.service.clone();
            service.note_end(service.finish_push(push).await, push, self).await;
        }
    }
}

/// What the hook's question is judged by.
struct Judge {
    service: Service,
    ask: Arc<Ask>,
    project: Project,
    repository: Repository,
    granted: Arc<OnceLock<Granted>>,
    alive: watch::Receiver<()>,
}

impl Service {
    /// Serves a push. Its references are decided when all of it has arrived.
    ///
    /// # Errors
    /// When git cannot be run now.
    pub async fn push(
        &self,
        opened: Opened<ReceivePack>,
        protocol: Protocol,
        transport: Transport,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<Session> {
        let mut number = [0_u8; 16];
        self.core().entropy.fill(&mut number)?;
        let granted = Arc::new(OnceLock::new());
        let (sender, alive) = watch::channel(());
        let judge = Judge {
            service: self.clone(),
            ask: Arc::clone(&opened.ask),
            project: opened.project.clone(),
            repository: opened.repository.clone(),
            granted: Arc::clone(&granted),
            alive,
        };
        let hook = self.hooks()?.register(Nonce::new(number), |request| judge.verdict(request));
        let options = ReceiveOptions {
            protocol,
            transport,
            max_pack: self.core().max_push_bytes,
            default_branch: opened.project.default_branch.clone(),
            hook: hook.map_err(git_fault)?,
        };
        let output = opened.repository.receive_pack(options, body).await.map_err(git_fault)?;
        let end = PushEnd { service: self.clone(), granted, _alive: sender };
        Ok(Session::new(self, &opened, output, Some(end)))
    }
}

impl Judge {
    async fn verdict(self, request: HookRequest) -> HookVerdict {
        match self.judge(&request).await {
            Ok(Ok(granted)) => {
                let push = granted.push_id;
                // Never set before: a hook asks once.
                let _ = self.granted.set(granted);
                self.service.guard_push(push, self.alive);
                HookVerdict::accepted()
            }
            Ok(Err(refusal)) => {
                self.ask.refuse("protected_ref");
                self.service.note_refusal(&self.ask, &ReceivePack::ROW, &Error::Forbidden(None));
                let members =
                    format!("{}/{}/-/project_members", self.service.external_url(), self.project.full_path);
                let lines = refusal.lines(&self.project.full_path, &self.project.default_branch, &members);
                refused(lines)
            }
            Err(error) => refused(vec![spoken(&error)]),
        }
    }

    async fn judge(&self, request: &HookRequest) -> Result<Result<Granted, Refusal>> {
        for update in &request.updates {
            if let Some(branch) = update.name.strip_prefix(RefKind::Branch.prefix())
                && update.old.is_zero()
                && Oid::from_hex(branch.as_bytes()).is_none()
                && refname::check_branch(branch).is_err()
            {
                return Err(Error::forbidden("You cannot create a branch with an invalid name."));
            }
        }
        let moves = self.moves(request).await?;
        let key = Key::Id(self.project.id);
        let write = self.service.write::<ReceivePack, _, _>(&self.ask, move |tx| {
            let project = tx.project::<ReceivePack>(&key)?;
            check_and_record(tx, &project, &moves, Door::Git)
        });
        write.await
    }

    /// Which references move, and whether by force. Looked at only where a rule asks for it, since it
    /// takes a process; where a rule comes to be meanwhile, the answer is yes.
    async fn moves(&self, request: &HookRequest) -> Result<Vec<RefMove>> {
        let quarantine = self.repository.quarantine(request).map_err(git_fault)?;
        let rules = if request.updates.iter().any(may_be_forced) { self.rules().await? } else { Vec::new() };
        let mut moves = Vec::with_capacity(request.updates.len());
        for update in &request.updates {
            let (name, old, new) = (update.name.clone(), update.old, update.new);
            let branch = name.strip_prefix(RefKind::Branch.prefix());
            let guarded =
                branch.is_some_and(|branch| rules.iter().any(|rule| rule.covers(RefKind::Branch, branch)));
            let forced = if guarded && may_be_forced(update) {
                !self.repository.is_ancestor(old, new, quarantine.as_ref()).await.map_err(git_fault)?
            } else {
                true
            };
            moves.push(RefMove { name, old, new, forced });
        }
        Ok(moves)
    }

    async fn rules(&self) -> Result<Vec<ProtectedRef>> {
        let key = Key::Id(self.project.id);
        let read = self.service.read::<ReceivePack, _, _>(&self.ask, move |tx| {
            let project = tx.project::<ReceivePack>(&key)?;
            query::protection::of_project(tx.conn, project.id).map_err(fault)
        });
        read.await
    }
}

/// Whether a branch moves from one commit to another, which may leave some behind.
fn may_be_forced(update: &RefUpdate) -> bool {
    update.name.starts_with(RefKind::Branch.prefix()) && !update.old.is_zero() && !update.new.is_zero()
}

fn refused(lines: Vec<String>) -> HookVerdict {
    let mut lines = lines.into_iter();
    let first = format!("{PREFIX}{}", lines.next().unwrap_or_default());
    HookVerdict { accept: false, messages: std::iter::once(first).chain(lines).collect() }
}

/// What a pushing client is told of an error.
fn spoken(error: &Error) -> String {
    match error {
        Error::Forbidden(Some(text)) => text.clone(),
        Error::Unauthenticated(_) => "The token or password is no longer valid.".to_owned(),
        Error::Forbidden(None) | Error::NotFound(_) | Error::InsufficientScope(_) => {
            "You are not allowed to push code to this project.".to_owned()
        }
        other => {
            tracing::error!(error = %other, "a push could not be judged");
            "The push could not be checked and was refused. Please try again.".to_owned()
        }
    }
}
