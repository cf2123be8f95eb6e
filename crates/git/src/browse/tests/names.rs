//! Branches, tags, and what URLs stand for.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

use super::{browse, path};
use crate::Oid;
use crate::browse::{Counts, GitPath, HeadKind, ResolvedKind};
use crate::testing::{Fixture, run, stored};

#[tokio::test]
async fn a_missing_folder_has_nothing() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository(5);
    let nothing: Oid = "1".repeat(40).parse().unwrap();
    browse(&repository, move |reader| {
        assert_eq!(reader.counts()?, Counts::default());
        assert!(reader.branch("main")?.is_none());
        assert!(reader.heads(HeadKind::Branch, None, true, 0, 10)?.heads.is_empty());
        for rest in ["", "main", "main/a", "1111111", &"1".repeat(40)] {
            assert!(reader.resolve(&path(rest), None)?.is_none(), "{rest}");
        }
        for refused in [
            reader.tree(nothing, &path("")).err(),
            reader.blob(nothing, &path("a"), 10).err(),
            reader.history(nothing, &path(""), 0, 10).err(),
            reader.last_commits(nothing, &path(""), &[]).err(),
        ] {
            assert!(matches!(refused, Some(crate::GitError::NotFound)), "{refused:?}");
        }
        Ok(())
    })
    .await;
    assert!(!repository.exists());
}

#[tokio::test]
async fn the_longest_name_wins() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let first = work.head();
    work.git(&["branch", "feature/deep/er"]);
    work.git(&["tag", "both"]);
    work.git(&["tag", "-a", "-m", "one", "v1.0"]);
    let second = work.commit("feature/deep/er", "a file that is called like the branch");
    work.git(&["branch", "both"]);
    // A branch that is called like the beginning of a commit.
    let digits = &first.to_string()[..8];
    work.git(&["branch", digits]);
    let repository = stored(&fixture, &work).await;
    for packed in [false, true] {
        if packed {
            repository.maintain(|| {}).await.unwrap();
        }
        let short = first.to_string()[..7].to_owned();
        let digits = digits.to_owned();
        browse(&repository, move |reader| {
            use ResolvedKind::{Branch, Commit, Tag};
            let full = first.to_string();
            for (rest, name, kind, commit, below) in [
                ("main", "main", Branch, second, ""),
                ("main/", "main", Branch, second, ""),
                ("main/feature/deep", "main", Branch, second, "feature/deep"),
                ("feature/deep/er", "feature/deep/er", Branch, first, ""),
                ("feature/deep/er/a/b", "feature/deep/er", Branch, first, "a/b"),
                ("both/x", "both", Tag, first, "x"),
                ("v1.0/x", "v1.0", Tag, first, "x"),
                (&full, &full, Commit, first, ""),
                (&format!("{full}/a"), &full, Commit, first, "a"),
                (&format!("{short}/a"), &short, Commit, first, "a"),
                (&digits, &digits, Branch, second, ""),
            ] {
                let found = reader.resolve(&path(rest), None)?.unwrap_or_else(|| panic!("{rest}"));
                assert_eq!((found.name.to_string(), found.kind), (name.to_owned(), kind), "{rest}");
                assert_eq!((found.commit, found.path.to_string()), (commit, below.to_owned()), "{rest}");
            }
            let branch = reader.resolve(&path("both"), Some(HeadKind::Branch))?.unwrap();
            assert_eq!((branch.kind, branch.commit), (Branch, second));
            for absent in
                ["", "feature", "feature/deep", "mai", "MAIN", "refs/heads/main", "HEAD", "-x", "nope/a"]
            {
                assert!(reader.resolve(&path(absent), None)?.is_none(), "{absent}");
            }
            // Six digits are too few, and a tree is no commit.
            assert!(reader.resolve(&path(&full[..6]), None)?.is_none());
            let tree = reader.tree(first, &path(""))?.oid;
            assert!(reader.resolve(&path(&tree.to_string()), None)?.is_none());
            assert_eq!(reader.branch("feature/deep/er")?, Some(first));
            assert_eq!(reader.branch("../x")?, None);
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn lists_of_heads() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let tree = work.git(&["write-tree"]);
    let made = |name: &str, time: i64| {
        let date = format!("{time} +0000");
        let commit = run(
            &work.0,
            "env",
            &[
                &format!("GIT_COMMITTER_DATE={date}"),
                "git",
                "commit-tree",
                "-m",
                &format!("Title of {name}\n\nand more"),
                tree.trim(),
            ],
        );
        work.git(&["branch", name, commit.trim()]);
    };
    for (name, time) in [("old", 1_000_000_000), ("Newest", 1_900_000_000), ("a/b", 1_500_000_000)] {
        made(name, time);
    }
    work.git(&["checkout", "-q", "--detach"]);
    work.git(&["branch", "-D", "-q", "main"]);
    work.git(&["tag", "-a", "-m", "Release\n\nnotes", "v1", "old"]);
    work.git(&["tag", "light", "old"]);
    work.git(&["tag", "tree", "old^{tree}"]);
    let repository = stored(&fixture, &work).await;
    browse(&repository, |reader| {
        assert_eq!(reader.counts()?, Counts { branches: 3, tags: 3 });
        let names = |newest, search, skip, limit| {
            let found = reader.heads(HeadKind::Branch, search, newest, skip, limit).unwrap();
            assert_eq!(found.dated, newest);
            (found.heads.iter().map(|head| head.name.to_string()).collect::<Vec<_>>().join(" "), found.total)
        };
        assert_eq!(names(false, None, 0, 10), ("Newest a/b old".to_owned(), 3));
        assert_eq!(names(true, None, 0, 10), ("Newest a/b old".to_owned(), 3));
        assert_eq!(names(true, None, 1, 1), ("a/b".to_owned(), 3));
        assert_eq!(names(false, Some("NEW"), 0, 10), ("Newest".to_owned(), 1));
        assert_eq!(names(false, Some("zzz"), 0, 10), (String::new(), 0));
        let branches = reader.heads(HeadKind::Branch, Some("old"), true, 0, 10)?.heads;
        let commit = branches[0].commit.as_ref().unwrap();
        assert_eq!((&*commit.title, commit.committer.time), ("Title of old", 1_000_000_000));
        assert_eq!(branches[0].annotation, None);

        let tags = reader.heads(HeadKind::Tag, None, false, 0, 10)?.heads;
        let names: Vec<_> = tags.iter().map(|tag| tag.name.to_string()).collect();
        assert_eq!(names, ["light", "tree", "v1"]);
        assert_eq!(tags[0].commit.as_ref().unwrap().oid, tags[0].target);
        assert_eq!((&tags[1].commit, &tags[1].annotation, tags[1].time()), (&None, &None, None));
        assert_eq!(tags[2].annotation.as_ref().unwrap().message, "Release\n\nnotes");
        assert_eq!(tags[2].commit, tags[0].commit);
        assert!(tags[2].time() > tags[0].time());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn names_that_are_not_utf8_are_shown_and_reached() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let head = stored(&fixture, &work).await;
    let commit = work.head();
    let folder = head.path().join("refs/heads");
    std::fs::write(folder.join(OsStr::from_bytes(b"caf\xe9")), format!("{commit}\n")).unwrap();
    // git's own lock files are no branches, and a folder may be empty.
    std::fs::write(folder.join("main.lock"), "").unwrap();
    std::fs::create_dir(folder.join("empty")).unwrap();
    // More folders than a process may have open.
    let deep = "d/".repeat(1500);
    std::fs::create_dir_all(folder.join(&deep)).unwrap();
    std::fs::write(folder.join(&deep).join("x"), format!("{commit}\n")).unwrap();
    browse(&head, move |reader| {
        let heads = reader.heads(HeadKind::Branch, Some("caf"), false, 0, 10)?;
        assert_eq!(heads.heads[0].name.to_string(), "caf\u{fffd}");
        let url = heads.heads[0].name.to_url();
        assert_eq!(url, "caf%E9");
        let found = reader.resolve(&GitPath::from_url(&format!("{url}/a"))?, None)?.unwrap();
        assert_eq!((found.commit, found.path), (commit, path("a")));
        assert_eq!(reader.counts()?.branches, 3);
        assert_eq!(reader.heads(HeadKind::Branch, Some("d/x"), false, 0, 10)?.total, 1);
        Ok(())
    })
    .await;
}
