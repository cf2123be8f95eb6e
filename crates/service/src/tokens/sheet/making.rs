//! What may be made and given a new secret, by whom, and until when.

use tessera_model::Result;
use tessera_model::ability::Ability;
use tessera_model::role::Role;
use tessera_model::scope::{self, Scope, ScopeSet};
use tessera_model::time::Date;
use tessera_model::token::{Token, TokenKind, expiry_is_enforced};
use tessera_model::user::{User, UserKind};

use super::is_beyond;
use crate::tokens::rules::{self, Lifetime};
use crate::{Tx, settings};

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The feature `resource_access_token` is off for the project.
    FeatureOff,
    /// The top-level group allows no making of tokens.
    OffInGroup,
    /// The caller's role in the project is too low.
    Role,
    /// The token's bot has a higher role than the caller.
    RoleBeyondOwn,
    /// Only people have it; neither bots nor whoever acts in another's name.
    NoPerson,
    /// There is nobody left whom a new secret could be given to.
    NobodyLeft,
}

/// The ends that a new secret can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Whether tokens of this kind die at their end; project tokens always do.
    pub enforced: bool,
    /// Whether there must be one.
    pub required: bool,
    /// The longest life, in days, if it is bounded.
    pub longest: Option<i64>,
    /// The latest date that is taken, if it is bounded.
    pub latest: Option<Date>,
    /// The date that is taken when none is given; without one the token has no end.
    pub default: Option<Date>,
}

/// What the form of a new token offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Making {
    /// Why nothing can be made, if so.
    pub obstacle: Option<Obstacle>,
    /// The scopes to choose from, in their order.
    pub scopes: Vec<Scope>,
    /// The highest role that the token's bot can be given; none for personal tokens.
    pub highest_role: Option<Role>,
    /// Its ends.
    pub ends: Ends,
}

impl Making {
    pub(super) fn of_project_token(right: &Right, policy: Policy, today: Date) -> Self {
        Self {
            obstacle: right.making,
            scopes: right.may_give(scope::OF_PROJECT_TOKENS, false),
            highest_role: right.role,
            ends: policy.ends(TokenKind::Project, today),
        }
    }

    pub(super) fn of_personal_token(right: &Right, user: &User, policy: Policy, today: Date) -> Self {
        Self {
            obstacle: right.making,
            scopes: right.may_give(scope::ALL, user.admin),
            highest_role: None,
            ends: policy.ends(TokenKind::Personal, today),
        }
    }
}

/// The instance's policy, read at once.
#[derive(Clone, Copy, Debug)]
pub(in crate::tokens) struct Policy {
    lifetime: Lifetime,
    enforced: bool,
}

impl Policy {
    pub(in crate::tokens) fn read(tx: &mut Tx<'_>) -> Result<Self> {
        let names = [
            "max_personal_access_token_lifetime",
            "require_personal_access_token_expiry",
            "enforce_pat_expiration",
        ];
        let [limit, required, enforced] = settings::values(tx.conn, names).map_err(crate::fault)?;
        let lifetime = Lifetime { limit: limit.as_i64(), required: required.as_bool().unwrap_or(false) };
        Ok(Self { lifetime, enforced: enforced.as_bool().unwrap_or(true) })
    }

    pub(in crate::tokens) fn is_enforced(self, kind: TokenKind) -> bool {
        expiry_is_enforced(kind, self.enforced)
    }

    /// The ends of new tokens of a kind.
    pub(in crate::tokens) fn ends(self, kind: TokenKind, today: Date) -> Ends {
        let default = self.lifetime.default_end(today);
        Ends {
            enforced: self.is_enforced(kind),
            // Where none is given the default is taken: a token without an end cannot be had.
            required: default.is_some(),
            longest: self.lifetime.limit,
            latest: self.lifetime.latest(today),
            default,
        }
    }
}

/// What the caller may do with these tokens.
pub(in crate::tokens) struct Right {
    making: Option<Obstacle>,
    rotating: Option<Obstacle>,
    role: Option<Role>,
    given: Option<ScopeSet>,
}

impl Right {
    /// As the use cases of making and rotating judge it.
    pub(in crate::tokens) fn on_project(tx: &Tx<'_>, role: Option<Role>, on: bool, in_group: bool) -> Self {
        let without = |ability| {
            let person = (tx.caller.is_bot()).then_some(Obstacle::NoPerson);
            person.or_else(|| (!tx.role_gives(ability, role)).then_some(Obstacle::Role))
        };
        let off = (!on).then_some(Obstacle::FeatureOff);
        let making = without(Ability::CreateTokens).or(off).or((!in_group).then_some(Obstacle::OffInGroup));
        let rotating = without(Ability::RotateTokens).or(off);
        Self { making, rotating, role, given: given(tx) }
    }

    /// As the use cases of personal tokens judge it.
    pub(in crate::tokens) fn on_person(tx: &Tx<'_>, user: &User) -> Self {
        let stands_in = tx.caller.token().is_some_and(|token| token.kind != TokenKind::Personal);
        let no_person = (stands_in || user.kind != UserKind::Human).then_some(Obstacle::NoPerson);
        Self { making: no_person, rotating: no_person, role: None, given: given(tx) }
    }

    pub(in crate::tokens) fn rotation(&self) -> Option<Obstacle> {
        self.rotating
    }

    /// What stands in the way of giving a token a new secret.
    pub(in crate::tokens) fn rotation_of(&self, token: &Token) -> Option<Obstacle> {
        let beyond = token.kind == TokenKind::Project && is_beyond(token, self.role);
        self.rotating.or(beyond.then_some(Obstacle::RoleBeyondOwn))
    }

    fn may_give(&self, scopes: &[Scope], administrative: bool) -> Vec<Scope> {
        let given = |scope: &Scope| self.given.is_none_or(|given| given.contains(*scope));
        let kept = |scope: &Scope| (administrative || !scope.is_administrative()) && given(scope);
        scopes.iter().copied().filter(kept).collect()
    }
}

/// The scopes that the caller can hand on; `None`: all.
fn given(tx: &Tx<'_>) -> Option<ScopeSet> {
    tx.caller.token().map(|_| {
        let may = |scope: &Scope| rules::may_give(&tx.caller, ScopeSet::of(&[*scope]));
        scope::ALL.iter().copied().filter(may).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        Date::parse("2026-11-20").unwrap()
    }

    fn ends(limit: Option<i64>, required: bool, enforced: bool, kind: TokenKind) -> Ends {
        Policy { lifetime: Lifetime { limit, required }, enforced }.ends(kind, today())
    }

    #[test]
    fn the_form_says_what_the_policy_takes() {
        let free = ends(None, false, true, TokenKind::Personal);
        let expected = Ends { enforced: true, required: false, longest: None, latest: None, default: None };
        assert_eq!(free, expected);
        let bounded = ends(Some(30), false, true, TokenKind::Project);
        let last = Some(today().plus_days(30));
        let expected =
            Ends { enforced: true, required: true, longest: Some(30), latest: last, default: last };
        assert_eq!(bounded, expected);
        let dated = ends(None, true, false, TokenKind::Personal);
        let expected = Ends {
            enforced: false,
            required: true,
            longest: None,
            latest: None,
            default: Some(today().plus_days(365)),
        };
        assert_eq!(dated, expected);
        assert!(ends(None, true, false, TokenKind::Project).enforced, "a project's token always ends");
    }
}
