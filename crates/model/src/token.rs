//! What the rules need to know of a token, and when it is dead.

use crate::role::Role;
use crate::scope::ScopeSet;
use crate::time::{Date, Timestamp};

/// Kinds of tokens; all live in one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A person's own.
    Personal,
    /// Made by an administrator for a user, who does not see it (U8).
    Impersonation,
    /// A project's, with its bot user.
    Project,
}

/// Every kind.
pub const KINDS: &[TokenKind] = &[TokenKind::Personal, TokenKind::Impersonation, TokenKind::Project];

impl TokenKind {
    /// Its name in logs, lists of the command line and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Impersonation => "impersonation",
            Self::Project => "project",
        }
    }

    /// The kind of this name; anything unknown counts as personal.
    pub fn parse(name: &str) -> Self {
        KINDS.iter().copied().find(|kind| kind.name() == name).unwrap_or(Self::Personal)
    }
}

/// The live facts of the token that a caller presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// Its number.
    pub id: i64,
    /// Its kind.
    pub kind: TokenKind,
    /// What it opens.
    pub scopes: ScopeSet,
    /// The one project of a project token.
    pub project_id: Option<i64>,
}

/// A token's row, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// Its kind.
    pub kind: TokenKind,
    /// Its user, while there is one.
    pub user_id: Option<i64>,
    /// The number of the user that it was made for; stays when the user is gone.
    pub bearer_id: i64,
    /// The username of that user.
    pub bearer_username: String,
    /// The project of a project token.
    pub project_id: Option<i64>,
    /// What its maker called it.
    pub name: String,
    /// What its maker said of it.
    pub description: Option<String>,
    /// What it opens.
    pub scopes: ScopeSet,
    /// The role of a project token's bot: that of its membership while it has one.
    pub role: Option<Role>,
    /// From 00:00 UTC of this date it is dead.
    pub expires_on: Option<Date>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the precision of the setting `last_used_refresh_hours`.
    pub last_used_at: Option<Timestamp>,
    /// The last addresses from which it was used.
    pub last_used_ips: Vec<String>,
    /// The token that it replaced.
    pub previous_id: Option<i64>,
    /// The first token of its rotation family; itself if it was never rotated.
    pub family_id: i64,
}

impl Token {
    /// Whether it works today (D10); `enforce_pat_expiration` is the setting of that name.
    pub fn is_active(&self, today: Date, enforce_pat_expiration: bool) -> bool {
        death(self.revoked, self.expires_on, today, expiry_is_enforced(self.kind, enforce_pat_expiration))
            .is_none()
    }
}

/// How a token ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// Its date has come.
    Expired,
    /// Somebody or something revoked it.
    Revoked,
}

/// The one rule of a token's end (D10): dead when revoked, or from 00:00:00 UTC of its date on,
/// where expiry is enforced for its kind (D12). A token both expired and revoked reports the
/// expiry, as GitLab does.
pub fn death(revoked: bool, expires_on: Option<Date>, today: Date, expiry_enforced: bool) -> Option<Death> {
    if expiry_enforced && expires_on.is_some_and(|end| end <= today) {
        return Some(Death::Expired);
    }
    revoked.then_some(Death::Revoked)
}

/// Whether expiry binds a token of this kind: always for project tokens, by the setting
/// `enforce_pat_expiration` for the others (U7, D12).
pub fn expiry_is_enforced(kind: TokenKind, enforce_pat_expiration: bool) -> bool {
    kind == TokenKind::Project || enforce_pat_expiration
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn a_token_dies_at_midnight_of_its_own_date() {
        let end = Some(date("2027-02-10"));
        assert_eq!(death(false, end, date("2027-02-09"), true), None);
        assert_eq!(death(false, end, date("2027-02-10"), true), Some(Death::Expired));
        assert_eq!(death(true, end, date("2027-02-10"), true), Some(Death::Expired));
        assert_eq!(death(true, None, date("2027-02-10"), true), Some(Death::Revoked));
    }

    #[test]
    fn without_enforcement_only_revocation_kills() {
        let end = Some(date("2027-02-10"));
        assert_eq!(death(false, end, date("2030-01-01"), false), None);
        assert_eq!(death(true, end, date("2030-01-01"), false), Some(Death::Revoked));
        assert!(expiry_is_enforced(TokenKind::Project, false));
        assert!(!expiry_is_enforced(TokenKind::Impersonation, false));
    }
}
