//! Real clients against the streamed services.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream;

use super::{Protocol, Service, Transport, UploadOptions};
use crate::hook::HookVerdict;
use crate::testing::{Fixture, attempt, collect, listen, run};
use crate::{GitConfig, GitError, Oid};

fn v2() -> Protocol {
    Protocol::from_header(Some("version=2"))
}

#[tokio::test]
async fn pushes_and_clones() {
    let fixture = Arc::new(Fixture::new().await);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let address = listen(&fixture, move |_, request| {
        log.lock().unwrap().push(request);
        HookVerdict { accept: true, messages: vec!["welcome".into()] }
    })
    .await;
    let url = format!("git://{address}/7");
    let repository = fixture.repository(7);

    // A repository without a folder is an empty one, and reading does not make it.
    for version in ["0", "1", "2"] {
        let protocol = format!("protocol.version={version}");
        let (ok, text) = attempt(fixture.path(), &["-c", &protocol, "ls-remote", &url]).await;
        assert!(ok && text.is_empty(), "{text}");
    }
    let (ok, text) = attempt(fixture.path(), &["clone", "-q", &url, "empty"]).await;
    assert!(ok, "{text}");
    assert_eq!(run(&fixture.path().join("empty"), "git", &["symbolic-ref", "HEAD"]), "refs/heads/main\n");
    assert!(!repository.exists());

    let work = fixture.work("work");
    let first = work.head();
    let (ok, text) =
        attempt(&work.0, &["push", "-o", "ci.skip", &url, "HEAD:main", "HEAD:refs/tags/v1"]).await;
    assert!(ok && text.contains("remote: welcome"), "{text}");
    let request = seen.lock().unwrap().pop().unwrap();
    assert_eq!(request.push_options, ["ci.skip"]);
    let names: Vec<_> =
        request.updates.iter().map(|update| (&*update.name, update.old, update.new)).collect();
    assert_eq!(names, [("refs/heads/main", Oid::ZERO, first), ("refs/tags/v1", Oid::ZERO, first)]);
    assert_eq!(repository.fsck().await.unwrap(), Vec::<String>::new());

    for (version, folder) in [("0", "c0"), ("1", "c1"), ("2", "c2")] {
        let protocol = format!("protocol.version={version}");
        let (ok, text) = attempt(fixture.path(), &["-c", &protocol, "clone", "-q", &url, folder]).await;
        assert!(ok, "{text}");
        assert_eq!(
            std::fs::read_to_string(fixture.path().join(folder).join("README.md")).unwrap(),
            "hello\n"
        );
    }
    fixture.all_gone().await;
}

#[tokio::test]
async fn serves_shallow_and_partial_clones() {
    let fixture = Arc::new(Fixture::new().await);
    let address = listen(&fixture, |_, _| HookVerdict::accepted()).await;
    let url = format!("git://{address}/1");
    let work = fixture.work("work");
    work.commit("file", "one");
    work.commit("file", "two");
    let (ok, text) = attempt(&work.0, &["push", "-q", &url, "main"]).await;
    assert!(ok, "{text}");

    let (ok, text) = attempt(fixture.path(), &["clone", "-q", "--depth=1", &url, "shallow"]).await;
    assert!(ok, "{text}");
    assert_eq!(run(&fixture.path().join("shallow"), "git", &["rev-list", "--count", "HEAD"]), "1\n");
    let (ok, text) = attempt(&fixture.path().join("shallow"), &["fetch", "-q", "--unshallow"]).await;
    assert!(ok, "{text}");

    for (version, filter) in [("0", "blob:none"), ("2", "blob:none"), ("2", "tree:0")] {
        let (protocol, filter) = (format!("protocol.version={version}"), format!("--filter={filter}"));
        let folder = format!("partial{version}{}", filter.len());
        let clone = ["-c", &protocol, "clone", "-q", "--no-checkout", &filter, &url, &folder];
        let (ok, text) = attempt(fixture.path(), &clone).await;
        assert!(ok, "{text}");
        // Fetches what was left out, by its name.
        let show = ["-c", &protocol, "cat-file", "-p", "HEAD~1:file"];
        let (ok, text) = attempt(&fixture.path().join(&folder), &show).await;
        assert!(ok && text.ends_with("one"), "{text}");
    }
}

#[tokio::test]
async fn a_refused_push_leaves_nothing() {
    let fixture = Arc::new(Fixture::new().await);
    let address = listen(&fixture, |_, request| {
        if request.updates.iter().any(|update| update.name == "refs/heads/locked") {
            HookVerdict { accept: false, messages: vec!["GitLab: not this one".into()] }
        } else {
            HookVerdict::accepted()
        }
    })
    .await;
    let url = format!("git://{address}/1");
    let work = fixture.work("work");
    let (ok, text) = attempt(&work.0, &["push", "-q", &url, "main"]).await;
    assert!(ok, "{text}");
    let before = work.head();
    let after = work.commit("secret", "not for you");
    for order in [["main", "main:locked"], ["main:locked", "main"]] {
        let (ok, text) = attempt(&work.0, &["push", &url, order[0], order[1]]).await;
        assert!(!ok, "{text}");
        assert!(text.contains("remote: GitLab: not this one"), "{text}");
        assert!(text.contains("main -> main (pre-receive hook declined)"), "{text}");
        assert!(text.contains("main -> locked (pre-receive hook declined)"), "{text}");
    }
    let repository = fixture.repository(1);
    assert_eq!(repository.branch("main").await.unwrap().unwrap().commit, before);
    assert!(repository.branch("locked").await.unwrap().is_none());
    assert!(repository.object_kind(after, None).await.unwrap().is_none());
    let folders = std::fs::read_dir(repository.path().join("objects")).unwrap();
    assert!(
        folders
            .map(|entry| entry.unwrap().file_name())
            .all(|name| !name.to_string_lossy().contains("incoming"))
    );
}

#[tokio::test]
async fn a_verdict_can_see_the_pushed_objects() {
    let fixture = Arc::new(Fixture::new().await);
    let forced = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&forced);
    let address = listen(&fixture, move |repository, request| {
        let log = Arc::clone(&log);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let update = &request.updates[0];
                if update.old.is_zero() {
                    return;
                }
                let inside = repository.quarantine(&request).unwrap();
                let ahead = repository.is_ancestor(update.old, update.new, inside.as_ref()).await.unwrap();
                let kind = repository.object_kind(update.new, inside.as_ref()).await.unwrap();
                let outside = repository.object_kind(update.new, None).await.unwrap();
                log.lock().unwrap().push((ahead, kind, outside));
                let mut foreign = request.clone();
                foreign.quarantine = Some("/etc/incoming-1".into());
                assert!(repository.quarantine(&foreign).is_err());
            });
        })
        .join()
        .unwrap();
        HookVerdict::accepted()
    })
    .await;
    let url = format!("git://{address}/1");
    let work = fixture.work("work");
    work.commit("a", "1");
    assert!(attempt(&work.0, &["push", "-q", &url, "main"]).await.0);
    work.commit("a", "2");
    assert!(attempt(&work.0, &["push", "-q", &url, "main"]).await.0);
    work.git(&["reset", "-q", "--hard", "HEAD~2"]);
    work.commit("b", "3");
    assert!(attempt(&work.0, &["push", "-q", "--force", &url, "main"]).await.0);
    let commit = Some(crate::ObjectKind::Commit);
    assert_eq!(*forced.lock().unwrap(), [(true, commit, None), (false, commit, None)]);
}

#[tokio::test]
async fn internal_references_stay_inside() {
    let fixture = Arc::new(Fixture::new().await);
    let address = listen(&fixture, |_, _| HookVerdict::accepted()).await;
    let url = format!("git://{address}/1");
    let work = fixture.work("work");
    assert!(attempt(&work.0, &["push", "-q", &url, "main"]).await.0);
    let repository = fixture.repository(1);
    repository.update_ref("refs/tessera/kept", work.head(), Oid::ZERO).await.unwrap();
    let (ok, text) = attempt(&work.0, &["ls-remote", &url]).await;
    assert!(ok && text.contains("refs/heads/main") && !text.contains("tessera"), "{text}");
    let (ok, text) = attempt(&work.0, &["push", &url, "main:refs/tessera/mine"]).await;
    assert!(!ok && text.contains("hidden ref"), "{text}");
    assert!(repository.resolve("refs/tessera/kept").await.unwrap().is_none());
}

#[tokio::test]
async fn one_of_two_pushes_wins() {
    let fixture = Arc::new(Fixture::new().await);
    let address = listen(&fixture, |_, _| HookVerdict::accepted()).await;
    let url = format!("git://{address}/1");
    let base = fixture.work("base");
    assert!(attempt(&base.0, &["push", "-q", &url, "main"]).await.0);
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..4 {
        run(fixture.path(), "git", &["clone", "-q", "base", &format!("w{index}")]);
        let work = crate::testing::Work(fixture.path().join(format!("w{index}")));
        let head = work.commit("same", format!("{index}"));
        let url = url.clone();
        tasks.spawn(async move { attempt(&work.0, &["push", "-q", &url, "main"]).await.0.then_some(head) });
    }
    let won: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(fixture.repository(1).branch("main").await.unwrap().unwrap().commit, won[0]);
    assert_eq!(fixture.repository(1).fsck().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn advertisements_have_the_form_clients_expect() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository(1);
    let body = |service, protocol: Protocol| {
        let repository = repository.clone();
        async move {
            let (bytes, end) = collect(repository.advertise(service, &protocol).await.unwrap()).await;
            end.unwrap();
            String::from_utf8(bytes).unwrap()
        }
    };
    let none = Protocol::default();
    let text = body(Service::UploadPack, none.clone()).await;
    assert!(text.starts_with("001e# service=git-upload-pack\n0000"), "{text}");
    let text = body(Service::ReceivePack, none).await;
    assert!(text.starts_with("001f# service=git-receive-pack\n0000"), "{text}");
    for capability in ["report-status", "delete-refs", "atomic", "push-options", "side-band-64k"] {
        assert!(text.contains(capability), "{capability}: {text}");
    }
    assert!(body(Service::UploadPack, v2()).await.starts_with("000eversion 2\n"));
    assert!(body(Service::ReceivePack, v2()).await.starts_with("001f# service=git-receive-pack\n0000"));
    assert!(!repository.exists());
}

#[tokio::test]
async fn answers_one_request_over_http() {
    let fixture = Fixture::new().await;
    let repository = fixture.repository(1);
    let work = fixture.work("work");
    let push = work.push_body("refs/heads/main", Oid::ZERO);
    let options = fixture.receive_options(fixture.register(|_| async { HookVerdict::accepted() }));
    let pieces: Vec<_> = push.chunks(100).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let (answer, end) = collect(repository.receive_pack(options, stream::iter(pieces)).await.unwrap()).await;
    end.unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(text.contains("unpack ok") && text.contains("ok refs/heads/main"), "{text}");
    assert_eq!(repository.branch("main").await.unwrap().unwrap().commit, work.head());

    let request = "0014command=ls-refs\n0016object-format=sha100010009peel\n0000";
    let options = UploadOptions { protocol: v2(), transport: Transport::Http, max_body: 1000 };
    let body = stream::iter([Ok(Bytes::from_static(request.as_bytes()))]);
    let (answer, end) = collect(repository.upload_pack(options.clone(), body).await.unwrap()).await;
    end.unwrap();
    let head = work.head();
    assert_eq!(
        String::from_utf8_lossy(&answer),
        format!("0032{head} HEAD\n003d{head} refs/heads/main\n0000")
    );

    let endless = stream::repeat_with(|| {
        Ok(Bytes::from_static(b"0032have 0123456789012345678901234567890123456789\n"))
    });
    let (_, end) = collect(repository.upload_pack(options, endless).await.unwrap()).await;
    assert!(end.is_err());
    fixture.all_gone().await;
}

#[tokio::test]
async fn a_push_cannot_pass_without_its_hook() {
    let fixture =
        Fixture::with(|config: &mut GitConfig| config.hook_program = "/nonexistent/tessera".into()).await;
    let options = fixture.receive_options(fixture.register(|_| async { HookVerdict::accepted() }));
    let result = fixture.repository(1).receive_pack(options, stream::empty()).await;
    assert!(matches!(result, Err(GitError::Io { .. })));
}

#[test]
fn names_and_protocols() {
    assert_eq!(Service::from_name("git-upload-pack"), Some(Service::UploadPack));
    assert_eq!(Service::from_name("git-upload-archive"), None);
    assert_eq!(Protocol::from_header(Some("")), Protocol::default());
    assert_eq!(Protocol::from_header(Some("version=2\nX=1")), Protocol::default());
    assert!(Protocol::from_header(Some("foo:version=2")).is_version_2());
    assert!(!Protocol::from_header(Some("version=1")).is_version_2());
}
