//! Reading what real clients pushed, and what nobody could have.

mod damage;
mod diffs;
mod files;
mod histories;
mod names;

use std::collections::BTreeMap;
use std::path::Path;

use crate::browse::{GitPath, Reader};
use crate::testing::{Work, run};
use crate::{Oid, Repository, Result};

fn path(text: &str) -> GitPath {
    GitPath::new(text.as_bytes()).unwrap()
}

/// Browses, with what must work.
async fn browse<T: Send + 'static>(
    repository: &Repository,
    work: impl FnOnce(&Reader) -> Result<T> + Send + 'static,
) -> T {
    repository.browse(work).await.unwrap()
}

/// Commits everything that lies in the working copy.
fn commit_all(work: &Work, message: &str) -> Oid {
    work.git(&["add", "-A"]);
    work.git(&["commit", "-q", "-m", message]);
    work.head()
}

/// Writes an object into the repository itself, past every check.
fn write_object(repository: &Path, kind: &str, content: &[u8]) -> Oid {
    let file = repository.join("content");
    std::fs::write(&file, content).unwrap();
    let oid = run(repository, "git", &["hash-object", "--literally", "-w", "-t", kind, "content"]);
    oid.trim().parse().unwrap()
}

/// The bytes of a tree.
fn tree_bytes(entries: &[(&str, &[u8], Oid)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (mode, name, oid) in entries {
        bytes.extend_from_slice(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(gix_hash::ObjectId::from(*oid).as_bytes());
    }
    bytes
}

/// The bytes of a commit.
fn commit_bytes(tree: Oid, parents: &[Oid], time: i64) -> Vec<u8> {
    let parents = parents.iter().fold(String::new(), |lines, parent| lines + &format!("parent {parent}\n"));
    let who = format!("Ann <ann@example.org> {time} +0000");
    format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\nat {time}\n").into_bytes()
}

/// The last commit of each entry of a folder, by name; those that were not found left out.
async fn last(repository: &Repository, commit: Oid, folder: &str) -> (BTreeMap<String, Oid>, bool) {
    let folder = path(folder);
    browse(repository, move |reader| {
        let tree = reader.tree(commit, &folder)?;
        let last = reader.last_commits(commit, &folder, &tree.entries)?;
        let pairs = tree.entries.iter().zip(last.commits);
        let found = pairs.filter_map(|(entry, commit)| Some((entry.name.to_string(), commit?.oid)));
        Ok((found.collect(), last.cut))
    })
    .await
}
