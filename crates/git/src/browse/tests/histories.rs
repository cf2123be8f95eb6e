//! Histories, and which commit touched what last: compared with what git says.

use std::sync::Arc;

use super::{browse, commit_bytes, last, path, tree_bytes, write_object};
use crate::testing::{Fixture, Work, run, stored};
use crate::{Oid, Repository};

/// Histories with a merge whose sides changed different things, and one where a side was thrown away.
fn woven(work: &Work) {
    let date = std::cell::Cell::new(1_700_000_000);
    let commit = |file: &str, content: &str| {
        date.set(date.get() + 60);
        work.commit(file, content);
        let date = format!("{} +0000", date.get());
        run(
            &work.0,
            "env",
            &[&format!("GIT_COMMITTER_DATE={date}"), "git", "commit", "-q", "--amend", "--no-edit"],
        );
    };
    commit("dir/a", "1");
    commit("dir/b", "1");
    work.git(&["checkout", "-q", "-b", "side"]);
    commit("dir/a", "2");
    commit("dir/only-here", "1");
    work.git(&["checkout", "-q", "main"]);
    commit("c", "1");
    commit("dir/b", "2");
    work.git(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
    work.git(&["checkout", "-q", "-b", "lost"]);
    commit("dir/a", "thrown away");
    work.git(&["checkout", "-q", "main"]);
    commit("dir/sub/x", "1");
    work.git(&["merge", "-q", "-s", "ours", "-m", "Keep ours", "lost"]);
    commit("c", "2");
    work.git(&["rm", "-q", "dir/b"]);
    work.git(&["commit", "-q", "-m", "Remove b"]);
    commit("c", "1");
}

async fn history(
    repository: &Repository,
    commit: Oid,
    below: &str,
    skip: usize,
    limit: usize,
) -> (Vec<Oid>, bool) {
    let below = path(below);
    let found = browse(repository, move |reader| reader.history(commit, &below, skip, limit)).await;
    assert!(!found.cut);
    (found.commits.into_iter().map(|commit| commit.oid).collect(), found.more)
}

#[tokio::test]
async fn the_same_as_git_says() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    woven(&work);
    let head = work.head();
    let repository = stored(&fixture, &work).await;
    for packed in [false, true] {
        if packed {
            repository.maintain(|| {}).await.unwrap();
        }
        for below in ["", "dir", "dir/a", "dir/b", "dir/only-here", "c", "dir/sub", "README.md", "none"] {
            let log =
                work.git(&["log", "--format=%H", "HEAD", "--", if below.is_empty() { "." } else { below }]);
            let log = if below.is_empty() { work.git(&["log", "--format=%H"]) } else { log };
            let expected: Vec<Oid> = log.lines().map(|line| line.parse().unwrap()).collect();
            assert_eq!(history(&repository, head, below, 0, 100).await, (expected.clone(), false), "{below}");
            for skip in 0..expected.len() {
                let page = expected[skip..].iter().take(2).copied().collect();
                let more = expected.len() > skip + 2;
                assert_eq!(history(&repository, head, below, skip, 2).await, (page, more), "{below} {skip}");
            }
        }
        for folder in ["", "dir", "dir/sub"] {
            let (found, cut) = last(&repository, head, folder).await;
            assert!(!cut && !found.is_empty());
            for (name, oid) in found {
                let file = format!("{folder}/{name}");
                let file = file.trim_start_matches('/');
                let expected = work.git(&["log", "-1", "--format=%H", "--", file]);
                assert_eq!(oid.to_string(), expected.trim(), "{file}");
            }
        }
    }
    let brief = browse(&repository, move |reader| reader.brief(head)).await;
    assert_eq!((&*brief.title, &*brief.author.name), ("Change c", "Ann"));
}

#[tokio::test]
async fn long_histories_are_given_up() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let repository = stored(&fixture, &work).await;
    // 2,500 commits in one stream of git fast-import; only the first touches `a`.
    let mut stream = String::new();
    for number in 0..2500 {
        let content = if number == 0 { "M 100644 inline a\ndata 1\nx\n".to_owned() } else { String::new() };
        let time = 1_700_000_000 + number;
        let commit = format!(
            "commit refs/heads/long\ncommitter Ann <a@example.org> {time} +0000\ndata 1\n{}\n{content}\
             M 100644 inline b\ndata 4\n{number:04}\n",
            number % 10
        );
        stream += &commit;
    }
    std::fs::write(repository.path().join("stream"), stream).unwrap();
    run(repository.path(), "sh", &["-c", "git fast-import --quiet < stream"]);
    let head = browse(&repository, |reader| reader.branch("long")).await.unwrap();
    let (found, cut) = last(&repository, head, "").await;
    assert!(cut);
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [("b".to_owned(), head)]);
    let (commits, more) = history(&repository, head, "a", 0, 10).await;
    assert_eq!((commits.len(), more), (1, false));
    let (commits, more) = history(&repository, head, "", 2450, 100).await;
    assert_eq!((commits.len(), more), (50, false));
    let (commits, more) = history(&repository, head, "", 0, 1_000_000).await;
    assert_eq!((commits.len(), more), (100, true), "a page has an end");
}

#[tokio::test]
async fn a_loop_and_a_crowd_come_to_an_end() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let repository = stored(&fixture, &work).await;
    let blob = write_object(repository.path(), "blob", b"x");
    let tree = write_object(repository.path(), "tree", &tree_bytes(&[("100644", b"a", blob)]));
    let root = write_object(repository.path(), "commit", &commit_bytes(tree, &[], 1));
    // Each commit names the one before 300 times.
    let crowd = write_object(repository.path(), "commit", &commit_bytes(tree, &[root; 300], 2));
    let crowd = write_object(repository.path(), "commit", &commit_bytes(tree, &[crowd; 300], 3));
    assert_eq!(history(&repository, crowd, "", 0, 10).await.0.len(), 3);
    assert_eq!(history(&repository, crowd, "a", 0, 10).await.0, [root]);
    assert_eq!(last(&repository, crowd, "").await.0["a"], root);
}
