//! References moved for the API: judged, written down, then moved by compare-and-swap.

use std::sync::Arc;

use tessera_git::{Conflict, GitError, RefChange, Repository};
use tessera_model::operation::Operation;
use tessera_model::protection::{Door, Refusal};
use tessera_model::{Error, Result};

use super::{Place, fault};
use crate::protection::{RefMove, check_and_record};
use crate::{Ask, Key, Service};

/// Why references were not moved.
#[derive(Debug)]
pub(super) enum Unmoved {
    /// The rules forbid it.
    Refused(Refusal),
    /// One of them was not where it was expected, or its name stands in the way of another.
    Conflict(String, Conflict),
    /// Something else.
    Fault(Error),
}

impl From<Error> for Unmoved {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<Unmoved> for Error {
    fn from(unmoved: Unmoved) -> Self {
        match unmoved {
            Unmoved::Refused(refusal) => Self::Refused(refusal.text().to_owned()),
            Unmoved::Conflict(name, kind) => fault(GitError::Conflict { name, kind }),
            Unmoved::Fault(error) => error,
        }
    }
}

/// Moves references, all or none, if a second judgement allows it. Goes on to its end even when the client
/// goes away: what was written down as granted is then either done or written down as void.
pub(super) async fn move_refs<Op: Operation>(
    service: &Service,
    ask: &Arc<Ask>,
    place: &Place,
    moves: Vec<RefMove>,
) -> Result<(), Unmoved> {
    let key = Key::Id(place.project.id);
    let work = judge_and_move::<Op>(service.clone(), Arc::clone(ask), key, place.repository(service), moves);
    tokio::spawn(work).await.map_err(Error::internal)?
}

async fn judge_and_move<Op: Operation>(
    service: Service,
    ask: Arc<Ask>,
    key: Key,
    repository: Repository,
    moves: Vec<RefMove>,
) -> Result<(), Unmoved> {
    let changes: Vec<RefChange> = moves
        .iter()
        .map(|update| RefChange { name: update.name.clone(), expected: update.old, new: update.new })
        .collect();
    let granted = service
        .write::<Op, _, _>(&ask, move |tx| {
            let project = tx.project::<Op>(&key)?;
            check_and_record(tx, &project, &moves, Door::Api)
        })
        .await?
        .map_err(Unmoved::Refused)?;
    let moved = repository.update_refs(&changes).await;
    let end = service.end_push(granted.push_id, moved.is_ok()).await;
    service.note_end(end, granted.push_id, ()).await;
    moved.map_err(|error| match error {
        GitError::Conflict { name, kind } => Unmoved::Conflict(name, kind),
        other => Unmoved::Fault(fault(other)),
    })
}
