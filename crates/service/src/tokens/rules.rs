//! What holds for every new secret: its end, its scopes, its string.

use tessera_model::caller::Caller;
use tessera_model::name::complaint_on_title;
use tessera_model::role::Role;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::secret::{Digest, PlainToken};
use tessera_model::time::Date;
use tessera_model::token::{Token, TokenKind};
use tessera_model::user::{User, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::tokens::NewToken;

use super::{Minted, Shown};
use crate::{Tx, authenticate, fault};

/// Days that a token lives when the policy requires an end and none was given, and no limit is set.
const DEFAULT_DAYS: i64 = 365;

/// The instance's policy on the ends of tokens (D12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// The longest life in days.
    pub limit: Option<i64>,
    /// Whether a token must have an end.
    pub required: bool,
}

impl Lifetime {
    pub(crate) fn read(tx: &mut Tx<'_>) -> Result<Self> {
        Ok(Self {
            limit: tx.setting("max_personal_access_token_lifetime")?.as_i64(),
            required: tx.is_on("require_personal_access_token_expiry")?,
        })
    }

    /// The latest date that the policy allows.
    pub(crate) fn latest(self, today: Date) -> Option<Date> {
        self.limit.map(|days| today.plus_days(days))
    }

    /// The end that a token gets when none is asked for.
    pub(crate) fn default_end(self, today: Date) -> Option<Date> {
        match (self.required || self.limit.is_some(), self.latest(today)) {
            (true, Some(latest)) => Some(latest),
            (true, None) => Some(today.plus_days(DEFAULT_DAYS)),
            (false, _) => None,
        }
    }

    /// What is wrong with an end, if anything; it names the field itself. Today is accepted, as
    /// clients expect, and makes a token that is born dead (D10).
    pub(crate) fn complaint(self, end: Date, today: Date) -> Option<String> {
        if end < today {
            return Some("cannot be a date in the past".to_owned());
        }
        self.latest(today).filter(|latest| end > *latest).map(|latest| format!("must be before {latest}"))
    }
}

/// What is wrong with the end of a new secret, if anything; that a policy stands in the way is noted.
pub(crate) fn complaint_on_end(tx: &Tx<'_>, policy: Lifetime, end: Option<Date>) -> Option<String> {
    let (end, today) = (end?, tx.today());
    let complaint = policy.complaint(end, today)?;
    if end >= today {
        tx.refused_by("token_lifetime");
    }
    Some(complaint)
}

/// What is wrong with the name and scopes of a new token, as whole sentences.
pub(crate) fn complaints(
    name: &str,
    description: Option<&str>,
    scopes: ScopeSet,
) -> Vec<(&'static str, String)> {
    let mut complaints = Vec::new();
    if let Some(complaint) = complaint_on_title(name) {
        complaints.push(("name", complaint));
    }
    if description.is_some_and(|text| text.chars().count() > 255) {
        complaints.push(("description", "is too long (maximum is 255 characters)".to_owned()));
    }
    if scopes.is_empty() {
        complaints.push(("scopes", "can't be blank".to_owned()));
    }
    complaints
}

/// "Name can't be blank, Scopes can't be blank": complaints as sentences for errors without fields.
pub(crate) fn sentence(complaints: &[(&'static str, String)]) -> String {
    let full = |(field, text): &(&'static str, String)| {
        let mut name = field.replace('_', " ");
        name[..1].make_ascii_uppercase();
        format!("{name} {text}")
    };
    complaints.iter().map(full).collect::<Vec<_>>().join(", ")
}

/// Whether the caller may put these scopes into a new token: none that its own token lacks, where
/// `api` covers all but the administrative ones (L21, C4).
pub(crate) fn may_give(caller: &Caller, scopes: ScopeSet) -> bool {
    let Some(own) = caller.token().map(|token| token.scopes) else { return true };
    scopes.iter().all(|scope| own.contains(scope) || (own.contains(Scope::Api) && !scope.is_administrative()))
}

/// Makes a secret that was never used before.
pub(crate) fn new_secret(tx: &mut Tx<'_>) -> Result<(PlainToken, (Digest, i64))> {
    let prefix = tx.setting("personal_access_token_prefix")?;
    let secret = PlainToken::generate(prefix.as_str().unwrap_or_default(), &*tx.core.entropy)?;
    let digest = authenticate::digest(tx.core, &secret);
    Ok((secret, digest))
}

/// What a new row is made of, whatever its kind.
pub(crate) struct Draft<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) user: (i64, &'a str),
    pub(crate) project_id: Option<i64>,
    pub(crate) name: &'a str,
    pub(crate) description: Option<&'a str>,
    pub(crate) scopes: ScopeSet,
    pub(crate) role: Option<Role>,
    pub(crate) expires_on: Option<Date>,
    pub(crate) previous: Option<(i64, i64)>,
}

/// Stores a new token and returns it with its secret.
pub(crate) fn store(tx: &mut Tx<'_>, draft: &Draft<'_>, given: Option<PlainToken>) -> Result<Minted> {
    let (secret, digest) = match given {
        Some(secret) => {
            let digest = authenticate::digest(tx.core, &secret);
            (secret, digest)
        }
        None => new_secret(tx)?,
    };
    let actor = tx.actor().to_owned();
    let row = NewToken {
        kind: draft.kind,
        user: draft.user,
        project_id: draft.project_id,
        name: draft.name,
        description: draft.description,
        scopes: draft.scopes,
        role: draft.role,
        digest,
        expires_on: draft.expires_on,
        created_by: (tx.caller.user_id(), &actor),
        previous: draft.previous,
    };
    let id = query::tokens::insert(tx.conn, &row, tx.now).map_err(fault)?;
    let token = query::tokens::by_id(tx.conn, id).map_err(fault)?;
    let token = token.ok_or_else(|| Error::internal("a token vanished while it was made"))?;
    let Shown { token, active } = shown(tx, token)?;
    Ok(Minted { token, secret, active })
}

/// The user of a token, unless it is gone or on its way out.
pub(crate) fn bearer(tx: &mut Tx<'_>, token: &Token) -> Result<Option<User>> {
    let user = match token.user_id {
        Some(id) => query::users::by_id(tx.conn, id).map_err(fault)?,
        None => None,
    };
    Ok(user.filter(|user| user.state != UserState::Ghosted))
}

/// Adds whether a token works today.
pub(crate) fn shown(tx: &mut Tx<'_>, token: Token) -> Result<Shown> {
    let enforced = tx.is_on("enforce_pat_expiration")?;
    let active = token.is_active(tx.today(), enforced);
    Ok(Shown { token, active })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn the_end_of_a_token() {
        let free = Lifetime { limit: None, required: false };
        let today = date("2026-11-20");
        assert_eq!(free.default_end(today), None);
        assert_eq!(free.complaint(today, today), None);
        assert_eq!(
            free.complaint(date("2026-11-19"), today).as_deref(),
            Some("cannot be a date in the past")
        );
        let strict = Lifetime { limit: Some(30), required: true };
        assert_eq!(strict.default_end(today), Some(date("2026-12-20")));
        assert_eq!(strict.complaint(date("2026-12-20"), today), None);
        assert_eq!(strict.complaint(date("2026-12-21"), today).as_deref(), Some("must be before 2026-12-20"));
        let dated = Lifetime { limit: None, required: true };
        assert_eq!(dated.default_end(today), Some(date("2027-11-20")));
    }

    #[test]
    fn complaints_read_as_sentences() {
        let complaints = complaints("", None, ScopeSet::EMPTY);
        assert_eq!(sentence(&complaints), "Name can't be blank, Scopes can't be blank");
    }
}
