//! What became of a granted push. The row that says so is closed when git has ended, behind the client's answer if
//! references moved; one that is open when the server starts is compared with the repository.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tessera_git::{Oid, Repository, RepositoryId};
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::pushes::OpenPush;
use tokio::sync::watch;

use super::git_fault;
use crate::{Service, Trouble};

/// How long a push whose client left may run on, and a little more.
const RUN_ON: Duration = Duration::from_secs(10 * 60 + 5);
/// What is older than this, in a repository whose push was interrupted, nobody works on any more.
const LEFT_BEHIND: Duration = Duration::from_secs(2);
/// How often its references are looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The references of a push as its row keeps them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// Which references, from where, to where.
    pub(crate) refs: Vec<JournalRef>,
    /// Set for the push that makes a project's first branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<First>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JournalRef {
    #[serde(rename = "ref")]
    pub(crate) name: String,
    pub(crate) old: String,
    pub(crate) new: String,
}

/// What a first push changed, for taking it back if no reference moved.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct First {
    /// The default branch before.
    pub(crate) before: String,
    /// The default branch that the push gave.
    pub(crate) branch: String,
    /// The number of the rule that was made for it.
    pub(crate) rule: Option<i64>,
}

/// The end of a push that is still to be written down; the repository is as it should be.
#[derive(Debug)]
pub(crate) struct End {
    push_id: i64,
    project_id: i64,
    moved: bool,
    /// What a first push changed in vain.
    undo: Option<First>,
}

impl Service {
    /// Closes every push that was left open, by what the repositories say. Called when the server
    /// starts, before it takes requests.
    ///
    /// # Errors
    /// When the database or a repository does not answer.
    pub async fn reconcile_pushes(&self) -> Result<()> {
        let read = self.store().read(|conn| query::pushes::open(conn).map_err(Trouble::from));
        for push in read.await? {
            tracing::info!(push = push.id, project = push.project_id, "reconciling an interrupted push");
            self.close(&push, true).await?;
            self.clear_later(push.project_id);
        }
        Ok(())
    }

    /// Removes the lock files and quarantines that an interrupted push left in a repository, which would
    /// block its references for ever. A git that outlived the server gets a moment to end first.
    fn clear_later(&self, project_id: i64) {
        let service = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LEFT_BEHIND + LOOK_EVERY).await;
            let Ok(id) = u64::try_from(project_id) else { return };
            let repository = service.git().repository(RepositoryId(id));
            let cleared = repository.clear_remains(service.wall_clock(), LEFT_BEHIND).await;
            match cleared {
                Ok(0) => {}
                Ok(count) => {
                    tracing::info!(project_id, count, "removed what an interrupted push left behind");
                }
                Err(error) => tracing::warn!(project_id, %error, "a repository could not be cleared"),
            }
        });
    }

    /// Removes what an earlier run left unfinished beside the repositories and nothing has touched for this long: zero
    /// where nobody else works there.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn clear_unfinished(&self, untouched: Duration) -> Result<()> {
        let removed = self.git().clear_scratch(self.wall_clock(), untouched).await.map_err(git_fault)?;
        if removed > 0 {
            tracing::info!(removed, "what an earlier run left unfinished was removed");
        }
        Ok(())
    }

    /// The present as file systems count it.
    fn wall_clock(&self) -> SystemTime {
        let micros = u64::try_from(self.now().0).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
    }

    /// Sees to the repository of a push whose references have moved, or will not move any more.
    ///
    /// # Errors
    /// When the database or the repository does not answer.
    pub(super) async fn finish_push(&self, push_id: i64) -> Result<Option<End>> {
        let Some(push) = self.open_push(push_id).await? else { return Ok(None) };
        let journal = journal(&push)?;
        let moved = moved(&self.repository_of(&push)?, &journal).await?;
        self.end_of(&push, journal, moved).await.map(Some)
    }

    /// Sees to the repository of a granted change whose maker knows whether its references moved.
    ///
    /// # Errors
    /// When the database or the repository does not answer.
    pub(crate) async fn end_push(&self, push_id: i64, moved: bool) -> Result<Option<End>> {
        let Some(push) = self.open_push(push_id).await? else { return Ok(None) };
        self.end_of(&push, journal(&push)?, moved).await.map(Some)
    }

    /// Writes the end of a push down, now or, if references moved, soon: then nothing that the client may ask for
    /// depends on it, and a row that stays open is compared with the repository at the next start. Keeps `held` until
    /// it is done.
    pub(crate) async fn note_end(&self, end: Result<Option<End>>, push_id: i64, held: impl Send + 'static) {
        let told = move |error: Error| {
            tracing::error!(push = push_id, %error, "the end of a push could not be written down");
        };
        match end {
            Ok(Some(end)) if end.moved => {
                let service = self.clone();
                tokio::spawn(async move {
                    service.write_end(end).await.unwrap_or_else(told);
                    drop(held);
                });
            }
            Ok(Some(end)) => self.write_end(end).await.unwrap_or_else(told),
            Ok(None) => {}
            Err(error) => told(error),
        }
    }

    async fn open_push(&self, push_id: i64) -> Result<Option<OpenPush>> {
        let read =
            self.store().read(move |conn| query::pushes::open_one(conn, push_id).map_err(Trouble::from));
        Ok(read.await?)
    }

    /// Sees to a push's row when its session goes without having written its end: git may run on, and
    /// its references may still move.
    pub(super) fn guard_push(&self, push_id: i64, mut alive: watch::Receiver<()>) {
        let service = self.clone();
        tokio::spawn(async move {
            // The other end is never written to, only dropped.
            while alive.changed().await.is_ok() {}
            let looks = RUN_ON.as_secs() / LOOK_EVERY.as_secs();
            for look in 0..=looks {
                match service.open_push(push_id).await {
                    Ok(None) => return,
                    Ok(Some(push)) => match service.close(&push, look == looks).await {
                        Ok(true) => return,
                        Ok(false) => {}
                        Err(error) => tracing::warn!(push = push_id, %error, "a push could not be looked at"),
                    },
                    Err(error) => tracing::warn!(push = push_id, %error, "a push could not be looked at"),
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
    }

    /// Closes a push if its references moved, or if git has `ended`. Says whether it is closed.
    async fn close(&self, push: &OpenPush, ended: bool) -> Result<bool> {
        let journal = journal(push)?;
        let moved = moved(&self.repository_of(push)?, &journal).await?;
        if !moved && !ended {
            return Ok(false);
        }
        let end = self.end_of(push, journal, moved).await?;
        self.write_end(end).await?;
        Ok(true)
    }

    fn repository_of(&self, push: &OpenPush) -> Result<Repository> {
        let id = u64::try_from(push.project_id).map_err(Error::internal)?;
        Ok(self.git().repository(RepositoryId(id)))
    }

    /// Makes `HEAD` follow a first push, and finds out what is to be written down.
    async fn end_of(&self, push: &OpenPush, journal: Journal, moved: bool) -> Result<End> {
        let repository = self.repository_of(push)?;
        let mut undo = None;
        if let Some(first) = journal.first {
            if moved {
                if repository.head_branch().await.map_err(git_fault)? != first.branch {
                    repository.set_head(&first.branch).await.map_err(git_fault)?;
                }
            } else if repository.is_empty().await.map_err(git_fault)? {
                undo = Some(first);
            }
        }
        Ok(End { push_id: push.id, project_id: push.project_id, moved, undo })
    }

    async fn write_end(&self, end: End) -> Result<()> {
        let End { push_id, project_id, moved, undo } = end;
        let core = self.core().clone();
        let closed = self.store().write(move |conn| {
            if query::pushes::close(conn, push_id, moved, core.clock.now())?
                && let Some(first) = &undo
            {
                query::pushes::emptied(conn, project_id, &first.before)?;
                if let Some(rule) = first.rule {
                    query::protection::delete(conn, rule)?;
                }
            }
            Ok::<_, Trouble>(())
        });
        closed.await?;
        if moved {
            let id = u64::try_from(project_id).map_err(Error::internal)?;
            self.ask_for_maintenance(project_id, &self.git().repository(RepositoryId(id))).await;
        }
        Ok(())
    }
}

fn journal(push: &OpenPush) -> Result<Journal> {
    serde_json::from_str(&push.updates).map_err(Error::internal)
}

/// Whether any reference of a push is no longer where it was. If it is neither there nor where the
/// push wanted it, somebody else moved it on.
async fn moved(repository: &Repository, journal: &Journal) -> Result<bool> {
    for update in &journal.refs {
        let now = repository.read_ref(&update.name).await.map_err(git_fault)?;
        let old = Oid::from_hex(update.old.as_bytes()).unwrap_or(Oid::ZERO);
        if now.unwrap_or(Oid::ZERO) != old {
            return Ok(true);
        }
    }
    Ok(false)
}
