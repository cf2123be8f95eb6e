//! Making a tag.

use std::sync::Arc;

use tessera_git::{Conflict, Oid, Signature, refname};
use tessera_model::operation::Operation;
use tessera_model::protection::Change;
use tessera_model::{Error, Result};

use super::move_refs::{Unmoved, move_refs};
use super::{Place, TagShown, fault, get_tag};
use crate::protection::RefMove;
use crate::{Ask, Service};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The name.
    pub name: String,
    /// What is tagged.
    pub revision: String,
    /// What the tag says; one that says nothing is a bare reference.
    pub message: Option<String>,
}

/// Makes a tag.
///
/// # Errors
/// 400 with GitLab's texts.
pub async fn create<Op: Operation>(
    service: &Service,
    ask: &Arc<Ask>,
    place: &Place,
    tagger: &Signature,
    wanted: &Wanted,
) -> Result<TagShown> {
    let Wanted { name, revision, message } = wanted;
    let said = |text: String| Err(Error::Refused(text));
    if revision.trim().is_empty() {
        return said("Target is empty".to_owned());
    }
    if refname::check_tag(name).is_err() {
        return said("Tag name invalid".to_owned());
    }
    let repository = place.repository(service);
    if repository.tag(name).await.map_err(fault)?.is_some() {
        return said(format!("Tag {name} already exists"));
    }
    let Some(commit) = place.commit_of(service, revision).await? else {
        return said(format!("Target {revision} is invalid"));
    };
    let full = format!("refs/tags/{name}");
    // Only to spare the work; the transaction below decides.
    place.decide(&full, Change::Create).map_err(|refusal| Error::Refused(refusal.text().to_owned()))?;
    let message = message.as_deref().map(str::trim).filter(|message| !message.is_empty());
    let new = match message {
        Some(message) => repository.tag_object(name, commit, tagger, message).await.map_err(fault)?,
        None => commit,
    };
    let update = RefMove { name: full, old: Oid::ZERO, new, forced: false };
    move_refs::<Op>(service, ask, place, vec![update]).await.map_err(|unmoved| match unmoved {
        Unmoved::Conflict(_, Conflict::Moved { .. }) => Error::Refused(format!("Tag {name} already exists")),
        Unmoved::Conflict(_, Conflict::Overlap) => {
            Error::Refused(format!("Failed to create a tag: {name} conflicts with the name of another tag"))
        }
        other => other.into(),
    })?;
    get_tag::get(service, place, name).await
}
