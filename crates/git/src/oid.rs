//! Object names.

use std::fmt;
use std::str::FromStr;

use crate::error::GitError;

/// The name of a git object: a SHA-1, written as 40 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid([u8; 20]);

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// File content.
    Blob,
    /// Directory.
    Tree,
    /// Commit.
    Commit,
    /// Annotated tag.
    Tag,
}

impl Oid {
    /// All zeros: "no object", the old value of a new reference and the new value of a deleted one.
    pub const ZERO: Self = Self([0; 20]);

    /// Whether this is [`Oid::ZERO`].
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Reads 40 hexadecimal digits of either case from bytes.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        if hex.len() != 40 {
            return None;
        }
        let mut bytes = [0; 20];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

impl From<Oid> for gix_hash::ObjectId {
    fn from(oid: Oid) -> Self {
        Self::Sha1(oid.0)
    }
}

impl From<&gix_hash::oid> for Oid {
    /// Repositories here have names of 20 bytes alone.
    fn from(oid: &gix_hash::oid) -> Self {
        let mut bytes = [0; 20];
        for (to, from) in bytes.iter_mut().zip(oid.as_bytes()) {
            *to = *from;
        }
        Self(bytes)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

impl FromStr for Oid {
    type Err = GitError;

    fn from_str(text: &str) -> Result<Self, GitError> {
        Self::from_hex(text.as_bytes())
            .ok_or(GitError::InvalidInput { what: "object name", reason: "must be 40 hexadecimal digits" })
    }
}

impl ObjectKind {
    /// Reads git's word for it.
    pub(crate) fn parse(word: &[u8]) -> Option<Self> {
        match word {
            b"blob" => Some(Self::Blob),
            b"tree" => Some(Self::Tree),
            b"commit" => Some(Self::Commit),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }

    /// git's word for it: `blob`, `tree`, `commit` or `tag`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_both_ways() {
        let text = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(text.parse::<Oid>().unwrap().to_string(), text);
        assert_eq!(text.to_uppercase().parse::<Oid>().unwrap().to_string(), text);
        assert!("0".repeat(40).parse::<Oid>().unwrap().is_zero());
        for bad in ["", "abc", &text[1..], &format!("{text}0"), &text.replace('f', "g"), &"ä".repeat(20)] {
            assert!(bad.parse::<Oid>().is_err(), "{bad}");
        }
    }
}
