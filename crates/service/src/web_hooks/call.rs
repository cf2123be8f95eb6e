//! One call of a hook: what is sent, to where, and what came of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use tessera_model::secret::{Entropy, hex};
use tessera_model::time::Timestamp;
use tessera_model::web_hook::WebHook;
use tessera_model::{Error, Result};
use tessera_store::query::web_hook_events::Event;
use tessera_store::query::web_hooks::Stored;
use tessera_store::{Conn, query};
use zeroize::Zeroizing;

use super::courier::{Answer, Post};
use super::payload::EVENT;
use super::route::Destination;
use super::secrets::{Secrets, signing_key};
use crate::service::Core;
use crate::{Service, fault};

const AGENT: &str = concat!("Tessera/", env!("CARGO_PKG_VERSION"));
/// What the list of calls shows of a secret.
const REDACTED: &str = "[REDACTED]";
/// How many headers of an answer are kept, and how much of each, in bytes.
const KEPT_HEADERS: usize = 50;
const KEPT_HEADER: usize = 1024;

type Headers = Vec<(&'static str, Zeroizing<String>)>;

/// A call that is to be made.
pub struct Call {
    pub(super) hook: WebHook,
    secrets: Secrets,
    destination: Destination,
    /// What is told, in the words of the list of calls.
    pub(super) trigger: String,
    /// The number that each attempt bears, and that of the event.
    pub(super) key: String,
    event_uuid: String,
    body: String,
}

/// What became of a call.
pub struct Made {
    /// What goes into the list of calls.
    pub(super) event: Event,
    /// The answer, if it was a good one, or why it counts as none.
    pub(super) outcome: Result<Answer, String>,
}

/// A random number in the form of RFC 9562.
pub(super) fn uuid(entropy: &dyn Entropy) -> Result<String> {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Ok(parts.join("-"))
}

impl Call {
    /// Prepares a call of a hook.
    pub(super) fn new(
        conn: &mut dyn Conn,
        core: &Core,
        stored: &Stored,
        trigger: &str,
        uuids: (String, String),
        body: String,
    ) -> Result<Self> {
        let secrets = Secrets::open(&core.vault, stored)?;
        let destination = Destination::read(conn, &secrets.url)?;
        let (hook, trigger, (key, event_uuid)) = (stored.hook.clone(), trigger.to_owned(), uuids);
        Ok(Self { hook, secrets, destination, trigger, key, event_uuid, body })
    }

    /// The headers, GitLab's and those of Standard Webhooks.
    fn headers(&self, core: &Core, now: Timestamp) -> Result<Headers> {
        let mut headers: Headers = Vec::new();
        let mut add = |name, value: String| headers.push((name, Zeroizing::new(value)));
        add("Content-Type", "application/json".to_owned());
        add("User-Agent", AGENT.to_owned());
        add("Idempotency-Key", self.key.clone());
        add("X-Gitlab-Event", EVENT.to_owned());
        add("X-Gitlab-Webhook-UUID", uuid(&*core.entropy)?);
        add("X-Gitlab-Instance", core.external_url.clone());
        add("X-Gitlab-Event-UUID", self.event_uuid.clone());
        if let Some(token) = &self.secrets.token {
            add("X-Gitlab-Token", token.to_string());
        }
        if let Some(token) = &self.secrets.signing_token {
            let key =
                signing_key(token).ok_or_else(|| Error::internal("a signing token has another form"))?;
            let seconds = now.seconds();
            let code = key.sign(&self.key, seconds, self.body.as_bytes());
            add("webhook-id", self.key.clone());
            add("webhook-timestamp", seconds.to_string());
            add("webhook-signature", format!("v1,{}", STANDARD.encode(code.as_slice())));
        }
        let url = &self.destination.url;
        if !url.username().is_empty() || url.password().is_some() {
            let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let user = decoded(url.username());
            let login = Zeroizing::new(format!("{user}:{}", decoded(url.password().unwrap_or_default())));
            add("Authorization", format!("Basic {}", STANDARD.encode(login.as_bytes())));
        }
        Ok(headers)
    }
}

/// Headers as the list of calls shows them.
fn shown(headers: &Headers) -> String {
    let visible = headers.iter().filter(|(name, _)| *name != "Authorization");
    let value =
        |name: &str, value: &str| if name == "X-Gitlab-Token" { REDACTED.into() } else { value.into() };
    let object: Map<String, Value> =
        visible.map(|(name, text)| ((*name).to_owned(), value(name, text))).collect();
    Value::Object(object).to_string()
}

fn shown_answer(answer: &Answer) -> String {
    let cut = |text: &str| text.get(..text.floor_char_boundary(KEPT_HEADER)).unwrap_or_default().to_owned();
    let kept = answer.headers.iter().take(KEPT_HEADERS);
    let object: Map<String, Value> =
        kept.map(|(name, value)| (name.clone(), Value::from(cut(value)))).collect();
    Value::Object(object).to_string()
}

impl Service {
    /// Makes a call; says what came of it, whatever that is.
    ///
    /// # Errors
    /// When there is no randomness.
    pub async fn make_call(&self, call: &Call, now: Timestamp) -> Result<Made> {
        let core = self.core();
        let headers = call.headers(core, now)?;
        let request_headers = shown(&headers);
        let started = core.clock.monotonic();
        let outcome = self.send(call, headers).await;
        let took = core.clock.monotonic().saturating_sub(started);
        let answer = outcome.as_ref().ok();
        // No database takes a text with a zero in it.
        let text = |text: &str| text.replace('\0', "\u{fffd}");
        let event = Event {
            id: 0,
            trigger: call.trigger.clone(),
            request_headers,
            request_body: call.body.clone(),
            response_headers: answer.map_or_else(|| "{}".to_owned(), shown_answer),
            response_body: answer.map(|answer| text(&answer.body)).unwrap_or_default(),
            status: answer.map(|answer| i64::from(answer.status)),
            error: outcome.as_ref().err().map(|error| text(error)),
            micros: i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
            created_at: now,
        };
        let outcome = outcome.and_then(|answer| match answer.status {
            200..=299 => Ok(answer),
            300..=399 => {
                Err(format!("the receiver answered {}, and no redirection is followed", answer.status))
            }
            status => Err(format!("the receiver answered {status}")),
        });
        Ok(Made { event, outcome })
    }

    async fn send(&self, call: &Call, headers: Headers) -> Result<Answer, String> {
        let route = call.destination.route(self.courier()).await?;
        let mut url = call.destination.url.clone();
        // What was in it is a header now.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        url.set_fragment(None);
        let post = Post {
            url,
            addresses: route.addresses,
            own: route.own,
            verifies_tls: call.hook.verifies_tls,
            headers,
            body: call.body.clone().into_bytes(),
        };
        self.courier().post(&post).await
    }
}

/// Writes an attempt down, and how the hook stands after it. Calls that wait do so as long as the hook is left alone, or
/// are due at once when it does well again. Returns nothing when the hook is gone.
pub(super) fn settle(conn: &mut dyn Conn, call: &Call, made: &Made, now: Timestamp) -> Result<Option<()>> {
    let hook_id = call.hook.id;
    let Some(stored) = query::web_hooks::by_number(conn, hook_id).map_err(fault)? else { return Ok(None) };
    query::web_hook_events::add(conn, hook_id, &call.key, &made.event).map_err(fault)?;
    let before = stored.hook.health;
    let after = if made.outcome.is_ok() { super::Health::default() } else { before.after_failure(now) };
    if after == before {
        return Ok(Some(()));
    }
    query::web_hooks::fared(conn, hook_id, after).map_err(fault)?;
    match super::rests_until(after, now) {
        Some(until) => query::web_hook_deliveries::delay(conn, hook_id, until).map_err(fault)?,
        None if made.outcome.is_ok() => {
            query::web_hook_deliveries::hasten(conn, hook_id, now).map_err(fault)?;
        }
        None => {}
    }
    Ok(Some(()))
}

#[cfg(test)]
mod tests {
    use tessera_model::secret::EntropyError;

    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn random_numbers_have_the_form_of_version_four() {
        assert_eq!(uuid(&Fixed(0xff)).unwrap(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid(&Fixed(0)).unwrap(), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn secrets_are_not_shown() {
        let headers: Headers = vec![
            ("X-Gitlab-Token", Zeroizing::new("open sesame".to_owned())),
            ("Authorization", Zeroizing::new("Basic c2VjcmV0".to_owned())),
            ("X-Gitlab-Event", Zeroizing::new("e".to_owned())),
        ];
        assert_eq!(shown(&headers), r#"{"X-Gitlab-Token":"[REDACTED]","X-Gitlab-Event":"e"}"#);
    }
}
