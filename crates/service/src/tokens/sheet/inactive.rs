//! Why a token is inactive.

use tessera_model::time::{Date, Timestamp};
use tessera_model::token::TokenKind;
use tessera_model::user::UserState;
use tessera_store::query::sheet::{self as rows, Living, Record};

use super::making::{Obstacle, Right};
use crate::tokens::reuse;

/// What ended a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its date came.
    Expired {
        /// The date.
        on: Date,
    },
    /// Somebody revoked it.
    Revoked {
        /// Who, by the username at that time.
        by: String,
        /// When; old rows may not say.
        at: Option<Timestamp>,
    },
    /// Its bearer was given a new secret.
    Rotated {
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
        /// The number of the token that stands in its place.
        replaced_by: i64,
    },
    /// A secret that it had replaced was presented again: somebody holds a copy (D22).
    Reused {
        /// When; old rows may not say.
        at: Option<Timestamp>,
    },
}

/// A token that is inactive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inactive {
    /// The token, who made it, and its bot as username and name, while there is one.
    pub record: Record,
    /// What ended it.
    pub reason: Reason,
    /// Whether its bot is still there: then it can be given a new secret through this token, or be ended for good.
    pub bot_lives: bool,
    /// What stands in the way of a new secret.
    pub rotation: Option<Obstacle>,
}

pub(super) fn shown(row: rows::Inactive, living: Living, right: &Right) -> Inactive {
    let lives = row.state.is_some_and(|state| state != UserState::Ghosted);
    let project = row.record.token.kind == TokenKind::Project;
    // Another secret of the bot's stands for it where this one was replaced.
    let bot_lives = project && lives && row.successor.is_none();
    let left = if project { bot_lives } else { lives && !row.record.token.revoked };
    let rotation = if left { right.rotation_of(&row.record.token) } else { Some(Obstacle::NobodyLeft) };
    let reason = reason(&row, living);
    Inactive { record: row.record, reason, bot_lives, rotation }
}

fn reason(row: &rows::Inactive, living: Living) -> Reason {
    let token = &row.record.token;
    if let Some((replaced_by, by, at)) = row.successor.clone() {
        return Reason::Rotated { by, at, replaced_by };
    }
    // Who revokes what has ended changes nothing.
    let came_first =
        |end: &Date| !token.revoked || row.revoked_at.is_some_and(|revoked| end.midnight() <= revoked);
    let ended = token.expires_on.filter(|end| living.enforced && *end <= living.today && came_first(end));
    match ended {
        Some(on) => Reason::Expired { on },
        None if row.revoked_by.as_deref() == Some(reuse::ACTOR) => Reason::Reused { at: row.revoked_at },
        None => Reason::Revoked { by: row.revoked_by.clone().unwrap_or_default(), at: row.revoked_at },
    }
}

#[cfg(test)]
mod tests {
    use tessera_model::scope::ScopeSet;
    use tessera_model::token::Token;

    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn row(expires_on: Option<&str>, revoked: Option<(&str, &str)>) -> rows::Inactive {
        let token = Token {
            id: 1,
            kind: TokenKind::Project,
            user_id: Some(9),
            bearer_id: 9,
            bearer_username: "project_1_bot".to_owned(),
            project_id: Some(1),
            name: "ci".to_owned(),
            description: None,
            scopes: ScopeSet::EMPTY,
            role: None,
            expires_on: expires_on.map(date),
            revoked: revoked.is_some(),
            created_at: date("2026-01-01").midnight(),
            last_used_at: None,
            last_used_ips: Vec::new(),
            previous_id: None,
            family_id: 1,
        };
        let record = Record { token, created_by: (None, "ada".to_owned()), user: None };
        rows::Inactive {
            record,
            state: Some(UserState::Active),
            revoked_at: revoked.map(|(_, on)| date(on).midnight()),
            revoked_by: revoked.map(|(by, _)| by.to_owned()),
            successor: None,
        }
    }

    fn of(row: &rows::Inactive, enforced: bool) -> Reason {
        reason(row, Living { today: date("2026-11-20"), enforced })
    }

    #[test]
    fn what_came_first_is_the_reason() {
        let expired = Reason::Expired { on: date("2026-11-10") };
        assert_eq!(of(&row(Some("2026-11-10"), None), true), expired);
        assert_eq!(of(&row(Some("2026-11-10"), Some(("operator", "2026-11-12"))), true), expired);
        let revoked = Reason::Revoked { by: "ada".to_owned(), at: Some(date("2026-11-09").midnight()) };
        assert_eq!(of(&row(Some("2026-11-10"), Some(("ada", "2026-11-09"))), true), revoked);
        assert_eq!(of(&row(Some("2026-12-10"), Some(("ada", "2026-11-09"))), true), revoked);
        assert_eq!(of(&row(None, Some(("ada", "2026-11-09"))), true), revoked);
        let late = row(Some("2026-11-08"), Some(("ada", "2026-11-09")));
        assert_eq!(of(&late, false), revoked, "where ends bind nobody they end nothing");
    }

    #[test]
    fn a_new_secret_and_a_copy_of_an_old_one_are_reasons_of_their_own() {
        let mut rotated = row(Some("2026-11-10"), Some(("ada", "2026-11-12")));
        let at = date("2026-11-12").midnight();
        rotated.successor = Some((2, "bob".to_owned(), at));
        assert_eq!(of(&rotated, true), Reason::Rotated { by: "bob".to_owned(), at, replaced_by: 2 });
        let reused = row(None, Some((reuse::ACTOR, "2026-11-12")));
        assert_eq!(of(&reused, true), Reason::Reused { at: Some(at) });
    }
}
