//! Projects and groups, as the rules and the surfaces see them.

use crate::role::Role;
use crate::time::Timestamp;
use crate::visibility::Visibility;

/// A namespace: a group or the home of a person's projects. They share one series of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its number.
    pub id: i64,
    /// Whether it is a group (otherwise a person's own).
    pub is_group: bool,
    /// The group above.
    pub parent_id: Option<i64>,
    /// The person whose namespace this is.
    pub owner_id: Option<i64>,
    /// The last part of its path.
    pub path: String,
    /// The whole path.
    pub full_path: String,
    /// Its display name.
    pub name: String,
    /// The display names from the top down, joined by " / ".
    pub full_name: String,
    /// What it is for.
    pub description: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether project access tokens may be made below it (top-level groups decide).
    pub token_creation_allowed: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its number.
    pub id: i64,
    /// The last part of its path.
    pub path: String,
    /// The whole path.
    pub full_path: String,
    /// Its display name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Its default branch.
    pub default_branch: String,
    /// Whether it takes no more writes.
    pub archived: bool,
    /// Where it lies.
    pub namespace: Namespace,
    /// Who made it.
    pub creator_id: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When something last happened in it.
    pub last_activity_at: Timestamp,
    /// Whether nothing was ever pushed to it.
    pub empty: bool,
    /// Whether issues are offered.
    pub issues_enabled: bool,
    /// Whether web hooks hear of its tokens 60 and 30 days before their end too, not only seven.
    pub extended_expiry_hooks: bool,
}

/// What the caller is to a project or group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// Its role as a direct member.
    pub direct: Option<Role>,
    /// Its role through the groups above.
    pub inherited: Option<Role>,
}

impl Membership {
    /// The higher of both roles.
    pub fn role(self) -> Option<Role> {
        self.direct.max(self.inherited)
    }
}
