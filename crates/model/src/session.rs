//! Sessions: how a person's browser is known again, and the proof that a form is one of ours. A session opens pages
//! and nothing else; no token ever opens a page and no session is given to one (D24, L4, L5).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::secret::{Entropy, EntropyError, finish, keyed};

/// Bytes of what a cookie holds.
const SECRET: usize = 32;
/// Bytes of a form's proof, and of the mask before it.
const PROOF: usize = 16;

/// What a cookie holds. It cannot be printed, compared or serialised by accident.
pub struct SessionSecret(Zeroizing<[u8; SECRET]>);

impl SessionSecret {
    /// Makes one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = Zeroizing::new([0; SECRET]);
        entropy.fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Reads a cookie's value; `None` for what no server of ours wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The cookie's value.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// The same, for another step of the same request.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The keys of sessions, derived from the one in `secrets/`.
pub struct SessionKey {
    rows: Zeroizing<[u8; 32]>,
    forms: Zeroizing<[u8; 32]>,
}

impl SessionKey {
    /// Derives them.
    pub fn derive(secret: &[u8; 32]) -> Self {
        let key = |purpose: &[u8]| Zeroizing::new(finish(keyed(secret), purpose));
        Self { rows: key(b"tessera session key 1"), forms: key(b"tessera form key 1") }
    }

    /// What the database keeps of a session.
    pub fn digest(&self, secret: &SessionSecret) -> [u8; 32] {
        finish(keyed(&self.rows), secret.0.as_slice())
    }

    fn proof(&self, secret: &SessionSecret) -> [u8; PROOF] {
        let whole = finish(keyed(&self.forms), secret.0.as_slice());
        let mut proof = [0; PROOF];
        proof.copy_from_slice(&whole[..PROOF]);
        proof
    }

    /// What a form carries to show that this browser was given it (`authenticity_token`): the proof under a mask
    /// that differs from page to page, so that the length of a compressed page tells nothing of it.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn form_token(&self, secret: &SessionSecret, entropy: &dyn Entropy) -> Result<String, EntropyError> {
        let mut bytes = [0_u8; 2 * PROOF];
        entropy.fill(&mut bytes[..PROOF])?;
        for (place, proof) in self.proof(secret).iter().enumerate() {
            bytes[PROOF + place] = bytes[place] ^ proof;
        }
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Whether a form carries the proof for this browser.
    pub fn is_form_token(&self, secret: &SessionSecret, given: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(given) else { return false };
        let Some((mask, masked)) = bytes.split_at_checked(PROOF) else { return false };
        let expected: Vec<u8> =
            self.proof(secret).iter().zip(mask).map(|(proof, mask)| proof ^ mask).collect();
        expected.ct_eq(masked).into()
    }
}

/// What must be done before anything else is open to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// The password was right; the second factor is still to come.
    SecondFactor,
    /// The password must be changed: it was set by somebody else.
    NewPassword,
    /// A second factor must be set up: the instance asks for one and the time for it is over.
    SetUpTwoFactor,
}

/// All gates, in the order in which a person meets them.
pub const GATES: &[Gate] = &[Gate::SecondFactor, Gate::NewPassword, Gate::SetUpTwoFactor];

/// What is known of the session that a request came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// The number of its row.
    pub id: i64,
    /// What must be done first, if something.
    pub gate: Option<Gate>,
    /// Whether something waits to be said on the next page.
    pub has_message: bool,
    /// Whether it is some time since it was noted that it was seen.
    pub is_stale: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    fn secret(of: u8) -> SessionSecret {
        SessionSecret::generate(&Fixed(of)).unwrap()
    }

    #[test]
    fn a_cookie_reads_as_what_was_written() {
        let keys = SessionKey::derive(&[7; 32]);
        let read = SessionSecret::parse(&secret(1).text()).unwrap();
        assert_eq!(keys.digest(&read), keys.digest(&secret(1)));
        assert_ne!(keys.digest(&read), keys.digest(&secret(2)));
        assert_ne!(keys.digest(&read), SessionKey::derive(&[8; 32]).digest(&read));
        for text in ["", "AAAA", "not base64!", &"A".repeat(44), &"A".repeat(42)] {
            assert!(SessionSecret::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_form_is_good_for_the_browser_that_was_given_it_and_looks_different_each_time() {
        let keys = SessionKey::derive(&[7; 32]);
        let (one, two) = (secret(1), secret(2));
        let first = keys.form_token(&one, &Fixed(3)).unwrap();
        let second = keys.form_token(&one, &Fixed(4)).unwrap();
        assert_ne!(first, second);
        assert!(keys.is_form_token(&one, &first) && keys.is_form_token(&one, &second));
        assert!(!keys.is_form_token(&two, &first));
        assert!(!SessionKey::derive(&[8; 32]).is_form_token(&one, &first));
        for text in ["", "AAAA", "!", &"A".repeat(43), &first[..42]] {
            assert!(!keys.is_form_token(&one, text), "{text}");
        }
    }
}
