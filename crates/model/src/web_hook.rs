//! Web hooks: which events they listen to, when one that fails is left alone, and how what it sends is signed.

use zeroize::Zeroizing;

use crate::secret::hmac_sha256;
use crate::time::Timestamp;

/// The events of GitLab's project hooks. The place in this list is the bit in the database: it never changes.
pub const EVENTS: &[&str] = &[
    "push_events",
    "tag_push_events",
    "merge_requests_events",
    "issues_events",
    "confidential_issues_events",
    "note_events",
    "confidential_note_events",
    "pipeline_events",
    "wiki_page_events",
    "deployment_events",
    "feature_flag_events",
    "job_events",
    "releases_events",
    "milestone_events",
    "emoji_events",
    "resource_access_token_events",
    "resource_deploy_token_events",
    "vulnerability_events",
];

/// The events that a hook listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Events(pub i64);

impl Events {
    /// What a new hook listens to unless it is told otherwise.
    pub const DEFAULT: Self = Self::of("push_events");
    /// Tokens of the project that end soon: the one event that is ever sent.
    pub const TOKENS: Self = Self::of("resource_access_token_events");

    const fn of(name: &str) -> Self {
        let mut bit = 0;
        while bit < EVENTS.len() {
            if same(EVENTS[bit], name) {
                return Self(1 << bit);
            }
            bit += 1;
        }
        Self(0)
    }

    /// Whether it listens to the event of this name.
    pub fn hears(self, name: &str) -> bool {
        self.0 & Self::of(name).0 != 0
    }

    /// The same, listening to the event of this name or not.
    #[must_use]
    pub fn with(self, name: &str, hears: bool) -> Self {
        let bit = Self::of(name).0;
        Self(if hears { self.0 | bit } else { self.0 & !bit })
    }

    /// The names of the events that it listens to.
    pub fn names(self) -> Vec<&'static str> {
        EVENTS.iter().copied().filter(|name| self.hears(name)).collect()
    }
}

/// Whether two texts are the same, where `==` may not be asked.
const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    one.len() == other.len()
}

/// How branches are chosen for events of pushes.
pub const BRANCH_STRATEGIES: &[&str] = &["wildcard", "regex", "all_branches"];

/// A web hook of a project. Its URL and its secrets are sealed and no part of this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebHook {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub project_id: i64,
    /// What people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it listens to.
    pub events: Events,
    /// Which branches it listens to.
    pub branch_filter: Option<String>,
    /// How that is meant, one of [`BRANCH_STRATEGIES`].
    pub branch_strategy: String,
    /// Whether the receiver must show a certificate that is good.
    pub verifies_tls: bool,
    /// How it has fared.
    pub health: Health,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How a hook has fared: one that fails is left alone for longer and longer, at last for good (GitLab's rules).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures since its last success.
    pub failures: i64,
    /// Until when it is left alone.
    pub disabled_until: Option<Timestamp>,
}

/// Failures after which a hook is left alone for a while, and after which for good.
const TEMPORARY: i64 = 4;
const PERMANENT: i64 = 40;
/// How long it is left alone at first, which doubles with each failure, and at most, in seconds.
const FIRST_REST: i64 = 60;
const LONGEST_REST: i64 = 86_400;

/// Whether a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// It is.
    Executable,
    /// Not until a time.
    TemporarilyDisabled(Timestamp),
    /// Not until a test of it succeeds.
    Disabled,
}

impl Alert {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::TemporarilyDisabled(_) => "temporarily_disabled",
            Self::Disabled => "disabled",
        }
    }
}

impl Health {
    /// Whether it is called at a time.
    pub fn alert(self, now: Timestamp) -> Alert {
        match self.disabled_until {
            _ if self.failures >= PERMANENT => Alert::Disabled,
            Some(until) if self.failures >= TEMPORARY && until >= now => Alert::TemporarilyDisabled(until),
            _ => Alert::Executable,
        }
    }

    /// How it stands after a failure.
    #[must_use]
    pub fn after_failure(self, now: Timestamp) -> Self {
        let failures = (self.failures + 1).min(PERMANENT);
        let beyond = u32::try_from(failures - TEMPORARY).ok();
        let rest =
            beyond.map(|times| FIRST_REST.saturating_mul(2_i64.saturating_pow(times)).min(LONGEST_REST));
        Self { failures, disabled_until: rest.map(|rest| now.plus_seconds(rest)) }
    }
}

/// The key with which a hook signs (Standard Webhooks).
pub struct SigningKey(Zeroizing<[u8; 32]>);

impl SigningKey {
    /// How such a key is marked where it is written down.
    pub const PREFIX: &str = "whsec_";

    /// Takes its bytes.
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The code over a message: its number, the second in which it is sent, and its body.
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> Zeroizing<[u8; 32]> {
        let head = format!("{id}.{seconds}.");
        hmac_sha256(&self.0, &[head.as_bytes(), body].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_by_their_names() {
        assert_eq!(Events::DEFAULT.names(), ["push_events"]);
        assert_eq!(Events::TOKENS.names(), ["resource_access_token_events"]);
        let all = EVENTS.iter().fold(Events(0), |events, name| events.with(name, true));
        assert_eq!(all.names(), EVENTS);
        assert_eq!(all.with("push_events", false).names(), EVENTS[1..]);
        assert_eq!(Events(0).with("no_events", true), Events(0));
    }

    #[test]
    fn a_hook_that_fails_rests_for_longer_and_longer_and_then_for_good() {
        let now = Timestamp::from_seconds(1_000_000);
        let mut health = Health::default();
        let mut rests = Vec::new();
        for _ in 0..41 {
            health = health.after_failure(now);
            rests.push(match health.alert(now) {
                Alert::Executable => 0,
                Alert::TemporarilyDisabled(until) => until.seconds() - now.seconds(),
                Alert::Disabled => -1,
            });
        }
        assert_eq!(rests[..8], [0, 0, 0, 60, 120, 240, 480, 960]);
        assert_eq!(rests[13..16], [61_440, 86_400, 86_400]);
        assert_eq!(rests[37..], [86_400, 86_400, -1, -1]);
        let long_after = now.plus_seconds(10 * 86_400);
        assert_eq!(health.alert(long_after), Alert::Disabled);
        let rested = Health { failures: 4, disabled_until: Some(now) };
        assert_eq!(rested.alert(now.plus_seconds(1)), Alert::Executable);
    }

    /// Worked out with another implementation of HMAC.
    #[test]
    fn a_signature_covers_number_time_and_body() {
        let key = SigningKey::new(Zeroizing::new([7; 32]));
        let code = |id, seconds, body: &str| crate::secret::hex(&*key.sign(id, seconds, body.as_bytes()));
        assert_eq!(
            code("msg_1", 1_614_265_330, "{\"test\":1}"),
            "057f05364e7b7cda43ac2e599fb6bfcba651b0363584fb4f922633f890dba25f"
        );
        assert_ne!(
            code("msg_1", 1_614_265_330, "{\"test\":1}"),
            code("msg_1", 1_614_265_331, "{\"test\":1}")
        );
    }
}
