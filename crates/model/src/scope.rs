//! Token scopes (P7, U11) and who may carry which.

use std::fmt;

/// One scope of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Scope {
    /// Everything its bearer may do through the API, Git, the registry and packages.
    Api,
    /// Reading of the same.
    ReadApi,
    /// Any GET of the users API.
    ReadUser,
    /// Act as another user, for administrators.
    Sudo,
    /// Administrative actions while admin mode is on.
    AdminMode,
    /// Clone and fetch over Git, and read the repository files API.
    ReadRepository,
    /// Clone, fetch and push over Git.
    WriteRepository,
    /// Pull container images.
    ReadRegistry,
    /// Push container images.
    WriteRegistry,
    /// Rotate itself.
    SelfRotate,
}

use Scope::{
    AdminMode, Api, ReadApi, ReadRegistry, ReadRepository, ReadUser, SelfRotate, Sudo, WriteRegistry,
    WriteRepository,
};

/// Every scope, in the order in which lists and texts name them.
pub const ALL: &[Scope] = &[
    Api,
    ReadApi,
    ReadUser,
    Sudo,
    AdminMode,
    ReadRepository,
    WriteRepository,
    ReadRegistry,
    WriteRegistry,
    SelfRotate,
];

/// The scopes of a project access token: no `read_user`, no `sudo` (semantics sheet 2.1).
pub const OF_PROJECT_TOKENS: &[Scope] =
    &[Api, ReadApi, ReadRepository, WriteRepository, ReadRegistry, WriteRegistry, SelfRotate];

impl Scope {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Api => "api",
            ReadApi => "read_api",
            ReadUser => "read_user",
            Sudo => "sudo",
            AdminMode => "admin_mode",
            ReadRepository => "read_repository",
            WriteRepository => "write_repository",
            ReadRegistry => "read_registry",
            WriteRegistry => "write_registry",
            SelfRotate => "self_rotate",
        }
    }

    /// What it opens, in one sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Api => {
                "Read and write everything its user may: the API, Git, the container and package registries."
            }
            ReadApi => {
                "Read everything its user may read: the API, Git, the container and package registries."
            }
            ReadUser => "Read the users API.",
            Sudo => "Act through the API as any user, if its own user is an administrator.",
            AdminMode => "Perform administrative actions while admin mode is on.",
            ReadRepository => "Clone and fetch over Git, and read files through the repository files API.",
            WriteRepository => "Clone, fetch and push over Git.",
            ReadRegistry => "Pull container images.",
            WriteRegistry => "Push container images.",
            SelfRotate => "Rotate itself, and nothing else.",
        }
    }

    /// The scope of this name.
    pub fn parse(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|scope| scope.name() == name)
    }

    /// Whether only an administrator's token may carry it.
    pub fn is_administrative(self) -> bool {
        matches!(self, Sudo | AdminMode)
    }
}

/// A set of scopes, stored as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u32);

impl ScopeSet {
    /// No scope.
    pub const EMPTY: Self = Self(0);

    /// The set of the given scopes.
    pub const fn of(scopes: &[Scope]) -> Self {
        let (mut bits, mut place) = (0, 0);
        while place < scopes.len() {
            bits |= 1 << scopes[place] as u32;
            place += 1;
        }
        Self(bits)
    }

    /// The form kept in the database.
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    /// Reads the form kept in the database; unknown bits are dropped, since they open nothing.
    pub fn from_bits(bits: i64) -> Self {
        Self(u32::try_from(bits).unwrap_or(0) & Self::of(ALL).0)
    }

    /// Whether this scope is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & 1 << scope as u32 != 0
    }

    /// Whether the sets share a scope.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether every scope of this set is in the other.
    pub const fn is_subset_of(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no scope is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes of the set, in the order of [`ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }

    /// The names of the scopes, in order.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Scope::name).collect()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::EMPTY, |set, scope| set.union(Self::of(&[scope])))
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bits_survive_the_round_trip() {
        for scope in ALL {
            assert_eq!(Scope::parse(scope.name()), Some(*scope));
            let set = ScopeSet::of(&[*scope]);
            assert_eq!(ScopeSet::from_bits(set.bits()), set);
        }
        assert_eq!(Scope::parse("API"), None);
        assert_eq!(ScopeSet::from_bits(-1), ScopeSet::EMPTY);
        assert_eq!(ScopeSet::from_bits(1 << 30), ScopeSet::EMPTY);
    }

    #[test]
    fn a_project_token_carries_no_scope_of_people() {
        let set = ScopeSet::of(OF_PROJECT_TOKENS);
        assert!(!set.contains(ReadUser) && !set.contains(Sudo) && !set.contains(AdminMode));
    }
}
