//! The flags that say which tokens are meant.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tessera_model::time::Date;
use tessera_model::token::TokenKind;
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::tokens::inventory::{TokenFilter, Wanted};

use super::args::day;
use super::scopes;

/// Which tokens are meant; flags narrow each other.
#[derive(Args, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Select {
    /// Only those of this person or bot, by username or number, also one that is gone.
    #[arg(long, visible_alias = "owner", value_name = "USERNAME", value_parser = NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// Only those made by this person, by username or number; `operator` made those of the command line.
    #[arg(long, value_name = "USERNAME", value_parser = NonEmptyStringValueParser::new())]
    creator: Option<String>,
    /// Only those of the project of this path or number.
    #[arg(long, value_name = "PATH", value_parser = NonEmptyStringValueParser::new())]
    project: Option<String>,
    /// Only those of this kind.
    #[arg(long, value_parser = ["personal", "impersonation", "project"])]
    kind: Option<String>,
    /// Only those with one of these scopes, separated by commas.
    #[arg(long = "scope", value_delimiter = ',', value_name = "SCOPES", value_parser = NonEmptyStringValueParser::new())]
    scope: Vec<String>,
    /// Only those in this state.
    #[arg(long, value_parser = ["active", "inactive", "revoked", "expired"])]
    state: Option<String>,
    /// Only those with this in their name.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    search: Option<String>,
    /// Only those not used for so many days; what was never used counts from its creation.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(0..=36_500))]
    unused_for: Option<i64>,
    /// Only those not used since 00:00 UTC of this day (YYYY-MM-DD).
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "unused_for")]
    unused_since: Option<String>,
    /// Only those with an end before this day (YYYY-MM-DD).
    #[arg(long, value_name = "DATE", value_parser = day)]
    ends_before: Option<String>,
    /// Only those with an end on this day (YYYY-MM-DD) or later.
    #[arg(long, value_name = "DATE", value_parser = day)]
    ends_after: Option<String>,
    /// Only those without an end.
    #[arg(long)]
    never_ends: bool,
    /// Only those that would not conform, were this setting so: `max_personal_access_token_lifetime=90`,
    /// `require_personal_access_token_expiry=true`, `enforce_pat_expiration=false`. Changing a setting changes no
    /// token; this shows beforehand which ones stand out.
    #[arg(long, value_name = "SETTING=VALUE", value_parser = policy)]
    violates: Vec<(String, String)>,
}

fn policy(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let (name, value) = parts.ok_or("a policy is written SETTING=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Select {
    /// Whether any flag was given.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What it asks the inventory for.
    ///
    /// # Errors
    /// 400 for a scope that there is not.
    pub(super) fn wanted(&self) -> Result<Wanted> {
        let kinds = self.kind.iter().map(|kind| TokenKind::parse(kind)).collect();
        let expires = (date(self.ends_after.as_deref())?, date(self.ends_before.as_deref())?);
        let filter = TokenFilter { kinds, expires, search: self.search.clone(), ..TokenFilter::default() };
        let violates: Map<String, Value> =
            self.violates.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let mut wanted = Wanted {
            filter,
            owner: self.user.clone(),
            creator: self.creator.clone(),
            project: self.project.as_deref().map(Key::parse),
            scopes: scopes(&self.scope)?,
            unused_since: date(self.unused_since.as_deref())?.map(Date::midnight),
            unused_days: self.unused_for,
            has_end: self.never_ends.then_some(false),
            violates: (!violates.is_empty()).then_some(violates),
            ..Wanted::default()
        };
        if let Some(state) = &self.state {
            wanted.in_state(state);
        }
        Ok(wanted)
    }
}

fn date(text: Option<&str>) -> Result<Option<Date>> {
    let parse = |text| Date::parse(text).ok_or_else(|| Error::bad_request(format!("{text:?} is no date")));
    text.map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use tessera_model::time::Timestamp;

    use super::*;

    #[test]
    fn flags_become_filters() {
        assert!(Select::default().is_empty());
        let select = Select {
            state: Some("expired".to_owned()),
            unused_since: Some("2027-03-04".to_owned()),
            never_ends: true,
            violates: vec![policy("enforce_pat_expiration=false").unwrap()],
            ..Select::default()
        };
        assert!(!select.is_empty());
        let wanted = select.wanted().unwrap();
        assert_eq!((wanted.filter.active, wanted.filter.revoked), (Some(false), Some(false)));
        assert_eq!(wanted.unused_since, Timestamp::parse("2027-03-04T00:00:00Z"));
        assert_eq!(wanted.has_end, Some(false));
        assert_eq!(wanted.violates.unwrap()["enforce_pat_expiration"], "false");
        assert!(policy("enforce_pat_expiration").is_err());
        assert!(policy("enforce_pat_expiration=").is_err());
    }

    #[test]
    fn unknown_scopes_are_refused() {
        let select = Select { scope: vec!["everything".to_owned()], ..Select::default() };
        assert!(select.wanted().is_err());
    }
}
