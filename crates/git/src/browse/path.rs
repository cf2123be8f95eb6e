//! Paths and names as git has them: bytes.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::error::{GitError, Result};
use crate::treepath::LONGEST;

/// Everything that is not unreserved in a URL (RFC 3986), save the slash.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path within a tree, or the name of a branch or tag: any bytes but zero, its parts divided by slashes. The empty
/// path is the root.
///
/// Git does not know in which encoding a name was meant. [`Display`](fmt::Display) shows bytes that are not UTF-8 as
/// U+FFFD; [`to_url`](Self::to_url) keeps all of them, so that whatever is listed can be reached: links are made by it,
/// and what comes back is decoded to bytes ([`GitPath::from_url`]), not to text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GitPath(Vec<u8>);

impl GitPath {
    /// From bytes that came out of a repository.
    pub(crate) fn stored(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// A path somebody asks for; slashes at its ends are forgiven. Fails with [`GitError::InvalidInput`] for what can
    /// be no path.
    pub fn new(path: &[u8]) -> Result<Self> {
        let bad = |reason| Err(GitError::InvalidInput { what: "path", reason });
        let start = path.iter().position(|byte| *byte != b'/').unwrap_or(path.len());
        let end = path.iter().rposition(|byte| *byte != b'/').map_or(start, |last| last + 1);
        let path = &path[start..end];
        if path.len() > LONGEST {
            return bad("is too long");
        }
        if path.contains(&0) {
            return bad("must not contain a zero byte");
        }
        if !path.is_empty() && path.split(|byte| *byte == b'/').any(|part| matches!(part, b"" | b"." | b".."))
        {
            return bad("must not contain empty parts, . or ..");
        }
        Ok(Self(path.to_vec()))
    }

    /// A path as it stands, percent-encoded, in a URL. Fails as [`GitPath::new`] does.
    pub fn from_url(encoded: &str) -> Result<Self> {
        let bytes: Vec<u8> = percent_encoding::percent_decode_str(encoded).collect();
        Self::new(&bytes)
    }

    /// The path with everything percent-encoded that has a meaning in a URL or is not ASCII; slashes stay.
    pub fn to_url(&self) -> String {
        percent_encode(&self.0, ESCAPED).to_string()
    }

    /// All bytes of it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is the root.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its parts, from the root on.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
    }

    /// Every folder on the way to it and itself, from the first below the root on: for a line of links to them.
    pub fn steps(&self) -> impl Iterator<Item = Self> {
        let ends = self.0.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let last = (!self.is_empty()).then_some(self.0.len());
        ends.chain(last).map(|end| Self(self.0[..end].to_vec()))
    }

    /// The last part, as text.
    pub fn name(&self) -> String {
        let last = self.0.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        String::from_utf8_lossy(last).into_owned()
    }

    /// The folder it lies in; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_empty() {
            return None;
        }
        let slash = self.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        Some(Self(self.0[..slash].to_vec()))
    }

    /// What lies in this folder under a name.
    #[must_use]
    pub fn join(&self, name: &Self) -> Self {
        if self.is_empty() {
            return name.clone();
        }
        Self([&self.0[..], b"/", &name.0].concat())
    }
}

impl fmt::Display for GitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(bytes: impl AsRef<[u8]>) -> GitPath {
        GitPath::new(bytes.as_ref()).unwrap()
    }

    #[test]
    fn lookups_are_judged() {
        assert!(path("").is_empty() && path("//").is_empty());
        assert_eq!(path("/a/b/").as_bytes(), b"a/b");
        for bad in ["..", "a/../b", "./a", "a//b", "a/.", "a\0b", &"x".repeat(5000)] {
            assert!(GitPath::new(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_byte_survives_a_url() {
        let all: Vec<u8> = (1..=255).filter(|byte| *byte != b'/').collect();
        let odd = path([b"a/".as_slice(), &all].concat());
        let url = odd.to_url();
        assert!(url.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte)), "{url}");
        assert_eq!(GitPath::from_url(&url).unwrap(), odd);
        assert_eq!(path("a b/ü?.md").to_url(), "a%20b/%C3%BC%3F.md");
        assert_eq!(path(b"\xff").to_string(), "\u{fffd}");
    }

    #[test]
    fn families() {
        let deep = path("a/b/c");
        assert_eq!(deep.name(), "c");
        assert_eq!(deep.parent(), Some(path("a/b")));
        assert_eq!(path("a").parent(), Some(GitPath::default()));
        assert_eq!(GitPath::default().parent(), None);
        assert_eq!(path("a/b").join(&path("c")), deep);
        assert_eq!(GitPath::default().join(&path("c")), path("c"));
        assert_eq!(deep.steps().collect::<Vec<_>>(), [path("a"), path("a/b"), path("a/b/c")]);
        assert_eq!(GitPath::default().steps().count(), 0);
        assert_eq!(deep.parts().collect::<Vec<_>>(), [b"a", b"b", b"c"]);
    }
}
