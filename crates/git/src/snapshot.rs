//! A repository as it is at one moment, for a backup, beside the pushes and the care that go on.
//!
//! References are read first and objects after them: objects are added before a reference leads to them, and nothing is
//! ever pruned, so that what the references lead to is there. Objects are taken by hard links, which cost nothing and
//! stay when repacking removes their files under the old names. A listing that finds something new or misses something
//! it saw is followed by another one: then every object has those that it was pushed on top of beside it, and even
//! what no reference leads to is whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::{RepositoryId, layout};

/// How often references are read until two readings agree, and objects are listed until nothing is new. Both end after
/// two or three rounds unless somebody pushes without pause.
const ROUNDS: u32 = 50;
/// What git needs of a pack; all else is made again from it.
const PACK: [&str; 2] = ["pack", "idx"];

/// Lays a copy of a repository into an empty folder on the same file system, as `HEAD`, `packed-refs` and `objects`.
/// `false` when the repository has no folder.
///
/// # Errors
/// When a file cannot be read or linked.
pub fn take(repositories: &Path, id: RepositoryId, into: &Path) -> io::Result<bool> {
    let from = repositories.join(id.relative_path());
    match copy(&from, into) {
        // It was removed meanwhile.
        Err(error) if error.kind() == ErrorKind::NotFound && !from.join("HEAD").exists() => Ok(false),
        Err(error) => Err(error),
        Ok(()) => Ok(true),
    }
}

fn copy(from: &Path, into: &Path) -> io::Result<()> {
    let head = fs::read(from.join("HEAD"))?;
    let refs = refs(from)?;
    fs::create_dir_all(into.join("objects"))?;
    fs::write(into.join("HEAD"), head)?;
    if !refs.is_empty() {
        let lines = refs.iter().map(|(name, oid)| format!("{oid} {name}\n"));
        fs::write(
            into.join("packed-refs"),
            format!("# pack-refs with: sorted \n{}", lines.collect::<String>()),
        )?;
    }
    link_objects(&from.join("objects"), &into.join("objects"))
}

/// All references but `HEAD`, of one moment: two readings that agree.
fn refs(repository: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut last = read_refs(repository)?;
    for _ in 0..ROUNDS {
        let again = read_refs(repository)?;
        if again == last {
            break;
        }
        last = again;
    }
    Ok(last)
}

/// Those with a file of their own first: git removes such a file only after it has written the list of the others.
fn read_refs(repository: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut refs = BTreeMap::new();
    loose(&repository.join("refs"), "refs", &mut refs)?;
    let packed = match fs::read_to_string(repository.join("packed-refs")) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        other => other?,
    };
    for line in packed.lines() {
        if let Some((oid, name)) = line.split_once(' ')
            && is_oid(oid)
        {
            refs.entry(name.to_owned()).or_insert_with(|| oid.to_owned());
        }
    }
    Ok(refs)
}

fn loose(folder: &Path, name: &str, refs: &mut BTreeMap<String, String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        // git removes emptied folders at any time.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(own) = entry.file_name().into_string() else { continue };
        let name = format!("{name}/{own}");
        if entry.file_type()?.is_dir() {
            loose(&entry.path(), &name, refs)?;
            continue;
        }
        let text = match fs::read_to_string(entry.path()) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other?,
        };
        let oid = text.trim_end();
        // Neither locks nor what a crash left empty.
        if is_oid(oid) && !own.to_lowercase().ends_with(".lock") {
            refs.insert(name, oid.to_owned());
        }
    }
    Ok(())
}

fn is_oid(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn link_objects(from: &Path, into: &Path) -> io::Result<()> {
    let mut linked = BTreeSet::new();
    for _ in 0..ROUNDS {
        let fresh: Vec<PathBuf> =
            objects(from)?.into_iter().filter(|object| !linked.contains(object)).collect();
        if fresh.is_empty() {
            break;
        }
        for object in fresh {
            // Gone again: what was in it is in a file that the next listing finds.
            if link(&from.join(&object), &into.join(&object))? {
                linked.insert(object);
            }
        }
    }
    Ok(())
}

/// The files of all objects, packs with their index last.
fn objects(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_fan = name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if name != "pack" && !is_fan {
            continue;
        }
        let inner = match fs::read_dir(entry.path()) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other?,
        };
        for object in inner {
            let object = object?.file_name();
            let Some(object) = object.to_str() else { continue };
            let stem = object.strip_suffix(".idx").filter(|stem| stem.starts_with("pack-"));
            if let Some(stem) = stem.filter(|_| name == "pack") {
                // The index comes last: with it the pack is complete.
                found.extend(PACK.iter().map(|kind| Path::new(name).join(format!("{stem}.{kind}"))));
            } else if is_fan && object.len() == 38 && object.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                found.push(Path::new(name).join(object));
            }
        }
    }
    Ok(found)
}

/// Says whether the file was still there.
fn link(from: &Path, to: &Path) -> io::Result<bool> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::hard_link(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(true),
        // A file system without such links.
        Err(_) => match fs::copy(from, to) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        },
    }
}

/// Makes the folder of a repository for what [`take`] gave, and says where it is.
///
/// # Errors
/// When it cannot be made, or is there.
pub fn prepare(repositories: &Path, id: RepositoryId) -> io::Result<PathBuf> {
    let place = repositories.join(id.relative_path());
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::create_dir(&place)?;
    layout::write(&place, "main")?;
    Ok(place)
}

/// The folders of all repositories there are, below that of repositories.
///
/// # Errors
/// When a folder cannot be read.
pub fn folders(repositories: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for first in entries(&repositories.join("@hashed"))? {
        for second in entries(&first)? {
            for folder in entries(&second)? {
                found.push(folder.strip_prefix(repositories).map_err(io::Error::other)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        other => other?.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Fixture, ann, run};
    use crate::{Action, Change, CommitRequest, Oid};

    async fn commit(fixture: &Fixture, parent: Option<Oid>, number: u32) -> Oid {
        let path = format!("file{number}");
        let change = Change::Create { content: path.clone().into(), executable: false };
        let actions = vec![Action { path: path.clone(), change }];
        let request = CommitRequest { parent, actions, message: path, author: ann(1), committer: ann(1) };
        let repository = fixture.repository(7);
        let oid = repository.commit_files(&request).await.unwrap();
        repository.update_ref("refs/heads/main", oid, parent.unwrap_or(Oid::ZERO)).await.unwrap();
        repository.update_ref(&format!("refs/tags/{number}"), oid, Oid::ZERO).await.unwrap();
        oid
    }

    /// Copies are taken without pause while commits are made and packs are joined; each is whole, and none lacks what
    /// was there before it was begun.
    #[tokio::test(flavor = "multi_thread")]
    async fn every_copy_is_whole_whatever_goes_on_meanwhile() {
        let fixture = std::sync::Arc::new(Fixture::new().await);
        let repositories = fixture.repository(7).path().ancestors().nth(4).unwrap().to_owned();
        let scratch = fixture.folder.path().join("copies");
        assert!(!take(&repositories, RepositoryId(7), &scratch.join("none")).unwrap());
        fixture.repository(7).ensure("main").await.unwrap();
        let mut head = commit(&fixture, None, 0).await;
        let (count, seen) = tokio::sync::watch::channel(1_u32);
        let writing = tokio::spawn({
            let fixture = std::sync::Arc::clone(&fixture);
            async move {
                for number in 1..40 {
                    head = commit(&fixture, Some(head), number).await;
                    count.send(number + 1).unwrap();
                    if number % 7 == 0 {
                        fixture.repository(7).maintain(|| {}).await.unwrap();
                    }
                }
            }
        });
        let mut copies = 0;
        while !writing.is_finished() && copies < 60 {
            let (before, into) = (*seen.borrow(), scratch.join(copies.to_string()));
            let (from, to) = (repositories.clone(), into.clone());
            let taken = tokio::task::spawn_blocking(move || take(&from, RepositoryId(7), &to));
            assert!(taken.await.unwrap().unwrap());
            let aside = scratch.join(format!("restored{copies}"));
            let place = prepare(&aside, RepositoryId(7)).unwrap();
            run(&into, "cp", &["-r", "HEAD", "packed-refs", "objects", place.to_str().unwrap()]);
            tokio::task::spawn_blocking(move || {
                run(&place, "git", &["fsck", "--full", "--strict", "--no-dangling"]);
                let tags = run(&place, "git", &["tag", "--list"]).lines().count();
                assert!(tags >= before as usize - 1, "{tags} of {before}");
                assert_eq!(run(&place, "git", &["symbolic-ref", "HEAD"]), "refs/heads/main\n");
            })
            .await
            .unwrap();
            copies += 1;
        }
        writing.await.unwrap();
        assert!(copies > 2, "{copies}");
        assert_eq!(folders(&repositories).unwrap(), [RepositoryId(7).relative_path()]);
    }
}
