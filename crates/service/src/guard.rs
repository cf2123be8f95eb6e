//! Guarding the door: guesses are limited by where they come from and by whom they are aimed at.
//!
//! A live token is looked up before anything here is asked, so that it is accepted whatever its address has
//! failed: many runners share one address. Only what matches nothing counts; a token that was revoked or has
//! expired is no guess, and neither is a right password where a second factor makes it insufficient. Counts live in the memory of each node and say nothing of whether an account exists.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tessera_model::time::Timestamp;

/// The length of a window, in seconds.
const WINDOW: i64 = 60;
/// The same for codes of second factors, which have six digits and no more.
const WINDOW_OF_CODES: i64 = 600;
/// Wrong codes for an account in that time, wherever they come from: who tries one knows the password.
const MOST_CODES: u32 = 10;
/// Sources and accounts that a window counts apart. A flood from more of them begins the next window early,
/// which forgives the oldest; memory stays bounded.
const MOST_KEYS: usize = 50_000;
/// Pairs of account and source that once fitted together and are remembered.
const MOST_FRIENDS: usize = 10_000;

/// How many failures a minute are taken; 0: any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wrong passwords from one address, and for one account from addresses that it never came from.
    pub passwords: u32,
    /// Unknown tokens from one address.
    pub tokens: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { passwords: 10, tokens: 300 }
    }
}

/// Where a request came from: an address, or the network that one customer of a provider has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Source(IpAddr);

impl Source {
    /// `None` for what comes from no network.
    fn of(address: &str) -> Option<Self> {
        match address.parse().ok()? {
            IpAddr::V6(address) => Some(match address.to_ipv4_mapped() {
                Some(address) => Self(address.into()),
                None => Self(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()),
            }),
            address @ IpAddr::V4(_) => Some(Self(address)),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Tokens(Source),
    Passwords(Source),
    Account(String),
    Codes(i64),
}

/// What was failed lately.
pub(crate) struct Guard {
    limits: Limits,
    memory: Mutex<Memory>,
    codes: Mutex<Memory>,
}

struct Memory {
    /// The length of its windows, in seconds.
    window: i64,
    begun: Timestamp,
    current: HashMap<Key, u32>,
    previous: HashMap<Key, u32>,
    friends: HashSet<(String, Source)>,
}

/// A password that is being tried; it counts as wrong until it proves right.
pub(crate) struct Attempt {
    account: String,
    source: Option<Source>,
    counted: Vec<Key>,
}

impl Guard {
    pub(crate) fn new(limits: Limits, now: Timestamp) -> Self {
        let memory = |window| Mutex::new(Memory::new(window, now));
        Self { limits, memory: memory(WINDOW), codes: memory(WINDOW_OF_CODES) }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn codes(&self) -> MutexGuard<'_, Memory> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A code of a second factor is about to be tried. It counts as wrong until [`Guard::code_fitted`].
    ///
    /// # Errors
    /// Seconds to wait, when too many were wrong.
    pub(crate) fn try_code(&self, user_id: i64, now: Timestamp) -> Result<(), u64> {
        self.codes().count(&[Key::Codes(user_id)], MOST_CODES, now)
    }

    /// The code was right.
    pub(crate) fn code_fitted(&self, user_id: i64) {
        self.codes().forgive(&[Key::Codes(user_id)]);
    }

    /// An unknown token was presented.
    ///
    /// # Errors
    /// Seconds to wait, when this address has failed too often.
    pub(crate) fn token_failed(&self, address: &str, now: Timestamp) -> Result<(), u64> {
        let Some(source) = Source::of(address).filter(|_| self.limits.tokens > 0) else { return Ok(()) };
        self.memory().count(&[Key::Tokens(source)], self.limits.tokens, now)
    }

    /// A password is about to be tried. What waits for its outcome counts too, or a thousand guesses at once
    /// would all pass.
    ///
    /// # Errors
    /// Seconds to wait, when this address or account has failed too often; whether the account exists makes
    /// no difference.
    pub(crate) fn try_password(&self, login: &str, address: &str, now: Timestamp) -> Result<Attempt, u64> {
        let account: String = login.to_lowercase().chars().take(255).collect();
        let source = Source::of(address).filter(|_| self.limits.passwords > 0);
        let mut counted = Vec::new();
        if let Some(source) = source {
            let mut memory = self.memory();
            counted.push(Key::Passwords(source));
            // Strangers cannot lock a person out of the place where that person works.
            if !memory.friends.contains(&(account.clone(), source)) {
                counted.push(Key::Account(account.clone()));
            }
            memory.count(&counted, self.limits.passwords, now)?;
        }
        Ok(Attempt { account, source, counted })
    }

    /// The password was right.
    pub(crate) fn password_fitted(&self, attempt: Attempt) {
        let mut memory = self.memory();
        memory.forgive(&attempt.counted);
        if let Some(source) = attempt.source {
            if memory.friends.len() >= MOST_FRIENDS {
                memory.friends.clear();
            }
            memory.friends.insert((attempt.account, source));
        }
    }
}

impl Memory {
    fn new(window: i64, now: Timestamp) -> Self {
        let (current, previous) = (HashMap::new(), HashMap::new());
        Self { window, begun: now, current, previous, friends: HashSet::new() }
    }

    /// What was counted for these keys a moment ago was no failure.
    fn forgive(&mut self, keys: &[Key]) {
        for key in keys {
            if let Some(count) = self.current.get_mut(key) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// Counts one more failure for each key, if none of them has had its share.
    fn count(&mut self, keys: &[Key], limit: u32, now: Timestamp) -> Result<(), u64> {
        self.turn(now);
        let window = self.window;
        let age = (now.seconds() - self.begun.seconds()).clamp(0, window);
        for key in keys {
            let current = i64::from(self.current.get(key).copied().unwrap_or(0));
            let previous = i64::from(self.previous.get(key).copied().unwrap_or(0));
            // Failures are taken as spread evenly over the window before.
            if current + previous * (window - age) / window >= i64::from(limit) {
                return Err(u64::try_from(window - age).unwrap_or(0).max(1));
            }
        }
        for key in keys {
            *self.current.entry(key.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn turn(&mut self, now: Timestamp) {
        let (window, age) = (self.window, now.seconds() - self.begun.seconds());
        if (0..window).contains(&age) && self.current.len() < MOST_KEYS {
            return;
        }
        // A clock that was set back begins anew.
        let adjacent = (0..2 * window).contains(&age);
        self.previous = if adjacent { std::mem::take(&mut self.current) } else { HashMap::new() };
        self.current.clear();
        self.begun = if adjacent && age >= window { self.begun.plus_seconds(window) } else { now };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::parse("2026-11-20T12:00:00Z").unwrap().plus_seconds(seconds)
    }

    fn guard() -> Guard {
        Guard::new(Limits { passwords: 3, tokens: 5 }, at(0))
    }

    #[test]
    fn unknown_tokens_of_an_address_are_limited_and_forgiven_with_time() {
        let guard = guard();
        for _ in 0..5 {
            assert_eq!(guard.token_failed("192.0.2.1", at(10)), Ok(()));
        }
        assert_eq!(guard.token_failed("192.0.2.1", at(10)), Err(50));
        assert_eq!(guard.token_failed("192.0.2.2", at(10)), Ok(()), "another address is not meant");
        // Half of the window before still counts half-way through the next.
        assert_eq!(guard.token_failed("192.0.2.1", at(61)), Ok(()));
        for _ in 0..2 {
            assert_eq!(guard.token_failed("192.0.2.1", at(90)), Ok(()));
        }
        assert!(guard.token_failed("192.0.2.1", at(90)).is_err());
        assert_eq!(guard.token_failed("192.0.2.1", at(400)), Ok(()));
    }

    #[test]
    fn a_customer_with_a_network_is_one_source() {
        let guard = guard();
        for host in 0..5 {
            assert!(guard.token_failed(&format!("2001:db8:1:2::{host:x}"), at(0)).is_ok());
        }
        assert!(guard.token_failed("2001:db8:1:2:ffff::1", at(0)).is_err());
        assert!(guard.token_failed("2001:db8:1:3::1", at(0)).is_ok());
        for _ in 0..4 {
            assert!(guard.token_failed("::ffff:192.0.2.1", at(0)).is_ok());
        }
        assert!(guard.token_failed("192.0.2.1", at(0)).is_ok());
        assert!(guard.token_failed("192.0.2.1", at(0)).is_err(), "the same address in another dress");
    }

    #[test]
    fn passwords_are_limited_by_account_wherever_the_guesses_come_from() {
        let guard = guard();
        for host in 0..3 {
            assert!(guard.try_password("Anna", &format!("192.0.2.{host}"), at(0)).is_ok());
        }
        assert_eq!(guard.try_password("anna", "192.0.2.9", at(0)).err(), Some(60));
        assert!(guard.try_password("nobody", "192.0.2.9", at(0)).is_ok());
    }

    #[test]
    fn strangers_do_not_lock_a_person_out_of_their_own_place() {
        let guard = guard();
        let attempt = guard.try_password("anna", "198.51.100.7", at(0)).ok().unwrap();
        guard.password_fitted(attempt);
        for host in 0..9 {
            let _ = guard.try_password("anna", &format!("192.0.2.{host}"), at(1));
        }
        assert!(guard.try_password("anna", "192.0.2.50", at(1)).is_err());
        for _ in 0..20 {
            let attempt = guard.try_password("anna", "198.51.100.7", at(1)).ok().unwrap();
            guard.password_fitted(attempt);
        }
    }

    #[test]
    fn guesses_at_once_count_before_their_outcome_is_known() {
        let guard = guard();
        let waiting: Vec<_> = (0..10).map(|_| guard.try_password("anna", "192.0.2.1", at(0))).collect();
        assert_eq!(waiting.iter().filter(|attempt| attempt.is_ok()).count(), 3);
    }

    #[test]
    fn a_flood_from_everywhere_takes_bounded_memory() {
        let guard = guard();
        for number in 0..200_000_u32 {
            let address = std::net::Ipv4Addr::from_bits(number).to_string();
            let _ = guard.token_failed(&address, at(0));
        }
        let memory = guard.memory();
        assert!(memory.current.len() + memory.previous.len() <= 2 * MOST_KEYS);
    }

    #[test]
    fn no_limit_and_no_network_are_no_refusal() {
        let open = Guard::new(Limits { passwords: 0, tokens: 0 }, at(0));
        let guard = guard();
        for _ in 0..100 {
            assert!(open.token_failed("192.0.2.1", at(0)).is_ok());
            assert!(open.try_password("anna", "192.0.2.1", at(0)).is_ok());
            assert!(guard.token_failed("local", at(0)).is_ok());
        }
    }

    #[test]
    fn wrong_codes_are_limited_by_account_and_right_ones_are_not() {
        let guard = guard();
        for _ in 0..50 {
            assert_eq!(guard.try_code(7, at(0)), Ok(()));
            guard.code_fitted(7);
        }
        for _ in 0..10 {
            assert_eq!(guard.try_code(7, at(60)), Ok(()));
        }
        assert_eq!(guard.try_code(7, at(60)), Err(540));
        assert_eq!(guard.try_code(8, at(60)), Ok(()), "another account is not meant");
        assert!(guard.try_code(7, at(599)).is_err());
        assert_eq!(guard.try_code(7, at(1800)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let guard = guard();
        for _ in 0..5 {
            assert!(guard.token_failed("192.0.2.1", at(0)).is_ok());
        }
        assert!(guard.token_failed("192.0.2.1", at(-3600)).is_ok());
    }
}
