//! Paths within a tree.

use crate::error::{GitError, Result};

/// Longest accepted path in bytes: what Linux accepts for a path.
pub(crate) const LONGEST: usize = 4096;

/// Longest accepted part of a path in bytes: what Linux accepts for a file name.
const LONGEST_PART: usize = 255;

/// A path somebody wants to read, without slashes at its ends. The empty path is the root.
pub fn check_lookup(path: &str) -> Result<&str> {
    let bad = |reason| Err(GitError::InvalidInput { what: "path", reason });
    let path = path.trim_matches('/');
    if path.len() > LONGEST {
        return bad("is too long");
    }
    if path.contains('\0') {
        return bad("must not contain a zero byte");
    }
    if !path.is_empty() && path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return bad("must not contain empty parts, . or ..");
    }
    Ok(path)
}

/// A path somebody wants to write, judged as strictly as `git fsck` judges trees: it must be harmless on every file
/// system a clone may be checked out on. The error is the rule it breaks.
pub fn check_new(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Err("must not be empty");
    }
    if path.len() > LONGEST {
        return Err("is too long");
    }
    if path.chars().any(char::is_control) {
        return Err("must not contain control characters");
    }
    path.split('/').try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), &'static str> {
    match part {
        "" => return Err("must not begin or end with a slash or have two in a row"),
        "." | ".." => return Err("must not contain . or .. as a part"),
        _ => {}
    }
    if part.len() > LONGEST_PART {
        return Err("has a part that is too long");
    }
    // Windows takes a backslash for a slash.
    if part.split('\\').any(is_dot_git) {
        return Err("must not contain .git as a part");
    }
    if part.split('\\').any(|piece| matches!(piece, "." | "..")) {
        return Err("must not contain . or .. as a part");
    }
    Ok(())
}

/// Whether some file system takes this name for `.git`.
fn is_dot_git(name: &str) -> bool {
    // HFS+ leaves these characters out of its comparison.
    let seen: String = name.chars().filter(|char| !is_ignored_by_hfs(*char)).collect();
    let seen = seen.to_lowercase();
    // NTFS cuts off trailing dots and blanks, and what follows a colon names a stream of the file.
    let base = seen.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    matches!(base, ".git" | "git~1")
}

fn is_ignored_by_hfs(char: char) -> bool {
    matches!(char, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups() {
        assert_eq!(check_lookup("").unwrap(), "");
        assert_eq!(check_lookup("/a/b/").unwrap(), "a/b");
        assert_eq!(check_lookup("-x/:(glob)*").unwrap(), "-x/:(glob)*");
        for bad in ["..", "a/../b", "./a", "a//b", "a/.", "a\0b", &"x".repeat(5000)] {
            assert!(check_lookup(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn new_paths() {
        for good in [
            "a",
            "README.md",
            "a/b/c",
            ".gitignore",
            ".gitmodules",
            "git",
            "a b",
            "é/日本",
            "-f",
            "x.git",
            "...",
        ] {
            assert!(check_new(good).is_ok(), "{good}");
        }
        let long = "x".repeat(256);
        for bad in [
            "",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/../b",
            "a/./b",
            ".git",
            ".GIT/config",
            "a/.Git/x",
            ".git ",
            ".git.",
            ".git. .",
            "git~1",
            "GIT~1/x",
            ".git::$INDEX_ALLOCATION",
            ".g\u{200c}it",
            "\u{feff}.git",
            "a\\.git\\x",
            "a\\..\\b",
            "a\nb",
            "a\0b",
            "a\tb",
            &long,
        ] {
            assert!(check_new(bad).is_err(), "{bad:?}");
        }
    }
}
