//! Access levels of members, as GitLab numbers them.

/// A member's role in a project or group; ordered by what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads issues and public code.
    Guest,
    /// Plans: issues and their metadata.
    Planner,
    /// Reads code.
    Reporter,
    /// Writes code on unprotected branches.
    Developer,
    /// Manages the project: members, tokens, protected branches.
    Maintainer,
    /// May also delete and move it.
    Owner,
}

use Role::{Developer, Guest, Maintainer, Owner, Planner, Reporter};

/// Every role, lowest first.
pub const ALL: &[Role] = &[Guest, Planner, Reporter, Developer, Maintainer, Owner];
/// The numbers of [`ALL`], for parameters.
pub const LEVELS: &[i64] = &[10, 15, 20, 30, 40, 50];

impl Role {
    /// Its number on the wire.
    pub const fn level(self) -> i64 {
        match self {
            Guest => 10,
            Planner => 15,
            Reporter => 20,
            Developer => 30,
            Maintainer => 40,
            Owner => 50,
        }
    }

    /// The role of this number.
    pub fn from_level(level: i64) -> Option<Self> {
        ALL.iter().copied().find(|role| role.level() == level)
    }

    /// Its name on pages.
    pub const fn title(self) -> &'static str {
        match self {
            Guest => "Guest",
            Planner => "Planner",
            Reporter => "Reporter",
            Developer => "Developer",
            Maintainer => "Maintainer",
            Owner => "Owner",
        }
    }

    /// Its name in lower case, as refusals write it.
    pub const fn name(self) -> &'static str {
        match self {
            Guest => "guest",
            Planner => "planner",
            Reporter => "reporter",
            Developer => "developer",
            Maintainer => "maintainer",
            Owner => "owner",
        }
    }
}
