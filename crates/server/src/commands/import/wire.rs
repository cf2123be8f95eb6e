//! Batches of tokens on their way to where they are stored.

use serde::{Deserialize, Serialize};
use tessera_model::scope::ScopeSet;
use tessera_model::secret::{Digest, PlainToken};
use tessera_model::time::{Date, Timestamp};
use tessera_service::tokens::import;

use crate::commands::secret::Secret;

/// A token as it was read.
#[derive(Serialize, Deserialize)]
pub(crate) struct Row {
    pub(super) line: u64,
    pub(super) user: String,
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) scopes: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_on: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) created_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_used_at: Option<i64>,
    pub(super) impersonation: bool,
    pub(super) revoked: bool,
    pub(super) secret: Material,
}

/// By what a token is recognised.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Material {
    Plain(Secret),
    /// 64 hexadecimal digits.
    Digest(String),
    /// Base64 of 32 bytes.
    Gitlab(String),
}

impl From<Row> for import::Row {
    fn from(row: Row) -> Self {
        Self {
            line: row.line,
            user: row.user,
            name: row.name,
            description: row.description,
            scopes: ScopeSet::from_bits(row.scopes),
            expires_on: row.expires_on.as_deref().and_then(Date::parse),
            created_at: row.created_at.map(Timestamp),
            last_used_at: row.last_used_at.map(Timestamp),
            impersonation: row.impersonation,
            revoked: row.revoked,
            secret: match row.secret {
                Material::Plain(text) => import::Secret::Plain(PlainToken::new(text.expose().to_owned())),
                Material::Digest(digits) => import::Secret::Digest(Digest(unhex(&digits))),
                Material::Gitlab(text) => import::Secret::Gitlab(text),
            },
        }
    }
}

/// The bytes of 64 hexadecimal digits, which were checked when they were read.
fn unhex(digits: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte =
            std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_become_bytes() {
        let bytes = unhex(&format!("{}ff", "00".repeat(31)));
        assert_eq!((bytes[0], bytes[31]), (0, 255));
    }
}
