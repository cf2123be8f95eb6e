//! Mails about a token that was just made, given a new secret or revoked, in the transaction that did it.

use tessera_model::Result;
use tessera_model::token::{Token, TokenKind};

use super::letter::Letter;
use super::token_lines::{Paths, item, minute, page, reason};
use super::{people, queue};
use crate::Tx;

/// Whether project tokens' people get these mails.
const OF_PROJECTS: &str = "resource_access_token_change_notices";

/// What became of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It was made.
    Created,
    /// It was given a new secret.
    Rotated,
    /// It was revoked.
    Revoked,
    /// It was revoked because a secret that it had replaced was presented again (D22).
    Reused,
}

/// Tells the people of a token what became of it.
pub(crate) fn tell(tx: &mut Tx<'_>, change: Change, token: &Token) -> Result<()> {
    if token.kind == TokenKind::Impersonation
        || (token.kind == TokenKind::Project && !tx.is_on(OF_PROJECTS)?)
    {
        return Ok(());
    }
    let people = people::of_token(tx, token)?;
    if people.is_empty() {
        return Ok(());
    }
    let letter = letter(tx, change, token)?;
    let subject = subject(change, token.kind);
    for person in people.into_values() {
        queue(tx, &person, &subject, &Letter { to: person.name.clone(), ..letter.clone() })?;
    }
    Ok(())
}

fn noun(kind: TokenKind) -> &'static str {
    if kind == TokenKind::Project { "resource access token" } else { "personal access token" }
}

/// The subject, in GitLab's words.
fn subject(change: Change, kind: TokenKind) -> String {
    let (article, verb) = match change {
        Change::Created => ("A new", "created"),
        Change::Rotated => ("A", "rotated"),
        Change::Revoked | Change::Reused => ("A", "revoked"),
    };
    format!("{article} {} has been {verb}", noun(kind))
}

fn letter(tx: &mut Tx<'_>, change: Change, token: &Token) -> Result<Letter> {
    let mut paths = Paths::default();
    let tokens = std::slice::from_ref(token);
    let when = minute(tx.now);
    let by = match tx.meta.surface {
        Some(_) => format!("{}, from {}", tx.actor(), tx.meta.address),
        None => "whoever operates the server".to_owned(),
    };
    let (news, advice) = match change {
        Change::Created => (
            format!("A token was made on {when} by {by}."),
            "If you do not know of it, revoke it on this page and ask who made it:",
        ),
        Change::Rotated => (
            format!(
                "A token was given a new secret on {when} by {by}. The old secret opens nothing any more."
            ),
            "Put the new secret in wherever the old one is used. If you do not know of it, revoke the token on this \
             page and ask who rotated it:",
        ),
        Change::Revoked => (
            format!("A token was revoked on {when} by {by}. It opens nothing any more."),
            "Whatever still uses it needs a new one, which is made on this page:",
        ),
        Change::Reused => (
            format!(
                "A secret that had been replaced was presented again on {when}, from {}. Somebody may hold a copy of \
                 it, so the token was revoked and opens nothing any more.",
                tx.meta.address
            ),
            "Find out who still uses the old secret. A new one is made by rotating the token on this page:",
        ),
    };
    Ok(Letter {
        to: String::new(),
        news,
        items: vec![item(tx, &mut paths, token)?],
        advice: vec![advice.to_owned()],
        link: page(tx, &mut paths, tokens)?,
        reason: reason(tx, tokens),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_gitlabs() {
        assert_eq!(
            subject(Change::Created, TokenKind::Personal),
            "A new personal access token has been created"
        );
        assert_eq!(subject(Change::Reused, TokenKind::Project), "A resource access token has been revoked");
    }
}
