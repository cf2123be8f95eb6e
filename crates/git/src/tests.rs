//! Opening, making and removing repositories, and clearing up behind crashes.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::command::find_program;
use crate::testing::{Fixture, ann, run};
use crate::{Action, Change, CommitRequest, Git, GitConfig, GitError, Oid, RepositoryId, Version};

#[tokio::test]
async fn says_clearly_that_git_is_missing_or_old() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |program: &Path| {
        let mut config = GitConfig::new(&folder.path().join("data"), Path::new("/bin/true"));
        config.program = program.to_owned();
        Git::open(config).await
    };
    let error = open(Path::new("no-such-git")).await.unwrap_err();
    assert!(matches!(&error, GitError::Missing { .. }));
    assert!(error.to_string().starts_with("the git program no-such-git cannot be run"), "{error}");

    let old = folder.path().join("old-git");
    std::fs::write(&old, "#!/bin/sh\necho git version 2.30.2\n").unwrap();
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o755)).unwrap();
    let error = open(&old).await.unwrap_err();
    assert!(matches!(error, GitError::TooOld { found: Version(2, 30, 2) }));
    assert_eq!(error.to_string(), "git 2.30.2 is too old: 2.39.0 or newer is needed");
    assert!(matches!(open(Path::new("/bin/true")).await, Err(GitError::Missing { .. })));
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn its_folders_are_private() {
    let fixture = Fixture::new().await;
    for name in ["repositories", "git-home", "git-hooks"] {
        let mode = std::fs::metadata(fixture.path().join("data").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
    assert!(fixture.git.version() >= Version::OLDEST);
    // Opening again with another program replaces the hook.
    let config = GitConfig::new(&fixture.path().join("data"), Path::new("/bin/false"));
    Git::open(config).await.unwrap();
    let hook = fixture.path().join("data/git-hooks/pre-receive");
    assert_eq!(std::fs::read_link(hook).unwrap(), Path::new("/bin/false"));
}

#[test]
fn the_place_follows_from_the_number() {
    let path = RepositoryId(1).relative_path();
    let hash = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
    assert_eq!(path, Path::new(&format!("@hashed/6b/86/{hash}.git")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn makes_a_folder_once() {
    let fixture = Fixture::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..32 {
        let repository = fixture.repository(9);
        tasks.spawn(async move { repository.ensure(if index % 2 == 0 { "main" } else { "trunk" }).await });
    }
    for result in tasks.join_all().await {
        result.unwrap();
    }
    let repository = fixture.repository(9);
    let branch = repository.head_branch().await.unwrap();
    assert!(branch == "main" || branch == "trunk");
    assert_eq!(std::fs::read_dir(fixture.git.inner.scratch()).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(repository.path().parent().unwrap()).unwrap().count(), 1);
    repository.ensure("other").await.unwrap();
    assert_eq!(repository.head_branch().await.unwrap(), branch);
    assert!(repository.ensure("other").await.is_ok());
    assert!(fixture.repository(10).ensure("a b").await.is_err());

    repository.remove().await.unwrap();
    assert!(!repository.exists());
    repository.remove().await.unwrap();
    assert_eq!(std::fs::read_dir(fixture.git.inner.scratch()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_repository_laid_ready_is_as_good_as_one_made_now() {
    let fixture = Fixture::new().await;
    let spare = &fixture.git.inner.spare;
    spare.lay_ready().unwrap();
    let (ready, made) = (fixture.repository(1), fixture.repository(2));
    ready.ensure("main").await.unwrap();
    made.ensure("trunk").await.unwrap();
    let files = |repository: &crate::Repository| run(repository.path(), "find", &[".", "-printf", "%P %m\n"]);
    let sorted = |text: String| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(sorted(files(&ready)), sorted(files(&made)));
    assert_eq!(ready.head_branch().await.unwrap(), "main");
    assert_eq!(made.head_branch().await.unwrap(), "trunk");
    commit(&fixture, None, "a").await;
    assert_eq!(ready.fsck().await.unwrap(), Vec::<String>::new());
}

#[test]
fn programs_are_started_by_their_paths() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, mode| {
        let path = folder.path().join(name);
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    file("plain", 0o644);
    let tool = file("tool", 0o755);
    let search = std::env::join_paths([Path::new("/nonexistent"), folder.path()]).unwrap();
    let found = |name: &str| find_program(name.into(), &search);
    assert_eq!(found("tool"), tool);
    assert_eq!(found("plain"), Path::new("plain"), "cannot be run");
    assert_eq!(found("missing"), Path::new("missing"));
    assert_eq!(found("./tool"), Path::new("./tool"));
    assert_eq!(found("/bin/tool"), Path::new("/bin/tool"));
}

async fn commit(fixture: &Fixture, parent: Option<Oid>, path: &str) -> Oid {
    let change = Change::Create { content: path.into(), executable: false };
    let request = CommitRequest {
        parent,
        actions: vec![Action { path: path.into(), change }],
        message: path.into(),
        author: ann(1),
        committer: ann(1),
    };
    let repository = fixture.repository(1);
    let oid = repository.commit_files(&request).await.unwrap();
    repository.update_ref("refs/heads/main", oid, parent.unwrap_or(Oid::ZERO)).await.unwrap();
    oid
}

#[tokio::test]
async fn maintenance_keeps_everything() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository(1);
    repository.maintain(|| {}).await.unwrap();
    assert!(!repository.exists());
    repository.ensure("main").await.unwrap();
    repository.maintain(|| {}).await.unwrap();
    let mut head = None;
    for index in 0..25 {
        head = Some(commit(&fixture, head, &format!("file{index}")).await);
    }
    assert!(repository.needs_maintenance().await.unwrap());
    repository.maintain(|| {}).await.unwrap();
    assert!(!repository.needs_maintenance().await.unwrap());
    assert_eq!(repository.log_count(&crate::Log::of(head.unwrap(), 1)).await.unwrap(), 25);
    assert_eq!(repository.fsck().await.unwrap(), Vec::<String>::new());
    repository.maintain(|| {}).await.unwrap();
    assert!(repository.disk_size().await.unwrap() > 0);
}

#[tokio::test]
async fn fsck_finds_damage() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository(1);
    repository.ensure("main").await.unwrap();
    commit(&fixture, None, "a").await;
    let packs = std::fs::read_dir(repository.path().join("objects/pack")).unwrap();
    let pack =
        packs.map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "pack").unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    bytes[40] ^= 1;
    std::fs::set_permissions(&pack, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&pack, bytes).unwrap();
    assert!(!repository.fsck().await.unwrap().is_empty());
}

#[tokio::test]
async fn clears_what_a_crash_left() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository(1);
    repository.ensure("main").await.unwrap();
    let head = commit(&fixture, None, "a").await;
    let path = repository.path();
    for name in ["refs/heads/main.lock", "HEAD.lock", "packed-refs.lock", "objects/pack/tmp_pack_abc"] {
        std::fs::write(path.join(name), "").unwrap();
    }
    std::fs::create_dir_all(path.join("objects/tmp_objdir-incoming-abc/pack")).unwrap();
    std::fs::create_dir(fixture.git.inner.scratch().join("1-1")).unwrap();
    // The file system's own idea of now, as the tests have no clock.
    let now = std::fs::metadata(fixture.git.inner.scratch().join("1-1")).unwrap().modified().unwrap();
    let later = now + Duration::from_secs(1);

    assert_eq!(repository.clear_remains(later, Duration::from_mins(1)).await.unwrap(), 0);
    assert_eq!(fixture.git.clear_scratch(later, Duration::from_mins(1)).await.unwrap(), 0);
    assert_eq!(repository.clear_remains(later, Duration::ZERO).await.unwrap(), 5);
    assert_eq!(fixture.git.clear_scratch(later, Duration::ZERO).await.unwrap(), 1);
    assert_eq!(repository.clear_remains(later, Duration::ZERO).await.unwrap(), 0);
    repository.delete_ref("refs/heads/main", head).await.unwrap();
    assert_eq!(fixture.repository(2).clear_remains(later, Duration::ZERO).await.unwrap(), 0);
}
