//! Deleting a tag.

use std::sync::Arc;

use tessera_git::Oid;
use tessera_model::operation::Operation;
use tessera_model::{Error, Result};

use super::move_refs::{Unmoved, move_refs};
use super::{Place, TagShown};
use crate::protection::RefMove;
use crate::{Ask, Service};

/// Deletes a tag, if it still is what the caller saw.
///
/// # Errors
/// 403 for protected tags, unless the caller is a Maintainer.
pub async fn delete<Op: Operation>(
    service: &Service,
    ask: &Arc<Ask>,
    place: &Place,
    shown: &TagShown,
) -> Result<()> {
    let tag = &shown.tag;
    let name = format!("refs/tags/{}", tag.name);
    let update = RefMove { name, old: tag.target, new: Oid::ZERO, forced: false };
    move_refs::<Op>(service, ask, place, vec![update]).await.map_err(|unmoved| match unmoved {
        Unmoved::Refused(refusal) => Error::forbidden(refusal.text()),
        other => other.into(),
    })
}
