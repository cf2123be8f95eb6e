//! Writing through the API, seen by real git.

use std::sync::Arc;

use super::{Action, Change, CommitRequest, RefChange, signature_line};
use crate::hook::HookVerdict;
use crate::testing::{Fixture, ann, attempt, listen, run};
use crate::{Conflict, GitError, Oid, Rejected, Repository, Signature};

fn action(path: &str, change: Change) -> Action {
    Action { path: path.into(), change }
}

fn create(path: &str, content: &str) -> Action {
    action(path, Change::Create { content: content.into(), executable: false })
}

fn request(parent: Option<Oid>, actions: Vec<Action>) -> CommitRequest {
    let message = "Change by API\n\nLäuft.".into();
    CommitRequest { parent, actions, message, author: ann(1_700_000_000), committer: ann(1_700_000_001) }
}

async fn prepared(fixture: &Fixture) -> Repository {
    let repository = fixture.repository(1);
    repository.ensure("main").await.unwrap();
    repository
}

async fn content(repository: &Repository, commit: Oid, path: &str) -> Vec<u8> {
    repository.file(commit, path, 1 << 20).await.unwrap().content
}

#[tokio::test]
async fn commits_files() {
    let fixture = Arc::new(Fixture::new().await);
    let repository = prepared(&fixture).await;
    let odd = "dir with space/\"quoted\" \\back é -x";
    let actions = vec![
        create("README.md", "hello"),
        create(odd, "odd"),
        action("run.sh", Change::Create { content: b"#!/bin/sh\n".to_vec(), executable: true }),
        create("a/b/c", "deep"),
    ];
    let first = repository.commit_files(&request(None, actions)).await.unwrap();
    assert!(repository.is_empty().await.unwrap(), "no reference moves");
    let commit = repository.commit(first).await.unwrap();
    assert_eq!(commit.parents, []);
    assert_eq!(commit.message, "Change by API\n\nLäuft.");
    assert_eq!((commit.author, commit.committer), (ann(1_700_000_000), ann(1_700_000_001)));
    assert_eq!(content(&repository, first, odd).await, b"odd");
    assert!(repository.file_meta(first, "run.sh").await.unwrap().is_executable());
    repository.update_ref("refs/heads/main", first, Oid::ZERO).await.unwrap();

    let actions = vec![
        action("README.md", Change::Update { content: b"changed\0\xff\n".to_vec() }),
        action("tool/run", Change::Move { from: "run.sh".into(), content: None }),
        action("a/b/c", Change::Delete),
        // A file takes the place of the folder that another action empties, and a folder that of a file.
        action(odd, Change::Chmod { executable: true }),
        create("new", ""),
    ];
    let second = repository.commit_files(&request(Some(first), actions)).await.unwrap();
    repository.update_ref("refs/heads/main", second, first).await.unwrap();
    assert_eq!(repository.commit(second).await.unwrap().parents, [first]);
    let paths: Vec<_> =
        repository.tree(second, "", true).await.unwrap().into_iter().map(|entry| entry.path).collect();
    assert_eq!(paths, ["README.md", "dir with space", odd, "new", "tool", "tool/run"]);
    assert_eq!(content(&repository, second, "README.md").await, b"changed\0\xff\n");
    assert_eq!(content(&repository, second, "tool/run").await, b"#!/bin/sh\n");
    assert!(repository.file_meta(second, "tool/run").await.unwrap().is_executable());
    assert!(repository.file_meta(second, odd).await.unwrap().is_executable());
    assert_eq!(repository.fsck().await.unwrap(), Vec::<String>::new());

    // Made again it is the same commit, and nothing is left behind.
    let again = repository.commit_files(&request(Some(first), vec![])).await.unwrap();
    assert_eq!(repository.commit_files(&request(Some(first), vec![])).await.unwrap(), again);
    assert_eq!(std::fs::read_dir(fixture.git.inner.scratch()).unwrap().count(), 0);

    let address = listen(&fixture, |_, _| HookVerdict::accepted()).await;
    let (ok, text) = attempt(fixture.path(), &["clone", "-q", &format!("git://{address}/1"), "clone"]).await;
    assert!(ok, "{text}");
    assert_eq!(run(&fixture.path().join("clone"), "git", &["rev-parse", "HEAD"]).trim(), second.to_string());
}

#[tokio::test]
async fn refuses_actions_that_contradict_the_tree() {
    let fixture = Fixture::new().await;
    let repository = prepared(&fixture).await;
    let base =
        repository.commit_files(&request(None, vec![create("a/b", "1"), create("c", "2")])).await.unwrap();
    let cases = [
        (create("c", "x"), Rejected::FileExists { path: "c".into() }),
        (create("a", "x"), Rejected::DirectoryExists { path: "a".into() }),
        (create("c/d", "x"), Rejected::ParentIsFile { path: "c/d".into(), parent: "c".into() }),
        (action("n", Change::Update { content: vec![] }), Rejected::FileMissing { path: "n".into() }),
        (action("a", Change::Delete), Rejected::FileMissing { path: "a".into() }),
        (
            action("c", Change::Move { from: "n".into(), content: None }),
            Rejected::FileMissing { path: "n".into() },
        ),
    ];
    for (action, expected) in cases {
        match repository.commit_files(&request(Some(base), vec![action])).await {
            Err(GitError::Rejected(found)) => assert_eq!(found, expected),
            other => panic!("{other:?}"),
        }
    }
    for path in [".git/config", "a/../../x", "/etc/passwd", "a\nb", "", "x/.GIT/hooks/pre-commit"] {
        let refused = repository.commit_files(&request(Some(base), vec![create(path, "x")])).await;
        assert!(matches!(refused, Err(GitError::Rejected(Rejected::InvalidPath { .. }))), "{path}");
    }
    let nobody: Oid = "1".repeat(40).parse().unwrap();
    let refused = repository.commit_files(&request(Some(nobody), vec![create("x", "x")])).await;
    assert!(matches!(refused, Err(GitError::NotFound)));
    let refused = fixture.repository(2).commit_files(&request(None, vec![])).await;
    assert!(matches!(refused, Err(GitError::NotFound)));
}

#[tokio::test]
async fn commits_pass_the_checks_of_a_push() {
    let fixture = Fixture::new().await;
    let repository = prepared(&fixture).await;
    let evil = "[submodule \"../../x\"]\n\tpath = x\n\turl = https://example.org/x.git\n";
    let refused = repository.commit_files(&request(None, vec![create(".gitmodules", evil)])).await;
    assert!(matches!(&refused, Err(GitError::InvalidInput { what: "content", .. })), "{refused:?}");
    let good = "[submodule \"x\"]\n\tpath = x\n\turl = https://example.org/x.git\n";
    repository.commit_files(&request(None, vec![create(".gitmodules", good)])).await.unwrap();
    assert_eq!(std::fs::read_dir(fixture.git.inner.scratch()).unwrap().count(), 0);
}

#[tokio::test]
async fn references_move_only_from_where_they_were_seen() {
    let fixture = Fixture::new().await;
    let repository = prepared(&fixture).await;
    let one = repository.commit_files(&request(None, vec![create("a", "1")])).await.unwrap();
    let two = repository.commit_files(&request(Some(one), vec![create("b", "2")])).await.unwrap();
    let main = "refs/heads/main";
    let conflict = |result: Result<(), GitError>| match result {
        Err(GitError::Conflict { name, kind }) => (name, kind),
        other => panic!("{other:?}"),
    };
    repository.update_ref(main, one, Oid::ZERO).await.unwrap();
    let moved = |actual| (main.to_owned(), Conflict::Moved { actual });
    assert_eq!(conflict(repository.update_ref(main, two, Oid::ZERO).await), moved(Some(one)));
    assert_eq!(conflict(repository.update_ref(main, one, two).await), moved(Some(one)));
    assert_eq!(conflict(repository.delete_ref(main, two).await), moved(Some(one)));
    let absent = repository.update_ref("refs/heads/x", two, one).await;
    assert_eq!(conflict(absent), ("refs/heads/x".into(), Conflict::Moved { actual: None }));
    let below = repository.update_ref("refs/heads/main/x", one, Oid::ZERO).await;
    assert_eq!(conflict(below), ("refs/heads/main/x".into(), Conflict::Overlap));
    let lock = repository.path().join("refs/heads/main.lock");
    std::fs::write(&lock, "").unwrap();
    assert_eq!(conflict(repository.update_ref(main, two, one).await), (main.into(), Conflict::Locked));
    std::fs::remove_file(lock).unwrap();
    let nothing: Oid = "1".repeat(40).parse().unwrap();
    assert!(matches!(repository.update_ref(main, nothing, one).await, Err(GitError::NotFound)));
    for name in ["main", "refs/heads/a b", "refs/heads/-\n", "HEAD", "refs/heads/x.lock"] {
        assert!(matches!(
            repository.update_ref(name, one, Oid::ZERO).await,
            Err(GitError::InvalidInput { .. })
        ));
    }

    // All or nothing.
    let change = |name: &str, expected, new| RefChange { name: name.into(), expected, new };
    let half = [change("refs/heads/new", Oid::ZERO, one), change(main, two, one)];
    assert_eq!(conflict(repository.update_refs(&half).await), moved(Some(one)));
    assert!(repository.branch("new").await.unwrap().is_none());
    let whole = [change("refs/heads/new", Oid::ZERO, one), change(main, one, two)];
    repository.update_refs(&whole).await.unwrap();
    assert_eq!(repository.branch("main").await.unwrap().unwrap().commit, two);
    repository.delete_ref("refs/heads/new", one).await.unwrap();
    assert!(repository.branch("new").await.unwrap().is_none());
}

#[tokio::test]
async fn one_of_many_updates_wins() {
    let fixture = Fixture::new().await;
    let repository = prepared(&fixture).await;
    let base = repository.commit_files(&request(None, vec![create("a", "0")])).await.unwrap();
    repository.update_ref("refs/heads/main", base, Oid::ZERO).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..8 {
        let repository = repository.clone();
        tasks.spawn(async move {
            let change = vec![action("a", Change::Update { content: vec![index] })];
            let commit = repository.commit_files(&request(Some(base), change)).await.unwrap();
            match repository.update_ref("refs/heads/main", commit, base).await {
                Ok(()) => Some(commit),
                Err(GitError::Conflict { .. }) => None,
                Err(other) => panic!("{other}"),
            }
        });
    }
    let won: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(repository.branch("main").await.unwrap().unwrap().commit, won[0]);
}

#[tokio::test]
async fn makes_tags_and_moves_head() {
    let fixture = Fixture::new().await;
    let repository = prepared(&fixture).await;
    let commit = repository.commit_files(&request(None, vec![create("a", "1")])).await.unwrap();
    assert_eq!(repository.create_tag("light", commit, None).await.unwrap(), commit);
    let target = repository.create_tag("v1.0", commit, Some((&ann(5), "First\n\nnotes\n"))).await.unwrap();
    let tag = repository.tag("v1.0").await.unwrap().unwrap();
    assert_eq!((tag.target, tag.commit), (target, Some(commit)));
    let annotation = tag.annotation.unwrap();
    assert_eq!((annotation.message, annotation.tagger), ("First\n\nnotes".into(), Some(ann(5))));
    let again = repository.create_tag("v1.0", commit, None).await;
    assert!(matches!(again, Err(GitError::Conflict { .. })), "{again:?}");
    for name in ["", "-d", "a b", "x..y"] {
        assert!(matches!(
            repository.create_tag(name, commit, None).await,
            Err(GitError::InvalidInput { .. })
        ));
    }
    let nothing: Oid = "1".repeat(40).parse().unwrap();
    assert!(matches!(repository.create_tag("n", nothing, None).await, Err(GitError::NotFound)));

    repository.set_head("trunk").await.unwrap();
    assert_eq!(repository.head_branch().await.unwrap(), "trunk");
    assert!(repository.set_head("a b").await.is_err());
    std::fs::write(repository.path().join("HEAD.lock"), "").unwrap();
    assert!(matches!(
        repository.set_head("main").await,
        Err(GitError::Conflict { kind: Conflict::Locked, .. })
    ));
    assert_eq!(repository.head_branch().await.unwrap(), "trunk");
    assert_eq!(repository.fsck().await.unwrap(), Vec::<String>::new());
}

#[test]
fn people_cannot_forge_lines() {
    let person = |name: &str, email: &str, time, offset_minutes| Signature {
        name: name.into(),
        email: email.into(),
        time,
        offset_minutes,
    };
    let line = |person: Signature| signature_line(&person).ok();
    assert_eq!(line(person("Ann", "a@x", 5, -90)).unwrap(), "Ann <a@x> 5 -0130");
    assert_eq!(line(person(" A\nB <x>.", "a>\nb", 5, 0)).unwrap(), "AB x <ab> 5 +0000");
    assert_eq!(line(person("<>", "a", 5, 0)), None);
    assert_eq!(line(person("A", "", -1, 0)), None);
    assert_eq!(line(person("A", "", 1, 2000)), None);
}
