//! What shall be otherwise about a hook, and what may not be.

use tessera_git::refname::check_branch;
use tessera_model::secret::PlainToken;
use tessera_model::web_hook::WebHook;
use tessera_model::{Error, Result};
use zeroize::Zeroizing;

use super::secrets::{Secrets, signing_key};

/// What shall be otherwise; `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Default)]
pub struct Changes {
    /// What it calls.
    pub url: Option<String>,
    /// What people call it.
    pub name: Option<Option<String>>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// Events that it listens to from now on, or no more.
    pub events: Vec<(&'static str, bool)>,
    /// Which branches it listens to.
    pub branch_filter: Option<Option<String>>,
    /// How that is meant.
    pub branch_strategy: Option<String>,
    /// Whether the receiver must show a certificate that is good.
    pub verifies_tls: Option<bool>,
    /// What is sent as `X-Gitlab-Token`.
    pub token: Option<Option<PlainToken>>,
    /// The key of the signature: `whsec_` and 32 bytes in base64.
    pub signing_token: Option<Option<PlainToken>>,
}

/// The longest name, description, URL, token and filter, in characters.
const LONGEST_NAME: usize = 255;
const LONGEST_TEXT: usize = 2048;

impl Changes {
    /// Whether nothing shall be otherwise.
    pub(super) fn is_empty(&self) -> bool {
        self.url.is_none()
            && self.name.is_none()
            && self.description.is_none()
            && self.events.is_empty()
            && self.branch_filter.is_none()
            && self.branch_strategy.is_none()
            && self.verifies_tls.is_none()
            && self.token.is_none()
            && self.signing_token.is_none()
    }

    /// Refuses what no hook may be.
    ///
    /// # Errors
    /// 422, in GitLab's words.
    pub(super) fn judge(&self) -> Result<()> {
        let refuse = |text: &str| Err(Error::NotAcceptable(text.to_owned()));
        let long = |text: &Option<Option<String>>, most| {
            text.iter().flatten().any(|text| text.chars().count() > most)
        };
        if self.branch_filter.iter().flatten().any(|filter| !self.filters_by(filter)) {
            return refuse("Invalid branch filter given");
        }
        if self.token.iter().flatten().any(|token| !fits_a_header(token.expose())) {
            return refuse("Invalid token given");
        }
        if self.signing_token.iter().flatten().any(|token| signing_key(token.expose()).is_none()) {
            return refuse("Invalid signing token given: it must be whsec_ and 32 bytes in base64");
        }
        if long(&self.name, LONGEST_NAME) || long(&self.description, LONGEST_TEXT) {
            return refuse("Name or description is too long (maximum is 255 or 2048 characters)");
        }
        Ok(())
    }

    fn filters_by(&self, filter: &str) -> bool {
        let pattern = self.branch_strategy.as_deref().is_some_and(|strategy| strategy != "wildcard");
        let short = filter.chars().count() <= LONGEST_TEXT;
        short && (pattern || filter.is_empty() || check_branch(&filter.replace('*', "x")).is_ok())
    }

    /// Makes a hook what it shall be. A new URL loses the tokens that are not given anew: whoever changes it could
    /// otherwise have them sent to a place of their own.
    pub(super) fn apply(&self, hook: &mut WebHook, secrets: &mut Secrets) {
        if let Some(url) = self.url.as_ref().filter(|url| **url != secrets.url) {
            secrets.url.clone_from(url);
            (secrets.token, secrets.signing_token) = (None, None);
        }
        let secret = |given: &Option<PlainToken>| {
            given.as_ref().map(|token| Zeroizing::new(token.expose().to_owned()))
        };
        if let Some(token) = &self.token {
            secrets.token = secret(token);
        }
        if let Some(token) = &self.signing_token {
            secrets.signing_token = secret(token);
        }
        for (name, hears) in &self.events {
            hook.events = hook.events.with(name, *hears);
        }
        hook.name = self.name.clone().unwrap_or(hook.name.take());
        hook.description = self.description.clone().unwrap_or(hook.description.take());
        hook.branch_filter = self.branch_filter.clone().unwrap_or(hook.branch_filter.take());
        if let Some(strategy) = &self.branch_strategy {
            hook.branch_strategy.clone_from(strategy);
        }
        hook.verifies_tls = self.verifies_tls.unwrap_or(hook.verifies_tls);
    }
}

/// Whether a token can be sent in a header: without line breaks and other control characters.
fn fits_a_header(token: &str) -> bool {
    token.chars().count() <= LONGEST_TEXT && !token.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use tessera_model::time::Timestamp;
    use tessera_model::web_hook::{Events, Health};

    use super::*;

    fn hook() -> (WebHook, Secrets) {
        let hook = WebHook {
            id: 1,
            project_id: 1,
            name: Some("n".to_owned()),
            description: None,
            events: Events::DEFAULT,
            branch_filter: None,
            branch_strategy: "wildcard".to_owned(),
            verifies_tls: true,
            health: Health::default(),
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        };
        let secret = |text: &str| Some(Zeroizing::new(text.to_owned()));
        (hook, Secrets { url: "https://a.test".to_owned(), token: secret("t"), signing_token: secret("s") })
    }

    #[test]
    fn a_new_url_takes_no_secret_along() {
        let (mut hook, mut secrets) = hook();
        let same = Changes { url: Some("https://a.test".to_owned()), ..Changes::default() };
        same.apply(&mut hook, &mut secrets);
        assert!(secrets.token.is_some() && secrets.signing_token.is_some());
        let moved = Changes { url: Some("https://b.test".to_owned()), ..Changes::default() };
        moved.apply(&mut hook, &mut secrets);
        assert!(secrets.token.is_none() && secrets.signing_token.is_none());
        let token = Some(Some(PlainToken::new("new".to_owned())));
        let given = Changes { url: Some("https://c.test".to_owned()), token, ..Changes::default() };
        given.apply(&mut hook, &mut secrets);
        assert_eq!(secrets.token.as_deref().map(String::as_str), Some("new"));
        assert_eq!(hook.name.as_deref(), Some("n"), "what is not named stays");
    }

    #[test]
    fn what_no_header_carries_is_no_token() {
        assert!(fits_a_header("a token, ümlauts and all"));
        assert!(
            !fits_a_header("two\nlines") && !fits_a_header("a\u{0}b") && !fits_a_header(&"x".repeat(2049))
        );
    }
}
