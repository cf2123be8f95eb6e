//! Branches and tags, and what the rest of a URL stands for.

use gix_hash::Prefix;

use super::{Brief, GitPath, LARGEST_COMMIT, Reader};
use crate::error::{GitError, Result};
use crate::oid::{ObjectKind, Oid};
use crate::read::{Annotation, find_refs, list_refs};
use crate::refname;

/// Most branches or tags that are put in the order of their times: each is a commit to read.
const DATED: usize = 2000;

/// Most branches or tags of one call.
const HEADS: usize = 1000;

/// Most slashes of a name in a URL; as many names are looked up.
const DEEPEST_NAME: usize = 64;

/// Fewest digits of an object name in a URL: as many as pages show. What has fewer is more likely a word.
const SHORTEST: usize = 7;

/// Most bytes of an annotation.
const ANNOTATION: usize = 64 << 10;

/// Branches or tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeadKind {
    /// Branches.
    Branch,
    /// Tags.
    Tag,
}

impl HeadKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Branch => "refs/heads/",
            Self::Tag => "refs/tags/",
        }
    }
}

/// A branch or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name, without `refs/heads/` or `refs/tags/`.
    pub name: GitPath,
    /// What it points at: of an annotated tag the tag object, else the same as the commit.
    pub target: Oid,
    /// The commit it leads to; `None` for tags of trees and blobs, and where the repository is damaged.
    pub commit: Option<Brief>,
    /// What an annotated tag says, cut at 64 KiB.
    pub annotation: Option<Annotation>,
}

impl Head {
    /// When it was made or moved, as far as git knows, in seconds since 1970: the tagger's time, else the committer's.
    pub fn time(&self) -> Option<i64> {
        let tagger = self.annotation.as_ref().and_then(|annotation| annotation.tagger.as_ref());
        let committer = self.commit.as_ref().map(|commit| &commit.committer);
        tagger.or(committer).map(|signature| signature.time)
    }
}

/// Some of the branches or tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Those that were asked for.
    pub heads: Vec<Head>,
    /// How many there are that fit the search.
    pub total: usize,
    /// Whether they are in the order of their times, the newest first; else they are in the order of their names.
    pub dated: bool,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Branches.
    pub branches: usize,
    /// Tags.
    pub tags: usize,
}

impl Counts {
    /// Whether there is neither branch nor tag.
    pub fn is_empty(self) -> bool {
        self.branches == 0 && self.tags == 0
    }
}

/// What the first part of a path in a URL turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResolvedKind {
    /// A branch.
    Branch,
    /// A tag.
    Tag,
    /// The name of a commit, or its beginning.
    Commit,
}

/// `<ref>/<path>`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The first part as it was written: what goes into further URLs.
    pub name: GitPath,
    /// What it is.
    pub kind: ResolvedKind,
    /// The commit it stands for.
    pub commit: Oid,
    /// What follows.
    pub path: GitPath,
}

impl Reader {
    /// How many branches and tags there are.
    pub fn counts(&self) -> Result<Counts> {
        let count = |kind: HeadKind| self.names(kind).map(|names| names.len());
        Ok(Counts { branches: count(HeadKind::Branch)?, tags: count(HeadKind::Tag)? })
    }

    /// The newest commit of a branch; `None` when there is no such branch.
    pub fn branch(&self, name: &str) -> Result<Option<Oid>> {
        if refname::check_branch(name).is_err() {
            return Ok(None);
        }
        let name = [HeadKind::Branch.prefix(), name].concat().into_bytes();
        Ok(self.find(&[name])?.pop().flatten())
    }

    /// Branches or tags whose name holds `search` in any case: `limit` of them after the first `skip`. `newest`: in the
    /// order of their times, unless that would mean to read more than 2,000 commits; else of their names.
    pub fn heads(
        &self,
        kind: HeadKind,
        search: Option<&str>,
        newest: bool,
        skip: usize,
        limit: usize,
    ) -> Result<Heads> {
        let mut names = self.names(kind)?;
        if let Some(search) = search.map(str::to_lowercase).filter(|search| !search.is_empty()) {
            names.retain(|(name, _)| String::from_utf8_lossy(name).to_lowercase().contains(&search));
        }
        let total = names.len();
        let dated = newest && total <= DATED;
        let limit = limit.min(HEADS);
        let heads = if dated {
            let mut all: Vec<_> = names.into_iter().map(|(name, target)| self.head(&name, target)).collect();
            all.sort_by_key(|head| std::cmp::Reverse(head.time()));
            all.into_iter().skip(skip).take(limit).collect()
        } else {
            let some = names.into_iter().skip(skip).take(limit);
            some.map(|(name, target)| self.head(&name, target)).collect()
        };
        Ok(Heads { heads, total, dated })
    }

    fn names(&self, kind: HeadKind) -> Result<Vec<(Vec<u8>, Oid)>> {
        let listed = list_refs(&self.folder, kind.prefix()).map_err(GitError::io("list references"))?;
        Ok(listed.into_iter().collect())
    }

    fn find(&self, names: &[Vec<u8>]) -> Result<Vec<Option<Oid>>> {
        find_refs(&self.folder, names).map_err(GitError::io("read a reference"))
    }

    /// One that points at damage is still listed.
    fn head(&self, name: &[u8], target: Oid) -> Head {
        let commit = self.peel(target).ok().flatten().and_then(|commit| self.brief(commit).ok());
        let annotation = if commit.as_ref().is_some_and(|commit| commit.oid == target) {
            None
        } else {
            let mut buffer = Vec::new();
            let content = self.object(target, ObjectKind::Tag, LARGEST_COMMIT, &mut buffer).ok();
            content.map(|content| {
                let mut annotation = Annotation::parse(content);
                annotation.message.truncate(annotation.message.floor_char_boundary(ANNOTATION));
                annotation
            })
        };
        Head { name: GitPath::stored(name), target, commit, annotation }
    }

    /// What follows `/-/tree/`, `/-/blob/` and the like in a URL, `<ref>/<path…>`: the longest name of a branch or tag
    /// that it begins with, else the name of a commit or at least 7 digits of it. Of a branch and a tag of the same name
    /// it is the one that is `preferred`, else the tag, as in git. `None` when it begins with neither.
    pub fn resolve(&self, rest: &GitPath, preferred: Option<HeadKind>) -> Result<Option<Resolved>> {
        let kinds = match preferred {
            Some(HeadKind::Branch) => [HeadKind::Branch, HeadKind::Tag],
            _ => [HeadKind::Tag, HeadKind::Branch],
        };
        let steps: Vec<GitPath> = rest
            .steps()
            .take(DEEPEST_NAME)
            .take_while(|name| name.as_bytes().len() <= refname::LONGEST)
            .filter(|name| refname::check_tag(&name.to_string()).is_ok())
            .collect();
        // The longest first.
        let wanted: Vec<(&GitPath, HeadKind)> =
            steps.iter().rev().flat_map(|name| kinds.map(|kind| (name, kind))).collect();
        let full = |(name, kind): &(&GitPath, HeadKind)| [kind.prefix().as_bytes(), name.as_bytes()].concat();
        let found = self.find(&wanted.iter().map(full).collect::<Vec<_>>())?;
        for ((name, kind), oid) in wanted.into_iter().zip(found) {
            if let Some(oid) = oid
                && let Some(commit) = self.peel(oid)?
            {
                let kind = match kind {
                    HeadKind::Branch => ResolvedKind::Branch,
                    HeadKind::Tag => ResolvedKind::Tag,
                };
                return Ok(Some(split(rest, name.clone(), kind, commit)));
            }
        }
        let Some(first) = rest.steps().next() else { return Ok(None) };
        let commit = self.commit_named(first.as_bytes())?;
        Ok(commit.map(|commit| split(rest, first, ResolvedKind::Commit, commit)))
    }

    /// The commit of a name of at least 7 digits; `None` when there is none or more than one.
    fn commit_named(&self, digits: &[u8]) -> Result<Option<Oid>> {
        if let Some(oid) = Oid::from_hex(digits) {
            return self.peel(oid);
        }
        let text = std::str::from_utf8(digits).ok().filter(|digits| (SHORTEST..40).contains(&digits.len()));
        let Some(prefix) = text.and_then(|digits| Prefix::from_hex(digits).ok()) else { return Ok(None) };
        match self.objects.lookup_prefix(prefix, None).map_err(super::damaged)? {
            Some(Ok(oid)) => self.peel(Oid::from(&*oid)),
            _ => Ok(None),
        }
    }
}

fn split(rest: &GitPath, name: GitPath, kind: ResolvedKind, commit: Oid) -> Resolved {
    let path = &rest.as_bytes()[name.as_bytes().len()..];
    let path = GitPath::stored(path.strip_prefix(b"/").unwrap_or(path));
    Resolved { name, kind, commit, path }
}
