//! Branches, tags, and what revisions stand for.

use std::fs;
use std::io;
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
                && !packed_refs(&path)?.lines().any(|line| line.contains(" refs/heads/")))
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

/// A reference by its full name, which must be judged already. Looks at the loose file first: git writes the packed
/// list before it removes loose files, so that a reference is never missed.
fn read_ref(repository: &Path, name: &str) -> io::Result<Option<Oid>> {
    match fs::read(repository.join(name)) {
        Ok(content) => return Ok(Oid::from_hex(content.trim_ascii_end())),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => {}
            _ => return Err(error),
        },
    }
    let packed = packed_refs(repository)?;
    let find = |line: &str| {
        let (oid, found) = line.split_once(' ')?;
        if found == name { Oid::from_hex(oid.as_bytes()) } else { None }
    };
    Ok(packed.lines().find_map(find))
}

fn packed_refs(repository: &Path) -> io::Result<String> {
    match fs::read(repository.join("packed-refs")) {
        Ok(content) => Ok(String::from_utf8_lossy(&content).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
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
    fn parse(content: &[u8]) -> Self {
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
