//! Reading what a real client pushed.

use std::sync::Arc;

use crate::testing::{Fixture, run, stored};
use crate::{ArchiveFormat, Branch, EntryKind, GitError, Log, LogStart, Oid};

#[tokio::test]
async fn a_missing_folder_reads_as_empty() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository(5);
    assert!(repository.is_empty().await.unwrap());
    assert!(repository.branches().await.unwrap().is_empty());
    assert!(repository.tags().await.unwrap().is_empty());
    assert_eq!(repository.head_branch().await.unwrap(), "main");
    for revision in ["HEAD", "main", "abcd", "--all", "main:x"] {
        assert!(repository.resolve(revision).await.unwrap().is_none());
    }
    let nothing: Oid = "1".repeat(40).parse().unwrap();
    assert!(matches!(repository.commit(nothing).await, Err(GitError::NotFound)));
    assert!(matches!(repository.tree(nothing, "", false).await, Err(GitError::NotFound)));
    assert!(matches!(repository.blob(nothing, 10).await, Err(GitError::NotFound)));
    assert!(matches!(repository.log(&Log::of(nothing, 5)).await, Err(GitError::NotFound)));
    let all = Log { start: LogStart::All, ..Log::of(nothing, 5) };
    assert!(repository.log(&all).await.unwrap().is_empty());
    assert_eq!(repository.log_count(&all).await.unwrap(), 0);
    assert_eq!(repository.fsck().await.unwrap(), Vec::<String>::new());
    assert_eq!(repository.disk_size().await.unwrap(), 0);
    repository.remove().await.unwrap();
    assert!(!repository.exists());
}

#[tokio::test]
async fn revisions_branches_and_tags() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let first = work.head();
    work.git(&["branch", "feature/old"]);
    work.git(&["tag", "light"]);
    work.git(&["tag", "-a", "-m", "Release one\n\nwith notes", "v1"]);
    work.git(&["tag", "-a", "-m", "about a tag", "nested", "v1"]);
    work.git(&["tag", "tree", "HEAD^{tree}"]);
    let second = work.commit("b", "2");
    work.git(&["branch", "both"]);
    work.git(&["tag", "both", &first.to_string()]);
    work.git(&["checkout", "-q", "--detach", &first.to_string()]);
    let side = work.commit("c", "3");
    work.git(&["branch", "side"]);
    let repository = stored(&fixture, &work).await;

    for packed in [false, true] {
        if packed {
            repository.maintain(|| {}).await.unwrap();
            assert!(!repository.path().join("refs/heads/main").exists());
        }
        assert!(!repository.is_empty().await.unwrap());
        let branches = repository.branches().await.unwrap();
        let names: Vec<_> = branches.iter().map(|branch| (&*branch.name, branch.commit)).collect();
        assert_eq!(names, [("both", second), ("feature/old", first), ("main", second), ("side", side)]);
        let main = Branch { name: "main".into(), commit: second };
        assert_eq!(repository.branch("main").await.unwrap(), Some(main));
        for absent in ["feature", "mai", "refs/heads/main", "HEAD", "../main", "-x", ""] {
            assert!(repository.branch(absent).await.unwrap().is_none(), "{absent}");
        }
        let merged = repository.branches_merged_into(second).await.unwrap();
        let names: Vec<_> = merged.iter().map(|branch| &*branch.name).collect();
        assert_eq!(names, ["both", "feature/old", "main"]);

        for (revision, expected) in [
            ("main", Some(second)),
            ("HEAD", Some(second)),
            ("main~1", Some(first)),
            ("HEAD^", Some(first)),
            ("feature/old", Some(first)),
            ("refs/heads/side", Some(side)),
            ("v1", Some(first)),
            ("nested", Some(first)),
            // As in git: the tag goes first.
            ("both", Some(first)),
            (&second.to_string(), Some(second)),
            (&second.to_string()[..10], Some(second)),
            ("tree", None),
            ("main~9", None),
            ("nothing", None),
            ("feature", None),
            ("main:b", None),
            ("main\nHEAD", None),
            ("--help", None),
            (&"0".repeat(40), None),
        ] {
            assert_eq!(repository.resolve(revision).await.unwrap(), expected, "{revision:?}");
        }
    }

    let tags = repository.tags().await.unwrap();
    let names: Vec<_> = tags.iter().map(|tag| (&*tag.name, tag.commit)).collect();
    let first_of_all = Some(first);
    assert_eq!(
        names,
        [
            ("both", first_of_all),
            ("light", first_of_all),
            ("nested", first_of_all),
            ("tree", None),
            ("v1", first_of_all)
        ]
    );
    let v1 = repository.tag("v1").await.unwrap().unwrap();
    assert_eq!(v1, tags[4]);
    assert_ne!(v1.target, first);
    let annotation = v1.annotation.unwrap();
    assert_eq!(annotation.message, "Release one\n\nwith notes");
    assert_eq!(annotation.tagger.unwrap().email, "ann@example.org");
    let light = repository.tag("light").await.unwrap().unwrap();
    assert_eq!((light.target, light.annotation), (first, None));
    assert!(repository.tag("v2").await.unwrap().is_none());
}

#[tokio::test]
async fn files_and_directories() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    work.commit("docs/guide/intro.md", "intro\n");
    work.commit("docs/größe.txt", [0, 159, 146, 150]);
    work.commit("run.sh", "#!/bin/sh\n");
    work.git(&["update-index", "--chmod=+x", "run.sh"]);
    work.git(&["commit", "-q", "-m", "executable"]);
    let head = work.commit("-x", "option");
    let repository = stored(&fixture, &work).await;

    let paths = async |path: &str, recursive| {
        let entries = repository.tree(head, path, recursive).await.unwrap();
        entries.into_iter().map(|entry| entry.path).collect::<Vec<_>>()
    };
    assert_eq!(paths("", false).await, ["-x", "README.md", "docs", "run.sh"]);
    assert_eq!(paths("docs/", false).await, ["docs/größe.txt", "docs/guide"]);
    assert_eq!(paths("docs", true).await, ["docs/größe.txt", "docs/guide", "docs/guide/intro.md"]);
    assert_eq!(paths("/docs/guide/", true).await, ["docs/guide/intro.md"]);
    for absent in ["doc", "run.sh", "docs/*", "*"] {
        assert!(matches!(repository.tree(head, absent, false).await, Err(GitError::NotFound)), "{absent}");
    }
    assert!(matches!(repository.tree(head, "../x", false).await, Err(GitError::InvalidInput { .. })));

    let file = repository.file(head, "docs/größe.txt", 4).await.unwrap();
    assert_eq!((file.content, file.entry.size), (vec![0, 159, 146, 150], Some(4)));
    assert!(matches!(repository.file(head, "docs/größe.txt", 3).await, Err(GitError::TooLarge { limit: 3 })));
    let script = repository.file_meta(head, "run.sh").await.unwrap();
    assert!(script.is_executable() && script.mode_text() == "100755" && script.name() == "run.sh");
    assert_eq!(repository.file(head, "-x", 100).await.unwrap().content, b"option");
    for absent in ["docs", "docs/guide", "nothing", "run.sh/x", ""] {
        assert!(matches!(repository.file_meta(head, absent).await, Err(GitError::NotFound)), "{absent}");
    }
    assert_eq!(repository.entry(head, "docs").await.unwrap().unwrap().kind, EntryKind::Tree);

    let intro = repository.file_meta(head, "docs/guide/intro.md").await.unwrap();
    let (bytes, end) = crate::testing::collect(repository.blob_stream(intro.oid).await.unwrap()).await;
    end.unwrap();
    assert_eq!(bytes, b"intro\n");
    assert!(repository.blob_stream(head).await.is_err(), "a commit is no blob");
}

#[tokio::test]
async fn history() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let root = work.head();
    let a1 = work.commit("dir/a", "1\n2\n");
    let b = work.commit("b", "1\n");
    let a2 = work.commit("dir/a", "1\n3\n4\n");
    work.git(&["checkout", "-q", "-b", "side", &a1.to_string()]);
    let side = work.commit("s", "1\n");
    work.git(&["checkout", "-q", "main"]);
    work.git(&["merge", "-q", "--no-ff", "-m", "Merge side\n\nwhole message", "side"]);
    let merge = work.head();
    let repository = stored(&fixture, &work).await;

    let oids = async |log: Log| {
        let commits = repository.log(&log).await.unwrap();
        commits.into_iter().map(|commit| commit.oid).collect::<Vec<_>>()
    };
    let all = Log::of(merge, 100);
    assert_eq!(oids(all.clone()).await.len(), 6);
    assert_eq!(repository.log_count(&all).await.unwrap(), 6);
    assert_eq!(oids(Log { first_parent: true, ..all.clone() }).await, [merge, a2, b, a1, root]);
    assert_eq!(oids(Log { first_parent: true, skip: 1, limit: 2, ..all.clone() }).await, [a2, b]);
    assert_eq!(oids(Log { path: Some("dir".into()), ..all.clone() }).await, [a2, a1]);
    assert_eq!(oids(Log { path: Some("none".into()), ..all.clone() }).await, []);
    assert_eq!(oids(Log { start: LogStart::Range { from: side, without: a1 }, ..all.clone() }).await, [side]);
    assert_eq!(oids(Log { since: Some(i64::MAX / 2), ..all.clone() }).await, []);
    assert_eq!(oids(Log { until: Some(5), ..all.clone() }).await, []);
    assert_eq!(oids(Log { limit: 0, ..all }).await, []);

    let commit = repository.commit(merge).await.unwrap();
    assert_eq!((commit.parents.clone(), commit.title()), (vec![a2, side], "Merge side"));
    assert_eq!(commit.message, "Merge side\n\nwhole message\n");
    assert_eq!(repository.last_commit_for_path(merge, "dir/a").await.unwrap().unwrap().oid, a2);
    assert_eq!(repository.last_commit_for_path(merge, "").await.unwrap().unwrap().oid, merge);
    assert!(repository.last_commit_for_path(merge, "none").await.unwrap().is_none());

    assert!(repository.is_ancestor(a1, side, None).await.unwrap());
    assert!(!repository.is_ancestor(side, a1, None).await.unwrap());
    let gone: Oid = "1".repeat(40).parse().unwrap();
    assert!(!repository.is_ancestor(gone, side, None).await.unwrap());
    assert!(matches!(repository.is_ancestor(side, gone, None).await, Err(GitError::NotFound)));
    assert_eq!(repository.merge_base(side, a2).await.unwrap(), Some(a1));

    let stats = repository.diff_stats(Some(b), a2).await.unwrap();
    assert_eq!((stats.additions, stats.deletions, stats.files), (2, 1, 1));
    let stats = repository.diff_stats(None, root).await.unwrap();
    assert_eq!((stats.additions, stats.deletions, stats.files), (1, 0, 1));
}

#[tokio::test]
async fn archives() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let head = work.commit("docs/guide.md", "guide\n");
    let repository = stored(&fixture, &work).await;
    let archive = async |format, path| {
        let output = repository.archive(head, format, "project-main/", path).await.unwrap();
        let (bytes, end) = crate::testing::collect(output).await;
        end.unwrap();
        bytes
    };
    let tar = archive(ArchiveFormat::TarGz, None).await;
    std::fs::write(fixture.path().join("all.tar.gz"), tar).unwrap();
    run(fixture.path(), "tar", &["xzf", "all.tar.gz"]);
    let unpacked = fixture.path().join("project-main");
    assert_eq!(std::fs::read_to_string(unpacked.join("docs/guide.md")).unwrap(), "guide\n");
    assert!(archive(ArchiveFormat::Zip, Some("docs")).await.starts_with(b"PK"));
    for prefix in ["../", "/", "x", "--output=/x", ".git/"] {
        let refused = repository.archive(head, ArchiveFormat::Tar, prefix, None).await;
        assert!(matches!(refused, Err(GitError::InvalidInput { .. })), "{prefix}");
    }
    assert!(repository.archive(head, ArchiveFormat::Tar, "", Some("none")).await.is_err());
}
