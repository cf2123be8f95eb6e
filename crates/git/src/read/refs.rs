//! Branches, tags, and what revisions stand for.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::commit::{Headers, Signature};
use crate::error::{GitError, Result};
use crate::oid::{ObjectKind, Oid};
use crate::repository::Repository;
use crate::{blocking, refname};

/// A branch and the commit it points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Without `refs/heads/`.
    pub name: String,
    /// The newest commit.
    pub commit: Oid,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Without `refs/tags/`.
    pub name: String,
    /// What the reference points at: the tag object of an annotated tag, else the same as `commit`.
    pub target: Oid,
    /// The commit it leads to; `None` for tags of trees and blobs.
    pub commit: Option<Oid>,
    /// Set for annotated tags.
    pub annotation: Option<Annotation>,
}

/// What an annotated tag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Absent in very old tags.
    pub tagger: Option<Signature>,
    /// Without the cryptographic signature and the final line break.
    pub message: String,
}

impl Repository {
    /// Whether there is no branch at all.
    pub async fn is_empty(&self) -> Result<bool> {
        let path = self.read_path();
        blocking("look for branches", move || {
            Ok(!has_file(&path.join("refs/heads"))?
                && !packed_lines(&packed_refs(&path)?).any(|(name, _)| name.starts_with(b"refs/heads/")))
        })
        .await
    }

    /// The branch `HEAD` names, whether it exists or not.
    pub async fn head_branch(&self) -> Result<String> {
        let path = self.read_path();
        let head = blocking("read HEAD", move || fs::read_to_string(path.join("HEAD"))).await?;
        let branch = head.trim_end().strip_prefix("ref: refs/heads/").map(str::to_owned);
        branch.ok_or(GitError::Protocol { command: "HEAD", detail: "does not name a branch".to_owned() })
    }

    /// All branches, by name in byte order.
    pub async fn branches(&self) -> Result<Vec<Branch>> {
        self.list_branches(&[]).await
    }

    /// Those branches whose commits are all in the history of `commit`, by name.
    pub async fn branches_merged_into(&self, commit: Oid) -> Result<Vec<Branch>> {
        self.list_branches(&[format!("--merged={commit}")]).await
    }

    async fn list_branches(&self, options: &[String]) -> Result<Vec<Branch>> {
        let answer = self
            .reading("for-each-ref")
            .arg("--format=%(objectname) %(refname:lstrip=2)")
            .args(options)
            .arg("refs/heads/")
            .output()
            .await?;
        let parse = |line: &[u8]| {
            let (oid, name) = line.split_at_checked(40)?;
            let name = String::from_utf8_lossy(name.strip_prefix(b" ")?).into_owned();
            Some(Branch { name, commit: Oid::from_hex(oid)? })
        };
        let lines = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| parse(line).ok_or_else(surprise)).collect()
    }

    /// One branch; `None` when it does not exist or its name breaks the rules.
    pub async fn branch(&self, name: &str) -> Result<Option<Branch>> {
        if refname::check_branch(name).is_err() {
            return Ok(None);
        }
        let commit = self.read_ref(&format!("refs/heads/{name}")).await?;
        Ok(commit.map(|commit| Branch { name: name.to_owned(), commit }))
    }

    /// Where a full reference name points; `None` when it does not exist.
    pub async fn read_ref(&self, name: &str) -> Result<Option<Oid>> {
        refname::check_full(name)?;
        let (path, name) = (self.read_path(), name.to_owned());
        blocking("read a reference", move || read_ref(&path, &name)).await
    }

    /// All tags, by name in byte order.
    pub async fn tags(&self) -> Result<Vec<Tag>> {
        let answer = self
            .reading("for-each-ref")
            .args(["--format=%(objectname) %(objecttype) %(refname:lstrip=2)", "refs/tags/"])
            .output()
            .await?;
        let parse = |line: &[u8]| {
            let mut words = line.splitn(3, |byte| *byte == b' ');
            let (oid, kind) = (Oid::from_hex(words.next()?)?, ObjectKind::parse(words.next()?)?);
            Some((String::from_utf8_lossy(words.next()?).into_owned(), oid, kind))
        };
        let lines = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let found: Vec<_> = lines.map(|line| parse(line).ok_or_else(surprise)).collect::<Result<_>>()?;
        self.describe_tags(found).await
    }

    /// One tag; `None` when it does not exist or its name breaks the rules.
    pub async fn tag(&self, name: &str) -> Result<Option<Tag>> {
        if refname::check_tag(name).is_err() {
            return Ok(None);
        }
        let Some(target) = self.read_ref(&format!("refs/tags/{name}")).await? else { return Ok(None) };
        let Some(kind) = self.object_kind(target, None).await? else { return Ok(None) };
        Ok(self.describe_tags(vec![(name.to_owned(), target, kind)]).await?.pop())
    }

    async fn describe_tags(&self, found: Vec<(String, Oid, ObjectKind)>) -> Result<Vec<Tag>> {
        let annotated = found.iter().filter(|(_, _, kind)| *kind == ObjectKind::Tag).map(|(_, oid, _)| oid);
        let (objects, commits): (Vec<_>, Vec<_>) =
            annotated.map(|oid| (oid.to_string(), format!("{oid}^{{commit}}"))).unzip();
        let mut objects = self.objects(&objects).await?.into_iter();
        let mut commits = self.headers(&commits, None).await?.into_iter();
        let describe = |(name, target, kind)| {
            if kind != ObjectKind::Tag {
                let commit = (kind == ObjectKind::Commit).then_some(target);
                return Tag { name, target, commit, annotation: None };
            }
            let annotation = objects.next().flatten().map(|object| Annotation::parse(&object.content));
            let commit = commits.next().flatten().map(|header| header.oid);
            Tag { name, target, commit, annotation }
        };
        Ok(found.into_iter().map(describe).collect())
    }

    /// The commit a revision stands for (see [`refname::check_revision`]); `None` when it stands for none. As in git, a
    /// tag goes before a branch of the same name.
    pub async fn resolve(&self, revision: &str) -> Result<Option<Oid>> {
        if refname::check_revision(revision).is_err() {
            return Ok(None);
        }
        // By far the most frequent case needs no process.
        if refname::check_branch(revision).is_ok() {
            let (path, name) = (self.read_path(), revision.to_owned());
            let commit = blocking("read a reference", move || {
                for kind in ["refs", "refs/tags"] {
                    if read_ref(&path, &format!("{kind}/{name}"))?.is_some() {
                        return Ok(None);
                    }
                }
                read_ref(&path, &format!("refs/heads/{name}"))
            })
            .await?;
            if commit.is_some() {
                return Ok(commit);
            }
        }
        let found = self.headers(&[format!("{revision}^{{commit}}")], None).await?;
        Ok(found.into_iter().next().flatten().map(|header| header.oid))
    }
}

fn surprise() -> GitError {
    GitError::Protocol { command: "for-each-ref", detail: "malformed line".to_owned() }
}

/// A reference by its full name, which must be judged already.
fn read_ref(repository: &Path, name: &str) -> io::Result<Option<Oid>> {
    Ok(find_refs(repository, &[name.as_bytes().to_vec()])?.pop().flatten())
}

/// References by their full names, which must be judged already. Looks at the loose files first: git writes the packed
/// list before it removes loose files, so that a reference is never missed.
pub(crate) fn find_refs(repository: &Path, names: &[Vec<u8>]) -> io::Result<Vec<Option<Oid>>> {
    let mut found = Vec::with_capacity(names.len());
    let mut wanted: HashMap<&[u8], usize> = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        let loose = loose_ref(&repository.join(OsStr::from_bytes(name)))?;
        found.push(loose.flatten());
        if loose.is_none() {
            wanted.insert(name, at);
        }
    }
    if !wanted.is_empty() {
        for (name, oid) in packed_lines(&packed_refs(repository)?) {
            if let Some(at) = wanted.get(name) {
                found[*at] = Some(oid);
            }
        }
    }
    Ok(found)
}

/// All references below a prefix that ends in a slash, without it; by name in byte order.
pub(crate) fn list_refs(repository: &Path, prefix: &str) -> io::Result<BTreeMap<Vec<u8>, Oid>> {
    let loose = walk_loose(&repository.join(prefix))?;
    let packed = packed_refs(repository)?;
    let named = packed_lines(&packed)
        .filter_map(|(name, oid)| Some((name.strip_prefix(prefix.as_bytes())?.to_vec(), oid)));
    let mut all: BTreeMap<_, _> = named.collect();
    all.extend(loose);
    Ok(all)
}

/// The content of a loose file: `None` without one, `Some(None)` for what is no object name.
fn loose_ref(file: &Path) -> io::Result<Option<Option<Oid>>> {
    match fs::read(file) {
        Ok(content) => Ok(Some(Oid::from_hex(content.trim_ascii_end()))),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(error),
        },
    }
}

/// The loose files below a folder, by their names within it. One folder is open at a time, however deep names are.
fn walk_loose(root: &Path) -> io::Result<BTreeMap<Vec<u8>, Oid>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![Vec::new()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(root.join(OsStr::from_bytes(&folder))) {
            Ok(entries) => entries,
            // Folders come and go while git works.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = [&folder, entry.file_name().as_bytes()].concat();
            if entry.file_type()?.is_dir() {
                folders.push([&name[..], b"/"].concat());
            } else if !name.ends_with(b".lock")
                && let Some(Some(oid)) = loose_ref(&entry.path())?
            {
                found.insert(name, oid);
            }
        }
    }
    Ok(found)
}

/// The lines of the packed list that name a reference.
fn packed_lines(list: &[u8]) -> impl Iterator<Item = (&[u8], Oid)> {
    list.split(|byte| *byte == b'\n').filter_map(|line| {
        let (oid, name) = line.split_at_checked(40)?;
        Some((name.strip_prefix(b" ")?, Oid::from_hex(oid)?))
    })
}

fn packed_refs(repository: &Path) -> io::Result<Vec<u8>> {
    match fs::read(repository.join("packed-refs")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

fn has_file(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let lock = entry.path().extension().is_some_and(|extension| extension == "lock");
        let found = if entry.file_type()?.is_dir() { has_file(&entry.path())? } else { !lock };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Annotation {
    pub(crate) fn parse(content: &[u8]) -> Self {
        let headers = Headers::split(content);
        let text = headers.text(headers.body);
        let end =
            ["-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN PGP MESSAGE-----"]
                .iter()
                .filter_map(
                    |start| if text.starts_with(start) { Some(0) } else { text.find(&format!("\n{start}")) },
                )
                .min();
        let message = text[..end.unwrap_or(text.len())].trim_end_matches('\n').to_owned();
        Self { tagger: headers.signature("tagger"), message }
    }
}
