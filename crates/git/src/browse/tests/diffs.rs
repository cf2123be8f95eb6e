//! What commits changed: compared with what git says.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::{browse, commit_all, commit_bytes, path, tree_bytes, write_object};
use crate::browse::{Body, Changes, Details, FileChange, LineKind, Status};
use crate::testing::{Fixture, Work, stored};
use crate::{Oid, Repository};

async fn details(repository: &Repository, commit: Oid) -> Details {
    browse(repository, move |reader| reader.details(commit)).await
}

/// The hunks as git writes them.
fn unified(file: &FileChange) -> String {
    let Body::Text { hunks, cut: false } = &file.body else { panic!("{:?}", file.body) };
    let mut text = String::new();
    let range = |start, lines| if lines == 1 { format!("{start}") } else { format!("{start},{lines}") };
    for hunk in hunks {
        let (old, new) = (range(hunk.old_start, hunk.old_lines), range(hunk.new_start, hunk.new_lines));
        writeln!(text, "@@ -{old} +{new} @@").unwrap();
        for line in &hunk.lines {
            let sign = match line.kind {
                LineKind::Context => ' ',
                LineKind::Added => '+',
                LineKind::Removed => '-',
            };
            writeln!(text, "{sign}{}", line.text).unwrap();
            if line.unended {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// The same from git.
fn of_git(work: &Work, commit: Oid, file: &str) -> String {
    let range = format!("{commit}^!");
    let text = work.git(&["diff", "--histogram", "--no-color", "-M", &range, "--", file]);
    let start = text.find("@@ ").unwrap_or(text.len());
    let lines = text[start..].split_terminator('\n').map(|line| match line.strip_prefix("@@ ") {
        Some(rest) => format!("@@ {} @@", rest.split(" @@").next().unwrap()),
        None => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}

fn summary(changes: &Changes) -> Vec<(Status, String)> {
    changes.files.iter().map(|file| (file.status, file.path().to_string())).collect()
}

#[tokio::test]
async fn hunks_are_those_of_git() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let numbers =
        |range: std::ops::Range<u32>| range.fold(String::new(), |text, n| text + &format!("line {n}\n"));
    let base = numbers(0..100);
    let versions = [
        base.clone(),
        base.replace("line 50\n", "line fifty\n"),
        base.replace("line 0\n", "").replace("line 99\n", "the end"),
        base.replace("line 10\n", "x\n")
            .replace("line 17\n", "y\n")
            .replace("line 30\n", "")
            .replace("line 38\n", ""),
        String::new(),
        "no end".to_owned(),
        "no end\n".to_owned(),
        numbers(50..60) + &numbers(0..50),
        "a\r\nb\r\n".to_owned(),
        "one\n\ttwo\n\n\n".to_owned(),
    ];
    let mut commits = Vec::new();
    for version in &versions {
        commits.push(work.commit("file", version));
    }
    // git takes latin-1 for text, too.
    commits.push(work.commit("file", b"caf\xe9\n"));
    let repository = stored(&fixture, &work).await;
    for commit in commits {
        let shown = details(&repository, commit).await;
        let file = &shown.changes.files[0];
        assert_eq!((shown.changes.files.len(), file.path()), (1, path("file")));
        let numstat = work.git(&["diff", "--histogram", "--numstat", &format!("{commit}^!")]);
        assert_eq!(format!("{}\t{}\tfile\n", file.added, file.removed), numstat);
        if file.added == 1 && file.removed == 4 {
            // The clients of the tests read UTF-8 alone.
            assert!(unified(file).contains("+caf\u{fffd}\n"));
        } else {
            assert_eq!(unified(file), of_git(&work, commit, "file"), "{commit}");
        }
        let Body::Text { hunks, .. } = &file.body else { unreachable!() };
        for hunk in hunks {
            let olds: Vec<_> = hunk.lines.iter().filter_map(|line| line.old).collect();
            let news: Vec<_> = hunk.lines.iter().filter_map(|line| line.new).collect();
            assert_eq!((olds.len(), news.len()), (hunk.old_lines as usize, hunk.new_lines as usize));
            assert_eq!(
                (olds.first().copied().unwrap_or(hunk.old_start), hunk.old_lines == 0),
                (hunk.old_start, olds.is_empty())
            );
            assert!(olds.windows(2).chain(news.windows(2)).all(|pair| pair[1] == pair[0] + 1));
        }
    }
}

#[tokio::test]
async fn every_kind_of_change() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let long = (0..40).fold(String::new(), |text, n| text + &format!("some line {n}\n"));
    for (name, content) in
        [("moved", &long), ("edited", &long.replace("some", "other")), ("gone", &"g\n".to_owned())]
    {
        work.commit(&format!("old/{name}"), content);
    }
    work.commit("mode.sh", "#!/bin/sh\n");
    work.commit("picture", [0, 1, 2]);
    work.commit("kind", "file\n");
    work.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},module", "1".repeat(40))]);
    work.git(&["commit", "-q", "-m", "module"]);

    work.git(&["mv", "old/moved", "new-place"]);
    work.git(&["mv", "old/edited", "renamed"]);
    std::fs::write(work.0.join("renamed"), long.replace("some", "other").replace("line 7\n", "line seven\n"))
        .unwrap();
    work.git(&["rm", "-q", "old/gone"]);
    std::fs::create_dir_all(work.0.join("deep/er")).unwrap();
    std::fs::write(work.0.join("deep/er/new"), "n\n").unwrap();
    std::fs::write(work.0.join("picture"), [0, 1, 2, 3]).unwrap();
    std::fs::remove_file(work.0.join("kind")).unwrap();
    std::os::unix::fs::symlink("mode.sh", work.0.join("kind")).unwrap();
    std::fs::write(work.0.join("empty"), "").unwrap();
    work.git(&["add", "deep", "picture", "kind", "empty", "renamed"]);
    work.git(&["update-index", "--chmod=+x", "mode.sh"]);
    work.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},module", "2".repeat(40))]);
    work.git(&["commit", "-q", "-m", "everything\n\nat once"]);
    let head = work.head();
    let repository = stored(&fixture, &work).await;
    let shown = details(&repository, head).await;
    assert_eq!((&*shown.commit.message, shown.message_cut), ("everything\n\nat once\n", false));
    assert_eq!((shown.changes.total, shown.changes.is_cut()), (9, false));
    let expected = [
        (Status::Added, "deep/er/new"),
        (Status::Added, "empty"),
        (Status::Modified, "kind"),
        (Status::Modified, "mode.sh"),
        (Status::Modified, "module"),
        (Status::Renamed, "new-place"),
        (Status::Deleted, "old/gone"),
        (Status::Modified, "picture"),
        (Status::Renamed, "renamed"),
    ];
    assert_eq!(summary(&shown.changes), expected.map(|(status, path)| (status, path.to_owned())));
    let [added, empty, kind, mode, module, moved, gone, picture, renamed] = &shown.changes.files[..] else {
        panic!()
    };
    assert_eq!(unified(added), "@@ -0,0 +1 @@\n+n\n");
    assert_eq!(empty.body, Body::Same);
    assert_eq!(kind.mode_change(), Some((0o100_644, 0o120_000)));
    assert_eq!((&mode.body, mode.mode_change()), (&Body::Same, Some((0o100_644, 0o100_755))));
    assert_eq!(
        (&module.body, module.old.as_ref().unwrap().oid.to_string()),
        (&Body::Submodule, "1".repeat(40))
    );
    assert_eq!(
        (&moved.body, moved.old.as_ref().unwrap().path.to_string()),
        (&Body::Same, "old/moved".to_owned())
    );
    assert_eq!(unified(gone), "@@ -1 +0,0 @@\n-g\n");
    assert_eq!(picture.body, Body::Binary { old: 3, new: 4 });
    assert_eq!(renamed.old.as_ref().unwrap().path, path("old/edited"));
    assert_eq!((renamed.added, renamed.removed, renamed.mode_change()), (1, 1, None));
    assert_eq!(shown.changes.lines(), (3, 3));
}

#[tokio::test]
async fn merges_roots_and_empty_commits() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let root = work.head();
    work.git(&["checkout", "-q", "-b", "side"]);
    let side = work.commit("side/file", "s\n");
    work.git(&["checkout", "-q", "main"]);
    let main = work.commit("main", "m\n");
    work.git(&["merge", "-q", "--no-ff", "-m", "Merge", "side"]);
    let merge = work.head();
    work.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
    let nothing = work.head();
    work.git(&["mv", "side/file", "side2"]);
    std::fs::create_dir_all(work.0.join("main2")).unwrap();
    work.git(&["mv", "main", "main2/main"]);
    let folder = commit_all(&work, "a file where a folder was, and the reverse");
    let repository = stored(&fixture, &work).await;
    let shown = details(&repository, root).await;
    assert_eq!(summary(&shown.changes), [(Status::Added, "README.md".to_owned())]);
    let shown = details(&repository, merge).await;
    assert_eq!(shown.commit.parents, [main, side]);
    assert_eq!(summary(&shown.changes), [(Status::Added, "side/file".to_owned())]);
    assert_eq!(details(&repository, nothing).await.changes.files, []);
    let shown = details(&repository, folder).await;
    let expected = [(Status::Renamed, "main2/main".to_owned()), (Status::Renamed, "side2".to_owned())];
    assert_eq!(summary(&shown.changes), expected);
}

#[tokio::test]
async fn too_much_is_cut_and_told() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    for number in 0..120 {
        std::fs::write(work.0.join(format!("f{number:03}")), format!("line {number}\n").repeat(80)).unwrap();
    }
    let many = commit_all(&work, "many");
    let large = work.commit("large", "many lines\n".repeat(3000));
    let wide = work.commit("large", "x".repeat(100_000) + "\n");
    let huge = work.commit("large", "y\n".repeat(600_000));
    let shorter = work.commit("large", "z\n".repeat(200_000));
    let long = "m".repeat(100_000);
    std::fs::write(work.0.join(".git/message"), format!("title\n\n{long}")).unwrap();
    work.git(&["commit", "-q", "--allow-empty", "-F", ".git/message"]);
    let message = work.head();
    let repository = stored(&fixture, &work).await;
    let lines = |changes: &Changes| {
        let hunks = changes.files.iter().filter_map(|file| match &file.body {
            Body::Text { hunks, .. } => Some(hunks.iter().map(|hunk| hunk.lines.len()).sum::<usize>()),
            _ => None,
        });
        hunks.collect::<Vec<_>>()
    };
    let shown = details(&repository, many).await.changes;
    assert_eq!((shown.files.len(), shown.total, shown.is_cut(), shown.search_cut), (100, 120, true, false));
    assert_eq!(lines(&shown).iter().sum::<usize>(), 5000);
    assert_eq!(shown.lines(), (8000, 0), "what is not given is counted");
    let shown = details(&repository, large).await.changes;
    assert_eq!((lines(&shown), shown.files[0].added), (vec![1000], 3000));
    assert!(matches!(shown.files[0].body, Body::Text { cut: true, .. }));
    let shown = details(&repository, wide).await.changes;
    let Body::Text { hunks, .. } = &shown.files[0].body else { panic!() };
    assert!(hunks[0].lines.iter().all(|line| line.text.len() <= 4096));
    assert_eq!(details(&repository, huge).await.changes.files[0].body, Body::TooLarge);
    assert_eq!(details(&repository, shorter).await.changes.files[0].body, Body::TooLarge);
    let shown = details(&repository, message).await;
    assert!(shown.message_cut && shown.commit.message.len() == 64 << 10);
}

/// Folders of folders of folders: 2^60 paths in sixty objects.
#[tokio::test]
async fn a_tree_that_unfolds_without_end_is_given_up() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let repository = stored(&fixture, &work).await;
    let blob = write_object(repository.path(), "blob", b"x");
    for leaf in [tree_bytes(&[("100644", b"a", blob)]), Vec::new()] {
        let mut tree = write_object(repository.path(), "tree", &leaf);
        for _ in 0..60 {
            tree = write_object(
                repository.path(),
                "tree",
                &tree_bytes(&[("40000", b"a", tree), ("40000", b"b", tree)]),
            );
        }
        let head = write_object(repository.path(), "commit", &commit_bytes(tree, &[], 1));
        let shown = details(&repository, head).await.changes;
        assert!(shown.search_cut && shown.files.len() <= 100 && shown.total <= 3000);
        let root = browse(&repository, move |reader| reader.tree(head, &path("a/b/a/b"))).await;
        assert_eq!(root.total, 2);
        let last = super::last(&repository, head, "b/b").await;
        assert_eq!(last.0.into_values().collect::<BTreeSet<_>>(), BTreeSet::from([head]));
    }
}

#[tokio::test]
async fn many_renames_at_once() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    for number in 0..300 {
        let file = work.0.join(format!("a/{number}"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        // Every other file has the same content as many others.
        let text = if number % 2 == 0 { "same\n".to_owned() } else { format!("own {number}\n") };
        std::fs::write(file, text).unwrap();
    }
    commit_all(&work, "there");
    work.git(&["mv", "a", "b"]);
    let head = commit_all(&work, "moved");
    let repository = stored(&fixture, &work).await;
    let shown = details(&repository, head).await.changes;
    assert_eq!(shown.total, 300);
    for file in &shown.files {
        assert_eq!((file.status, &file.body), (Status::Renamed, &Body::Same));
        assert_eq!(file.old.as_ref().unwrap().path.name(), file.path().name());
    }
}
