//! The second factor: codes that a device computes from a secret and the time (RFC 6238), recovery codes for
//! when it is lost, and whether a password alone still does (U3).

use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::secret::{Entropy, EntropyError, finish, hex, keyed};
use crate::time::Timestamp;

/// How long a code counts, in seconds, as every authenticator has it.
const STEP: u64 = 30;
/// Steps before and after the present whose code is taken: clocks differ.
const SKEW: u16 = 1;
/// How many recovery codes an account has at most.
pub const RECOVERY_CODES: usize = 10;
/// Bytes of a recovery code; it is written as twice as many hexadecimal digits.
const RECOVERY_BYTES: usize = 8;

/// What a device computes its codes from: 160 bits, as RFC 4226 recommends. It cannot be printed, compared or
/// serialised by accident.
pub struct OtpSecret(Zeroizing<[u8; 20]>);

impl OtpSecret {
    /// Makes one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = Zeroizing::new([0; 20]);
        entropy.fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Takes the bytes of one; `None` if there are more or fewer.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// Its bytes, for sealing.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_secret(*self.0)
            .with_algorithm(totp_rs::Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW)
            .with_step_duration(STEP)
            .build_noncompliant()
    }

    /// The form in which people type it into their device.
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(self.totp().secret().to_base32())
    }

    /// The URI that a device reads, commonly as a QR code. `host` names the instance.
    pub fn uri(&self, host: &str, email: &str) -> Zeroizing<String> {
        let (host, email, secret) = (encoded(host), encoded(email), self.base32());
        Zeroizing::new(format!("otpauth://totp/{host}:{email}?secret={}&issuer={host}", secret.as_str()))
    }

    /// The step whose code this is, if it is one of now, and later than the `last` step whose code was taken: none
    /// is taken twice.
    pub fn step_of(&self, code: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
        let digits: Zeroizing<String> =
            Zeroizing::new(code.chars().filter(|letter| !letter.is_whitespace()).collect());
        let step = self.totp().check(&digits, u64::try_from(now.seconds()).ok()?)?;
        i64::try_from(step).ok().filter(|step| last.is_none_or(|last| *step > last))
    }
}

/// Text as a part of a URI: what is no letter, digit or `-._~` as `%XX`.
fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A recovery code as its owner holds it: 64 bits, good for one use in place of a code. It cannot be printed,
/// compared or serialised by accident.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// Makes one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = Zeroizing::new([0; RECOVERY_BYTES]);
        entropy.fill(bytes.as_mut_slice())?;
        Ok(Self(Zeroizing::new(hex(bytes.as_slice()))))
    }

    /// Takes what somebody typed, if it has the form of one, whatever the case and the blanks.
    pub fn typed(text: &str) -> Option<Self> {
        let letters = text.chars().filter(|letter| !letter.is_whitespace());
        let code: Zeroizing<String> =
            Zeroizing::new(letters.map(|letter| letter.to_ascii_lowercase()).collect());
        let fits = code.len() == 2 * RECOVERY_BYTES && code.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then_some(Self(code))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The key of recovery codes, derived from the one that lives in `secrets/`.
pub struct RecoveryKey(Zeroizing<[u8; 32]>);

impl RecoveryKey {
    /// Derives it.
    pub fn derive(secret: &[u8; 32]) -> Self {
        Self(Zeroizing::new(finish(keyed(secret), b"tessera recovery code key 1")))
    }

    /// What the database keeps of a user's recovery code.
    pub fn digest(&self, user_id: i64, code: &RecoveryCode) -> [u8; 32] {
        let text = Zeroizing::new(format!("{user_id}:{}", code.expose()));
        finish(keyed(&self.0), text.as_bytes())
    }
}

/// What the instance asks of those who have no second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enforcement {
    /// Whether everybody needs one (`require_two_factor_authentication`).
    pub required: bool,
    /// Hours that somebody has for setting it up, from the first use of their password on
    /// (`two_factor_grace_period`).
    pub grace_hours: i64,
}

impl Enforcement {
    /// The end of the time that somebody has, if it has begun.
    pub fn grace_ends(self, started: Option<Timestamp>) -> Option<Timestamp> {
        started
            .filter(|_| self.required)
            .map(|start| start.plus_seconds(self.grace_hours.saturating_mul(3600)))
    }

    /// Whether a password alone opens nothing to somebody without a second factor any more.
    pub fn closes(self, started: Option<Timestamp>, now: Timestamp) -> bool {
        self.grace_ends(started).is_some_and(|end| now >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    fn of_rfc() -> OtpSecret {
        OtpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    /// Times and codes of RFC 6238, appendix B, of which six digits are shown.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in VECTORS {
            let now = Timestamp::from_seconds(seconds);
            assert_eq!(of_rfc().code(now), code);
            assert_eq!(of_rfc().step_of(code, now, None), Some(seconds / 30), "{seconds}");
            assert_eq!(
                of_rfc().step_of(&format!(" {} {}", &code[..3], &code[3..]), now, None),
                Some(seconds / 30)
            );
        }
    }

    #[test]
    fn a_code_counts_a_step_before_and_after_and_no_longer() {
        let secret = of_rfc();
        let start = Timestamp::from_seconds(1_111_111_110);
        let code = secret.code(start);
        for (seconds, taken) in
            [(-31, false), (-30, true), (-1, true), (0, true), (29, true), (59, true), (60, false)]
        {
            let found = secret.step_of(&code, start.plus_seconds(seconds), None);
            assert_eq!(found, taken.then_some(1_111_111_110 / 30), "{seconds}");
        }
    }

    #[test]
    fn no_code_is_taken_twice_nor_an_older_one_after_it() {
        let secret = of_rfc();
        let now = Timestamp::from_seconds(1_111_111_110);
        let step = secret.step_of(&secret.code(now), now, None).unwrap();
        assert_eq!(secret.step_of(&secret.code(now), now, Some(step)), None);
        assert_eq!(secret.step_of(&secret.code(now.plus_seconds(-30)), now, Some(step)), None);
        assert_eq!(secret.step_of(&secret.code(now.plus_seconds(30)), now, Some(step)), Some(step + 1));
    }

    #[test]
    fn what_is_no_code_is_none() {
        let now = Timestamp::from_seconds(59);
        for text in ["", "28708", "2870820", "+28708", "287083", "２８７０８２", "94287082", "a87082"] {
            assert_eq!(of_rfc().step_of(text, now, None), None, "{text}");
        }
        assert_eq!(of_rfc().step_of("287082", Timestamp::from_seconds(-59), None), None);
    }

    #[test]
    fn a_device_is_told_the_instance_and_the_account() {
        assert_eq!(of_rfc().base32().as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            of_rfc().uri("git.example.com", "ada+x@example.com").as_str(),
            "otpauth://totp/git.example.com:ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=git.example.com"
        );
    }

    /// As a device does it.
    impl OtpSecret {
        fn code(&self, at: Timestamp) -> String {
            self.totp().generate(at.seconds().unsigned_abs()).to_string()
        }
    }

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn recovery_codes_are_known_by_their_digest_under_the_key_and_for_their_owner_alone() {
        let code = RecoveryCode::generate(&Fixed(0xa7)).unwrap();
        assert_eq!(code.expose(), "a7a7a7a7a7a7a7a7");
        let (keys, others) = (RecoveryKey::derive(&[1; 32]), RecoveryKey::derive(&[2; 32]));
        let typed = RecoveryCode::typed(" A7A7A7A7 a7a7a7a7\n").unwrap();
        assert_eq!(keys.digest(7, &code), keys.digest(7, &typed));
        assert_ne!(keys.digest(7, &code), keys.digest(8, &code));
        assert_ne!(keys.digest(7, &code), others.digest(7, &code));
        for text in ["", "123456", "a7a7a7a7a7a7a7a", "a7a7a7a7a7a7a7a7a", "g7a7a7a7a7a7a7a7"] {
            assert!(RecoveryCode::typed(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_time_for_setting_up_begins_and_ends() {
        let start = Timestamp::from_seconds(1_000_000);
        let hours = |count: i64| start.plus_seconds(count * 3600);
        let enforced = Enforcement { required: true, grace_hours: 48 };
        assert!(!enforced.closes(None, hours(1000)), "it begins with the first use");
        assert!(!enforced.closes(Some(start), hours(48).plus_seconds(-1)));
        assert!(enforced.closes(Some(start), hours(48)));
        assert!(Enforcement { grace_hours: 0, ..enforced }.closes(Some(start), start));
        assert!(!Enforcement { required: false, ..enforced }.closes(Some(start), hours(1000)));
        assert!(!Enforcement { grace_hours: i64::MAX, ..enforced }.closes(Some(start), hours(1000)));
    }
}
