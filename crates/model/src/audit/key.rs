//! The codes over records and seals.

use hmac::{Hmac, Mac};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::{Record, Seal};
use crate::secret::{hmac_sha256, keyed};

/// A code: HMAC-SHA-256.
pub type Code = [u8; 32];

/// What the code before the first seal is taken to be.
const NOTHING: Code = [0; 32];

/// The key of the audit log, derived from the one that lives in `secrets/`.
pub struct SealKey(Hmac<Sha256>);

impl SealKey {
    /// Derives it.
    pub fn derive(secret: &[u8; 32]) -> Self {
        Self(keyed(&hmac_sha256(secret, b"tessera audit log key 1")))
    }

    fn begin(&self, what: &str) -> Text {
        let mut text = Text(self.0.clone());
        text.text(what);
        text
    }

    /// The code over everything that a record says.
    pub fn record(&self, record: &Record) -> Code {
        let Record {
            created_at,
            action,
            actor_id,
            actor_username,
            token_id,
            target_kind,
            target_id,
            target_name,
            entity_kind,
            entity_id,
            address,
            request_id,
            surface,
            details,
            writer,
            number,
        } = record;
        let mut text = self.begin("record");
        text.number(Some(created_at.0));
        text.text(action);
        text.number(*actor_id);
        text.text(actor_username);
        text.number(*token_id);
        text.text(target_kind);
        text.number(*target_id);
        text.text(target_name);
        text.text(entity_kind);
        text.number(*entity_id);
        text.text(address);
        text.text(request_id);
        text.text(surface);
        text.text(details);
        text.number(Some(*writer));
        text.number(Some(*number));
        text.code()
    }

    /// Whether a record is as it was written.
    pub fn fits(&self, record: &Record, code: &[u8]) -> bool {
        same(&self.record(record), code)
    }

    /// The code of a seal that follows one with the code `before`, none for the first.
    pub fn seal(&self, seal: &Seal, before: Option<&[u8]>) -> Code {
        let mut text = self.begin("seal");
        text.number(Some(seal.number));
        text.number(Some(seal.sealed_at.0));
        text.text(&seal.ids);
        text.bytes(&seal.content);
        text.bytes(before.unwrap_or(&NOTHING));
        text.code()
    }

    /// Whether a seal is as it was laid after the one with the code `before`.
    pub fn seal_fits(&self, seal: &Seal, before: Option<&[u8]>) -> bool {
        same(&self.seal(seal, before), &seal.code)
    }

    /// The code that says: retention has removed the records of this seal and all before it.
    pub fn anchor(&self, seal: &Seal) -> Code {
        let mut text = self.begin("anchor");
        text.number(Some(seal.number));
        text.number(Some(seal.sealed_at.0));
        text.text(&seal.ids);
        text.bytes(&seal.content);
        text.bytes(&seal.code);
        text.code()
    }

    /// Whether a seal is marked as the last that retention took the records of, and rightly so.
    pub fn is_anchor(&self, seal: &Seal) -> bool {
        seal.anchor.as_ref().is_some_and(|code| same(&self.anchor(seal), code))
    }
}

fn same(code: &Code, given: &[u8]) -> bool {
    code.as_slice().ct_eq(given).into()
}

/// Fields one after the other, each with its length, so that none can run into the next.
struct Text(Hmac<Sha256>);

impl Text {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn number(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.bytes(&number.to_le_bytes()),
            None => self.bytes(&[]),
        }
    }

    fn code(self) -> Code {
        self.0.finalize().into_bytes().into()
    }
}

/// The hash over the numbers and codes of a seal's records, in the order of their numbers.
#[derive(Default)]
pub struct ContentHash(Sha256);

impl ContentHash {
    /// Takes a record in.
    pub fn add(&mut self, id: i64, code: &[u8]) {
        self.0.update(id.to_le_bytes());
        self.0.update((code.len() as u64).to_le_bytes());
        self.0.update(code);
    }

    /// The hash.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
