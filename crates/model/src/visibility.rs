//! Who may see a project or group that they are no member of.

/// Visibility of a project or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// Members only.
    Private,
    /// Every signed-in user who is neither external nor a bot of another project.
    Internal,
    /// Everyone, without signing in.
    Public,
}

/// Every visibility, narrowest first.
pub const ALL: &[Visibility] = &[Visibility::Private, Visibility::Internal, Visibility::Public];
/// The names of [`ALL`], for parameters.
pub const NAMES: &[&str] = &["private", "internal", "public"];

impl Visibility {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }

    /// Its name on pages.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Private => "Private",
            Self::Internal => "Internal",
            Self::Public => "Public",
        }
    }

    /// The number kept in the database (GitLab's numbers).
    pub const fn level(self) -> i64 {
        match self {
            Self::Private => 0,
            Self::Internal => 10,
            Self::Public => 20,
        }
    }

    /// The visibility of this name.
    pub fn parse(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|visibility| visibility.name() == name)
    }

    /// The visibility of this number; anything unknown is private.
    pub fn from_level(level: i64) -> Self {
        ALL.iter().copied().find(|visibility| visibility.level() == level).unwrap_or(Self::Private)
    }
}
