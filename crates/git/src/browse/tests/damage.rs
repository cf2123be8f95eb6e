//! Repositories that git would not have made: errors, never a panic, never without end.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{browse, commit_bytes, path, tree_bytes, write_object};
use crate::browse::{HeadKind, Reader};
use crate::testing::{Fixture, stored};
use crate::{GitError, Oid, Repository, Result};

fn object_file(repository: &Path, oid: Oid) -> PathBuf {
    let name = oid.to_string();
    repository.join("objects").join(&name[..2]).join(&name[2..])
}

async fn is_damaged<T: Send + 'static>(
    repository: &Repository,
    work: impl FnOnce(&Reader) -> Result<T> + Send + 'static,
) {
    match repository.browse(work).await {
        Err(GitError::Damaged { .. }) => {}
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("must not work"),
    }
}

/// Three commits as loose objects: a blob, its tree, a commit with a parent.
async fn loose(fixture: &Arc<Fixture>) -> (Repository, [Oid; 4]) {
    let repository = stored(fixture, &fixture.work("work")).await;
    let folder = repository.path();
    let blob = write_object(folder, "blob", &b"some text\n".repeat(1000));
    let tree = write_object(folder, "tree", &tree_bytes(&[("100644", b"a", blob)]));
    let parent = write_object(folder, "commit", &commit_bytes(tree, &[], 1));
    let head = write_object(folder, "commit", &commit_bytes(tree, &[parent], 2));
    (repository, [blob, tree, parent, head])
}

#[tokio::test]
async fn lost_and_cut_objects() {
    let fixture = Arc::new(Fixture::new().await);
    let (repository, [blob, tree, parent, head]) = loose(&fixture).await;
    for (oid, cut) in
        [(blob, false), (blob, true), (tree, false), (tree, true), (parent, false), (parent, true)]
    {
        let file = object_file(repository.path(), oid);
        let whole = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        if cut {
            std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        }
        if oid == blob {
            is_damaged(&repository, move |reader| reader.blob(head, &path("a"), 1 << 20)).await;
            assert_eq!(browse(&repository, move |reader| reader.tree(head, &path(""))).await.total, 1);
        } else if oid == tree {
            is_damaged(&repository, move |reader| reader.tree(head, &path(""))).await;
            is_damaged(&repository, move |reader| reader.history(head, &path("a"), 0, 10)).await;
            assert_eq!(
                browse(&repository, move |reader| reader.history(head, &path(""), 0, 10)).await.commits.len(),
                2
            );
        } else {
            is_damaged(&repository, move |reader| reader.history(head, &path(""), 0, 10)).await;
            is_damaged(&repository, move |reader| {
                let entries = reader.tree(head, &path(""))?.entries;
                reader.last_commits(head, &path(""), &entries)
            })
            .await;
        }
        std::fs::remove_file(&file).ok();
        std::fs::write(&file, whole).unwrap();
    }
    assert_eq!(browse(&repository, move |reader| reader.blob(head, &path("a"), 1 << 20)).await.size, 10_000);
}

/// Every byte of a pack and of its index is turned round once, and both are cut at every place.
#[tokio::test]
async fn damaged_packs() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    for number in 0..6 {
        work.commit("dir/file", format!("{}{number}\n", "the same lines again and again\n".repeat(20)));
    }
    let head = work.head();
    let repository = stored(&fixture, &work).await;
    repository.maintain(|| {}).await.unwrap();
    let packs = repository.path().join("objects/pack");
    let files: Vec<_> = std::fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path()).collect();
    let files: Vec<_> = files
        .into_iter()
        .filter(|file| {
            file.extension().is_some_and(|kind| kind == "pack" || kind == "idx")
                || file.ends_with("multi-pack-index")
        })
        .collect();
    assert!(files.len() >= 2, "{files:?}");
    let read = |reader: &Reader| {
        let head = reader.branch("main")?.ok_or(GitError::NotFound)?;
        reader.counts()?;
        let tree = reader.tree(head, &path("dir"))?;
        reader.last_commits(head, &path("dir"), &tree.entries)?;
        reader.history(head, &path("dir/file"), 0, 100)?;
        reader.details(head)?;
        reader.resolve(&path(&head.to_string()[..9]), None)?;
        reader.blob(head, &path("dir/file"), 1 << 20)
    };
    assert!(repository.browse(read).await.unwrap().size > 0);
    let mut failures = 0;
    for file in files {
        let whole = std::fs::read(&file).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 150 + 1) {
            let mut turned = whole.clone();
            turned[at] ^= 0xff;
            for content in [&turned[..], &whole[..at]] {
                // Another file each time: the one before may still be mapped.
                let fresh = file.with_extension("fresh");
                std::fs::write(&fresh, content).unwrap();
                std::fs::rename(&fresh, &file).unwrap();
                failures += usize::from(repository.browse(read).await.is_err());
            }
        }
        std::fs::write(file.with_extension("fresh"), &whole).unwrap();
        std::fs::rename(file.with_extension("fresh"), &file).unwrap();
    }
    assert!(failures > 50, "{failures}");
    assert!(repository.browse(read).await.unwrap().size > 0);
    assert_eq!(browse(&repository, move |reader| reader.brief(head)).await.oid, head);
}

#[tokio::test]
async fn objects_of_the_wrong_kind_and_shape() {
    let fixture = Arc::new(Fixture::new().await);
    let (repository, [blob, tree, _, head]) = loose(&fixture).await;
    let folder = repository.path().to_owned();
    for broken in [
        commit_bytes(blob, &[], 1),
        commit_bytes(head, &[], 1),
        b"".to_vec(),
        b"tree x\n\n".to_vec(),
        [b"tree ".as_slice(), tree.to_string().as_bytes(), b"\n\nno author"].concat(),
        commit_bytes(tree, &[blob], 1),
    ] {
        let commit = write_object(&folder, "commit", &broken);
        is_damaged(&repository, move |reader| {
            reader.tree(commit, &path(""))?;
            reader.history(commit, &path(""), 0, 10)
        })
        .await;
    }
    for broken in [
        b"100644 a".to_vec(),
        b"\0".to_vec(),
        b"100644 a\0short".to_vec(),
        b"x y\0".repeat(30),
        vec![0xff; 100],
    ] {
        let tree = write_object(&folder, "tree", &broken);
        let commit = write_object(&folder, "commit", &commit_bytes(tree, &[], 1));
        is_damaged(&repository, move |reader| reader.tree(commit, &path(""))).await;
        is_damaged(&repository, move |reader| reader.blob(commit, &path("a/b"), 1)).await;
    }
    // Names that are no names: listed, and nothing else.
    let odd = [
        ("100644", b"".as_slice(), blob),
        ("100644", b"..", blob),
        ("40000", b"a/b", tree),
        ("7", b"x", blob),
    ];
    let odd = write_object(&folder, "tree", &tree_bytes(&odd));
    let commit = write_object(&folder, "commit", &commit_bytes(odd, &[], 1));
    browse(&repository, move |reader| {
        let tree = reader.tree(commit, &path(""))?;
        assert_eq!(tree.total, 4);
        reader.last_commits(commit, &path(""), &tree.entries)?;
        assert!(tree.readme().is_none());
        Ok(())
    })
    .await;
    assert!(matches!(
        repository.browse(move |reader| reader.tree(blob, &path(""))).await,
        Err(GitError::NotFound)
    ));
}

#[tokio::test]
async fn heads_that_lead_nowhere() {
    let fixture = Arc::new(Fixture::new().await);
    let (repository, [blob, ..]) = loose(&fixture).await;
    let heads = repository.path().join("refs/heads");
    std::fs::write(heads.join("gone"), format!("{}\n", "1".repeat(40))).unwrap();
    std::fs::write(heads.join("blob"), format!("{blob}\n")).unwrap();
    std::fs::write(heads.join("empty"), "").unwrap();
    std::fs::write(heads.join("link"), "ref: refs/heads/main\n").unwrap();
    let nested = |target: Oid, kind: &str| {
        let text = format!("object {target}\ntype {kind}\ntag x\ntagger Ann <a@x> 1 +0000\n\ntext\n");
        write_object(repository.path(), "tag", text.as_bytes())
    };
    let mut tag = nested(blob, "blob");
    for _ in 0..20 {
        tag = nested(tag, "tag");
    }
    std::fs::write(repository.path().join("refs/tags/deep"), format!("{tag}\n")).unwrap();
    browse(&repository, |reader| {
        let heads = reader.heads(HeadKind::Branch, None, true, 0, 10)?;
        let list: Vec<_> =
            heads.heads.iter().map(|head| (head.name.to_string(), head.commit.is_some())).collect();
        let expected = [("main", true), ("blob", false), ("gone", false)];
        assert_eq!(list, expected.map(|(name, has)| (name.to_owned(), has)));
        let tags = reader.heads(HeadKind::Tag, None, true, 0, 10)?;
        assert_eq!((tags.heads[0].commit.is_some(), tags.heads[0].annotation.is_some()), (false, true));
        assert!(reader.resolve(&path("gone/x"), None)?.is_none());
        assert!(reader.resolve(&path("deep/x"), None)?.is_none());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn nothing_of_another_repository_is_read() {
    let fixture = Arc::new(Fixture::new().await);
    let (repository, _) = loose(&fixture).await;
    let other = fixture.work("other");
    std::fs::write(
        repository.path().join("objects/info/alternates"),
        other.0.join(".git/objects").to_str().unwrap(),
    )
    .unwrap();
    is_damaged(&repository, Reader::counts).await;
}

#[tokio::test]
async fn replacements_are_not_followed() {
    let fixture = Arc::new(Fixture::new().await);
    let (repository, [blob, _, _, head]) = loose(&fixture).await;
    let other = write_object(repository.path(), "blob", b"replaced");
    let folder = repository.path().join("refs/replace");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(blob.to_string()), format!("{other}\n")).unwrap();
    assert_eq!(browse(&repository, move |reader| reader.blob(head, &path("a"), 1 << 20)).await.size, 10_000);
}
