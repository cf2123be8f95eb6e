//! Token strings and their digests: how they are made, recognised and stored (D16).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Where randomness comes from: the operating system in the product, a seed in tests.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer with random bytes.
    ///
    /// # Errors
    /// When the operating system has none to give.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system's generator failed.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct EntropyError;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters of the random part: 132 bits.
const RANDOM: usize = 22;
/// Characters of the checksum.
const CHECKSUM: usize = 6;

/// A token as its bearer holds it. It cannot be printed, compared or serialised by accident:
/// [`PlainToken::expose`] is the one way to its text, and is called where a token is answered
/// once and where it is read from a request.
pub struct PlainToken(Zeroizing<String>);

impl PlainToken {
    /// Takes a string that someone presented or an operator gave.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Makes a new token: prefix, 22 random characters, 6 characters of checksum (D16).
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(prefix: &str, entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut random = Zeroizing::new([0_u8; RANDOM]);
        entropy.fill(random.as_mut_slice())?;
        let mut text = Zeroizing::new(String::with_capacity(prefix.len() + RANDOM + CHECKSUM));
        text.push_str(prefix);
        // 256 is a multiple of 64, so masking six bits is unbiased.
        text.extend(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])));
        let sum = checksum(&text);
        text.push_str(&sum);
        Ok(Self(text))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this string has the shape of a generated token under `prefix` but a wrong checksum:
    /// then it is a mistyped or invented one and needs no look-up.
    pub fn is_mistyped(&self, prefix: &str) -> bool {
        if prefix.is_empty() {
            return false;
        }
        let Some(rest) = self.0.strip_prefix(prefix) else { return false };
        if rest.len() != RANDOM + CHECKSUM || !rest.bytes().all(|byte| ALPHABET.contains(&byte)) {
            return false;
        }
        let (body, sum) = self.0.split_at(self.0.len() - CHECKSUM);
        checksum(body) != sum
    }

    /// The reason why an operator may not give this string to a token (D17), if there is one:
    /// 20 characters, or the instance prefix and 20 or more.
    pub fn refusal_as_given(&self, prefix: &str) -> Option<String> {
        let text = self.expose();
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Some("a token value consists of visible ASCII characters without spaces".to_owned());
        }
        let after_prefix = text.strip_prefix(prefix).filter(|_| !prefix.is_empty());
        let long_enough =
            text.len() == 20 || after_prefix.is_some_and(|rest| (20..=200).contains(&rest.len()));
        if !long_enough {
            return Some(format!(
                "a token value has exactly 20 characters, or the prefix {prefix:?} and at least 20 (given: {})",
                text.len()
            ));
        }
        self.is_mistyped(prefix).then(|| {
            "a value of the length of generated tokens must end in their checksum; use another length"
                .to_owned()
        })
    }
}

/// Six base-62 digits of the CRC-32 of the text before them, so that a scanner can tell a real
/// token from chance without asking the server.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes()) as usize;
    let mut digits = [0_u8; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

/// The stored form of a token: HMAC-SHA-256 under the instance's key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

/// Digests are no secrets, but they identify tokens: logs show none.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// The key under which tokens are digested; it lives in `secrets/`, never in the database.
pub struct DigestKey {
    id: i64,
    state: Hmac<Sha256>,
    fingerprint: String,
}

impl DigestKey {
    /// Takes the key's 32 bytes and its number.
    pub fn new(id: i64, bytes: &[u8; 32]) -> Self {
        let state = keyed(bytes);
        let fingerprint = hex(&finish(state.clone(), b"tessera token key fingerprint")[..16]);
        Self { id, state, fingerprint }
    }

    /// The number that each token's row remembers.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// What the database stores to recognise the key, and from which it cannot be derived.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The digest of a token.
    pub fn digest(&self, token: &PlainToken) -> Digest {
        Digest(finish(self.state.clone(), token.expose().as_bytes()))
    }

    /// Whether a digest belongs to a token; takes the same time whatever the answer.
    pub fn matches(&self, token: &PlainToken, digest: &Digest) -> bool {
        self.digest(token).0.ct_eq(&digest.0).into()
    }
}

pub(crate) fn keyed(bytes: &[u8; 32]) -> Hmac<Sha256> {
    // A key shorter than the block counts as padded with zeros (RFC 2104).
    let mut block = Zeroizing::new([0_u8; 64]);
    block[..32].copy_from_slice(bytes);
    Hmac::new(&(*block).into())
}

pub(crate) fn finish(mut state: Hmac<Sha256>, text: &[u8]) -> [u8; 32] {
    state.update(text);
    state.finalize().into_bytes().into()
}

/// HMAC-SHA-256 of a text: a signature, or, where the text names a purpose, a key derived for it.
pub fn hmac_sha256(key: &[u8; 32], text: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(finish(keyed(key), text))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            for (place, byte) in (0_u8..).zip(buffer) {
                *byte = place.wrapping_mul(37);
            }
            Ok(())
        }
    }

    #[test]
    fn a_generated_token_carries_its_own_checksum() {
        let token = PlainToken::generate("glpat-", &Counting).unwrap();
        assert_eq!(token.expose().len(), 6 + 22 + 6);
        assert!(!token.is_mistyped("glpat-"));
        assert!(token.refusal_as_given("glpat-").is_none());
    }

    #[test]
    fn every_changed_character_after_the_prefix_is_noticed() {
        let token = PlainToken::generate("glpat-", &Counting).unwrap();
        for place in 6..token.expose().len() {
            for other in ALPHABET {
                let mut bytes = token.expose().as_bytes().to_vec();
                if bytes[place] == *other {
                    continue;
                }
                bytes[place] = *other;
                assert!(PlainToken::new(String::from_utf8(bytes).unwrap()).is_mistyped("glpat-"));
            }
        }
    }

    #[test]
    fn strings_of_another_shape_are_looked_up() {
        for text in ["glpat-12345678901234567890", "12345678901234567890", "", "glpat-", "gloas-aaaa"] {
            assert!(!PlainToken::new(text.to_owned()).is_mistyped("glpat-"), "{text}");
        }
    }

    #[test]
    fn an_operator_gives_twenty_characters_or_a_prefix_and_twenty() {
        let refused = |text: &str| PlainToken::new(text.to_owned()).refusal_as_given("glpat-").is_some();
        assert!(!refused("token-string-here123"));
        assert!(!refused("glpat-token-string-here123"));
        assert!(refused("token-string-here12"));
        assert!(refused("token-string-here1234"));
        assert!(refused("token string here 12"));
        assert!(
            refused("glpat-0123456789012345678901234567"),
            "the shape of a generated one, without checksum"
        );
    }

    #[test]
    fn keys_differ_in_digest_and_fingerprint() {
        let token = PlainToken::new("token-string-here123".to_owned());
        let (one, two) = (DigestKey::new(1, &[1; 32]), DigestKey::new(2, &[2; 32]));
        assert_ne!(one.digest(&token), two.digest(&token));
        assert_ne!(one.fingerprint(), two.fingerprint());
        assert!(one.matches(&token, &one.digest(&token)));
        assert!(!one.matches(&token, &two.digest(&token)));
    }
}
