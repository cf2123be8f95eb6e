//! The version of the git program, read once at start.

use std::fmt;

/// Version of the git program: major, minor, patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(
    /// Major number.
    pub u32,
    /// Minor number.
    pub u32,
    /// Patch number; 0 when absent.
    pub u32,
);

impl Version {
    /// The oldest version this crate works with: `cat-file -z`, `core.fsync` and quarantine as it expects them.
    pub const OLDEST: Self = Self(2, 39, 0);
    /// The first version that can reuse objects of several packs; older ones stop at the setting.
    pub(crate) const MULTI_PACK_REUSE: Self = Self(2, 44, 0);

    /// Reads the answer of `git version`, for example `git version 2.39.5 (Apple Git-154)`.
    pub(crate) fn parse(answer: &str) -> Option<Self> {
        let number = answer.strip_prefix("git version ")?.split_whitespace().next()?;
        let mut parts = number.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        // Pre-releases carry words here ("rc1"), which count as patch 0.
        let patch = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        Some(Self(major, minor, patch))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_in_use() {
        for (answer, expected) in [
            ("git version 2.39.5\n", Some(Version(2, 39, 5))),
            ("git version 2.50.1 (Apple Git-155)", Some(Version(2, 50, 1))),
            ("git version 2.47.0.windows.1", Some(Version(2, 47, 0))),
            ("git version 2.48.rc1", Some(Version(2, 48, 0))),
            ("git version", None),
            ("hg 6", None),
        ] {
            assert_eq!(Version::parse(answer), expected, "{answer}");
        }
        assert!(Version(2, 38, 9) < Version::OLDEST);
    }
}
