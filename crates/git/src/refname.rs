//! Names of branches, tags and revisions, judged before git ever sees them.

use crate::command::INTERNAL_REFS;
use crate::error::{GitError, Result};
use crate::oid::Oid;

/// Longest accepted name in bytes: what a file name may have, less git's `.lock`.
pub(crate) const LONGEST: usize = 250;

fn bad(what: &'static str, reason: &'static str) -> GitError {
    GitError::InvalidInput { what, reason }
}

/// The rules of `git check-ref-format` for a full reference name, such as `refs/heads/main`.
pub fn check_full(name: &str) -> Result<()> {
    if !name.starts_with("refs/") || name.matches('/').count() < 2 {
        return Err(bad("reference name", "must begin with refs/ and a kind"));
    }
    format(name).map_err(|reason| bad("reference name", reason))
}

/// A branch name without `refs/heads/`: the rules for references, and those that keep it apart from options, from
/// `HEAD` and from object names.
pub fn check_branch(name: &str) -> Result<()> {
    short_name(name).map_err(|reason| bad("branch name", reason))?;
    if name == "HEAD" {
        return Err(bad("branch name", "HEAD is reserved"));
    }
    if Oid::from_hex(name.as_bytes()).is_some() {
        return Err(bad("branch name", "must not look like an object name"));
    }
    Ok(())
}

/// A tag name without `refs/tags/`.
pub fn check_tag(name: &str) -> Result<()> {
    short_name(name).map_err(|reason| bad("tag name", reason))
}

/// What a user may write where a revision is wanted: a branch, a tag, a full reference, `HEAD`, an object name or its
/// beginning (at least 4 digits), each with any number of `~N` and `^N` behind it. Searches (`:/text`, `^{/text}`), reflogs
/// (`@{…}`), ranges and paths are refused.
pub fn check_revision(revision: &str) -> Result<()> {
    let end = revision.find(['~', '^']).unwrap_or(revision.len());
    let (base, steps) = revision.split_at(end);
    format(base).map_err(|reason| bad("revision", reason))?;
    if base.starts_with('-') {
        return Err(bad("revision", "must not begin with a dash"));
    }
    if base.starts_with(INTERNAL_REFS) || base.starts_with(&INTERNAL_REFS["refs/".len()..]) {
        return Err(bad("revision", "is reserved"));
    }
    if !steps.bytes().all(|byte| matches!(byte, b'~' | b'^' | b'0'..=b'9')) || steps.len() > 64 {
        return Err(bad("revision", "may end in ~N and ^N only"));
    }
    Ok(())
}

fn short_name(name: &str) -> Result<(), &'static str> {
    if name.starts_with('-') {
        return Err("must not begin with a dash");
    }
    // A branch called refs/heads/x would be taken for the full name of another one.
    if name.starts_with("refs/") {
        return Err("must not begin with refs/");
    }
    format(name)
}

fn format(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("must not be empty");
    }
    if name.len() > LONGEST {
        return Err("is too long");
    }
    if name == "@" {
        return Err("must not be a single @");
    }
    if name.contains("..") {
        return Err("must not contain two dots in a row");
    }
    if name.contains("@{") {
        return Err("must not contain @{");
    }
    if name.chars().any(|char| char.is_control() || " ~^:?*[\\".contains(char)) {
        return Err("contains a character that is not allowed");
    }
    if name.ends_with('.') {
        return Err("must not end in a dot");
    }
    for part in name.split('/') {
        if part.is_empty() {
            return Err("must not begin or end with a slash or have two in a row");
        }
        if part.starts_with('.') {
            return Err("must not have a part that begins with a dot");
        }
        // Of either case, because git's lock files would meet them on file systems that ignore case.
        if part.len() >= 5 && part.as_bytes()[part.len() - 5..].eq_ignore_ascii_case(b".lock") {
            return Err("must not have a part that ends in .lock");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_names() {
        for good in
            ["main", "feature/x", "a", "v1.0", "über", "a@b", "x.y/z", "日本", "1234567", "@a", "a-", "head"]
        {
            assert!(check_branch(good).is_ok(), "{good}");
            assert!(check_tag(good).is_ok(), "{good}");
        }
        let long = "x".repeat(251);
        let hash = "0123456789012345678901234567890123456789";
        for bad in [
            "",
            "@",
            "-x",
            "--upload-pack=x",
            ".a",
            "a/.b",
            "a..b",
            "a.",
            "a/",
            "/a",
            "a//b",
            "a.lock",
            "a.lock/b",
            "a.LOCK",
            "a b",
            "a~b",
            "a^b",
            "a:b",
            "a?b",
            "a*b",
            "a[b",
            "a\\b",
            "a@{b",
            "a\0b",
            "a\nb",
            "a\x7fb",
            "a\tb",
            "a\u{85}b",
            "refs/heads/a",
            "HEAD",
            hash,
            &long,
        ] {
            assert!(check_branch(bad).is_err(), "{bad:?}");
        }
        assert!(check_tag(hash).is_ok());
    }

    #[test]
    fn full_names() {
        for good in ["refs/heads/main", "refs/notes/commits", "refs/tags/v1"] {
            assert!(check_full(good).is_ok(), "{good}");
        }
        for bad in ["main", "refs/heads", "refs/", "HEAD", "refs/heads/", "refs//heads/x", "refs/heads/a b"] {
            assert!(check_full(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn revisions() {
        for good in ["main", "HEAD", "HEAD~3", "v1^", "abc1234^2~1", "refs/heads/main", "feature/x~1"] {
            assert!(check_revision(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-x",
            "--all",
            ":/fix",
            "main:README",
            "main^{/x}",
            "main^{tree}",
            "@{1}",
            "main@{yesterday}",
            "a..b",
            "a...b",
            "^main",
            "main\nHEAD",
            "main\0",
            "main~x",
            "refs/tessera/x",
            "tessera/x",
            "main HEAD",
        ] {
            assert!(check_revision(bad).is_err(), "{bad:?}");
        }
    }
}
