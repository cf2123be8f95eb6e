//! Making tags.

use super::{check_message, signature_line};
use crate::durable::Mark;
use crate::error::{GitError, Result};
use crate::oid::Oid;
use crate::read::Signature;
use crate::repository::Repository;
use crate::{blocking, refname};

impl Repository {
    /// Makes a tag of a commit: a bare reference, or with `annotation` (who tags, and the message) a tag object.
    /// Returns what the reference points at. Durable when this returns.
    ///
    /// [`GitError::Conflict`] when the tag exists, [`GitError::NotFound`] when the commit does not.
    pub async fn create_tag(
        &self,
        name: &str,
        commit: Oid,
        annotation: Option<(&Signature, &str)>,
    ) -> Result<Oid> {
        refname::check_tag(name)?;
        self.require_folder()?;
        let target = match annotation {
            Some((tagger, message)) => self.tag_object(name, commit, tagger, message).await?,
            None if self.object_kind(commit, None).await?.is_none() => return Err(GitError::NotFound),
            None => commit,
        };
        self.update_ref(&format!("refs/tags/{name}"), target, Oid::ZERO).await?;
        Ok(target)
    }

    /// Makes the object of an annotated tag and returns its name. No reference moves: until the caller makes
    /// `refs/tags/<name>` point at it (see [`update_ref`](Self::update_ref)) nothing leads to it. Durable when this
    /// returns.
    ///
    /// [`GitError::NotFound`] when the tagged object does not exist.
    pub async fn tag_object(
        &self,
        name: &str,
        tagged: Oid,
        tagger: &Signature,
        message: &str,
    ) -> Result<Oid> {
        refname::check_tag(name)?;
        self.require_folder()?;
        let kind = self.object_kind(tagged, None).await?.ok_or(GitError::NotFound)?;
        check_message(message)?;
        let tagger = signature_line(tagger)?;
        let text = format!(
            "object {tagged}\ntype {}\ntag {name}\ntagger {tagger}\n\n{}\n",
            kind.as_str(),
            message.trim_end_matches('\n')
        );
        let scratch = self.git.inner.scratch();
        let mark = blocking("note the time of a change", move || Mark::take(&scratch)).await?;
        // Written under the same checks as a pushed tag.
        let answer = self.writing("mktag").input(text.into_bytes()).output().await?;
        let object = Oid::from_hex(answer.trim_ascii_end())
            .ok_or(GitError::Protocol { command: "mktag", detail: "no object named".to_owned() })?;
        let path = self.path().to_owned();
        blocking("make a tag durable", move || mark.sync_changes(&path)).await?;
        Ok(object)
    }
}
