//! How services end when somebody breaks off, and what hostile pushes run into.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::{mpsc, oneshot};

use super::{Protocol, ServiceOutput, Transport, UploadOptions};
use crate::hook::HookVerdict;
use crate::testing::{Fixture, Work, collect};
use crate::{GitError, Oid, Repository};

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(step).take(length).collect()
}

async fn push(fixture: &Fixture, work: &Work, old: Oid) -> Repository {
    let repository = fixture.repository(1);
    let options = fixture.receive_options(fixture.register(|_| async { HookVerdict::accepted() }));
    let body = Bytes::from(work.push_body("refs/heads/main", old));
    let (answer, end) =
        collect(repository.receive_pack(options, stream::iter([Ok(body)])).await.unwrap()).await;
    end.unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("ok refs/heads/main"));
    repository
}

/// A clone of 32 MB whose client has taken one chunk and no more.
async fn stalled_clone(fixture: &Fixture) -> ServiceOutput {
    let work = fixture.work("work");
    for index in 0..16 {
        std::fs::write(work.0.join(format!("big{index}")), &noise(2 << 20)[index..]).unwrap();
    }
    work.git(&["add", "."]);
    work.git(&["commit", "-q", "-m", "big"]);
    let repository = push(fixture, &work, Oid::ZERO).await;
    fixture.all_gone().await;
    let head = work.head();
    let want = format!("0032want {head}\n");
    let request = format!("0011command=fetch0016object-format=sha10001{want}0009done\n0000");
    let options = UploadOptions {
        protocol: Protocol::from_header(Some("version=2")),
        transport: Transport::Http,
        max_body: 1000,
    };
    let body = stream::iter([Ok(Bytes::from(request))]);
    let mut output = repository.upload_pack(options, body).await.unwrap();
    let mut received = 0;
    while received < 100_000 {
        received += output.next().await.unwrap().unwrap().len();
    }
    let running = fixture.processes();
    assert!(running.iter().any(|line| line.contains("pack-objects")), "{running:?}");
    output
}

#[tokio::test]
async fn an_abort_ends_the_clone_and_its_helpers() {
    let fixture = Fixture::new().await;
    let mut output = stalled_clone(&fixture).await;
    let handle = output.abort_handle();
    assert!(!handle.is_aborted());
    handle.abort();
    // At once: what was already read from git is not handed out any more.
    let error = output.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(output.next().await.is_none());
    fixture.all_gone().await;
}

#[tokio::test]
async fn an_abort_wakes_a_waiting_reader() {
    let fixture = Fixture::new().await;
    let work = fixture.work("work");
    let (asked, hook_asked) = oneshot::channel();
    let hook = fixture.register(|_| async {
        asked.send(()).unwrap();
        std::future::pending::<()>().await;
        HookVerdict::accepted()
    });
    let repository = fixture.repository(1);
    let body = Bytes::from(work.push_body("refs/heads/main", Oid::ZERO));
    let output =
        repository.receive_pack(fixture.receive_options(hook), stream::iter([Ok(body)])).await.unwrap();
    let handle = output.abort_handle();
    let reader = tokio::spawn(collect(output));
    hook_asked.await.unwrap();
    handle.abort();
    let (_, end) = reader.await.unwrap();
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    fixture.all_gone().await;
    assert!(repository.branch("main").await.unwrap().is_none());
    no_quarantine(&repository);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_clone() {
    let fixture = Fixture::new().await;
    drop(stalled_clone(&fixture).await);
    fixture.all_gone().await;
}

#[tokio::test]
async fn children_see_nothing_of_ours() {
    let fixture = Fixture::new().await;
    let _output = stalled_clone(&fixture).await;
    let marker = format!("HOME={}", fixture.path().display());
    let mut seen = 0;
    for entry in std::fs::read_dir("/proc").unwrap() {
        let Ok(environment) = std::fs::read_to_string(entry.unwrap().path().join("environ")) else {
            continue;
        };
        if !environment.contains(&marker) {
            continue;
        }
        seen += 1;
        for variable in environment.split('\0').filter(|text| !text.is_empty()) {
            let name = variable.split('=').next().unwrap();
            assert!(
                ["PATH", "HOME", "LC_ALL", "PWD"].contains(&name) || name.starts_with("GIT_"),
                "unexpected variable {name}"
            );
        }
    }
    assert!(seen >= 2, "git and its helper run");
}

/// A body that delivers these bytes and then does what the caller says.
fn open_body(
    bytes: Vec<u8>,
) -> (mpsc::Sender<io::Result<Bytes>>, impl futures_util::Stream<Item = io::Result<Bytes>>) {
    let (sender, receiver) = mpsc::channel(4);
    sender.try_send(Ok(Bytes::from(bytes))).unwrap();
    (sender, stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) }))
}

fn no_quarantine(repository: &Repository) {
    let names = std::fs::read_dir(repository.path().join("objects")).unwrap();
    let left: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("incoming")), "{left:?}");
}

#[tokio::test]
async fn a_cut_push_leaves_nothing() {
    let fixture = Fixture::new().await;
    let work = fixture.work("work");
    work.commit("big", noise(1 << 20));
    let body = work.push_body("refs/heads/main", Oid::ZERO);
    let repository = fixture.repository(1);
    for cut in [10, 200, 5000, body.len() - 1] {
        let hook = fixture.register(|_| async { HookVerdict::accepted() });
        let (sender, stream) = open_body(body[..cut].to_vec());
        let output = repository.receive_pack(fixture.receive_options(hook), stream).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        sender.send(Err(io::Error::other("connection lost"))).await.unwrap();
        let (_, end) = collect(output).await;
        assert!(end.is_err(), "cut at {cut}");
        fixture.all_gone().await;
        assert!(repository.branch("main").await.unwrap().is_none());
        no_quarantine(&repository);
    }
}

#[tokio::test]
async fn a_push_that_arrived_runs_on_without_its_client() {
    let fixture = Fixture::new().await;
    let work = fixture.work("work");
    let (asked, hook_asked) = oneshot::channel();
    let (answer, verdict) = oneshot::channel::<()>();
    let hook = fixture.register(|_| async {
        asked.send(()).unwrap();
        verdict.await.unwrap();
        HookVerdict::accepted()
    });
    let repository = fixture.repository(1);
    let body = Bytes::from(work.push_body("refs/heads/main", Oid::ZERO));
    let output =
        repository.receive_pack(fixture.receive_options(hook), stream::iter([Ok(body)])).await.unwrap();
    hook_asked.await.unwrap();
    drop(output);
    tokio::time::sleep(Duration::from_millis(100)).await;
    answer.send(()).unwrap();
    fixture.all_gone().await;
    assert_eq!(repository.branch("main").await.unwrap().unwrap().commit, work.head());
}

#[tokio::test]
async fn a_push_without_its_client_has_a_time_limit() {
    let fixture = Fixture::with(|config| config.run_on_timeout = Duration::from_millis(200)).await;
    let work = fixture.work("work");
    let (asked, hook_asked) = oneshot::channel();
    let hook = fixture.register(|_| async {
        asked.send(()).unwrap();
        std::future::pending::<HookVerdict>().await
    });
    let body = Bytes::from(work.push_body("refs/heads/main", Oid::ZERO));
    let repository = fixture.repository(1);
    let output =
        repository.receive_pack(fixture.receive_options(hook), stream::iter([Ok(body)])).await.unwrap();
    hook_asked.await.unwrap();
    drop(output);
    tokio::time::sleep(Duration::from_millis(200)).await;
    fixture.all_gone().await;
    assert!(repository.branch("main").await.unwrap().is_none());
    no_quarantine(&repository);
}

#[tokio::test]
async fn processes_queue_for_a_while() {
    let fixture = Fixture::with(|config| {
        config.max_services = 1;
        config.queue_timeout = Duration::from_secs(2);
    })
    .await;
    let held = stalled_clone(&fixture).await;
    let service = super::Service::UploadPack;
    let repository = fixture.repository(1);
    let refused = repository.advertise(service, &Protocol::default()).await;
    assert!(matches!(refused, Err(GitError::Busy)));
    // Short commands have a lane of their own.
    assert!(repository.branch("main").await.unwrap().is_some());
    drop(held);
    fixture.all_gone().await;
    assert!(repository.advertise(service, &Protocol::default()).await.is_ok());
}

async fn refused_push(fixture: &Fixture, body: Vec<u8>, max_pack: Option<u64>) -> String {
    let repository = fixture.repository(1);
    let hook = fixture.register(|_| async { HookVerdict::accepted() });
    let options = super::ReceiveOptions { max_pack, ..fixture.receive_options(hook) };
    let pieces: Vec<_> = body.chunks(64 * 1024).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let (answer, end) = collect(repository.receive_pack(options, stream::iter(pieces)).await.unwrap()).await;
    end.unwrap();
    fixture.all_gone().await;
    assert!(repository.branch("main").await.unwrap().is_none());
    no_quarantine(&repository);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn large_packs_are_refused_with_a_reason() {
    let fixture = Fixture::new().await;
    let work = fixture.work("work");
    work.commit("big", noise(4 << 20));
    let text = refused_push(&fixture, work.push_body("refs/heads/main", Oid::ZERO), Some(1 << 20)).await;
    assert!(text.contains("exceeds maximum allowed size"), "{text}");
    assert!(text.contains("ng refs/heads/main unpacker error"), "{text}");
}

#[tokio::test]
async fn objects_that_unpack_to_far_more_are_refused() {
    let fixture = Fixture::with(|config| config.push_allocation_limit = 8 << 20).await;
    let work = fixture.work("work");
    work.commit("bomb", vec![0; 24 << 20]);
    let body = work.push_body("refs/heads/main", Oid::ZERO);
    assert!(body.len() < 100_000);
    let text = refused_push(&fixture, body, None).await;
    assert!(text.contains("ng refs/heads/main unpacker error"), "{text}");

    // Files beyond `core.bigFileThreshold` never lie in memory as a whole, so that the bound does not concern them.
    let work = fixture.work("large");
    work.commit("large", vec![0; 40 << 20]);
    let repository = push(&fixture, &work, Oid::ZERO).await;
    assert_eq!(repository.file_meta(work.head(), "large").await.unwrap().size, Some(40 << 20));
}

#[tokio::test]
async fn broken_objects_are_refused() {
    let fixture = Fixture::new().await;
    let work = fixture.work("work");
    let blob = work.git(&["rev-parse", "HEAD:README.md"]);
    let mut tree = b"100644 .git\0".to_vec();
    let hex = blob.trim();
    tree.extend((0..20).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()));
    std::fs::write(work.0.join("tree"), tree).unwrap();
    let tree = work.git(&["hash-object", "-t", "tree", "-w", "--literally", "tree"]);
    let commit = work.git(&["commit-tree", "-m", "bad", tree.trim()]);
    work.git(&["reset", "-q", "--soft", commit.trim()]);
    let text = refused_push(&fixture, work.push_body("refs/heads/main", Oid::ZERO), None).await;
    assert!(text.contains("hasDotgit") || text.contains("'.git'"), "{text}");

    // A pack without what it refers to.
    let work = fixture.work("other");
    let old = work.head();
    work.commit("second", "2");
    let new = work.head();
    let line = format!("{} {new} refs/heads/main\0report-status\n", Oid::ZERO);
    let mut body = format!("{:04x}{line}0000", line.len() + 4).into_bytes();
    body.extend(work.pack(&format!("{new}\n^{old}\n")));
    let text = refused_push(&fixture, body, None).await;
    assert!(text.contains("ng refs/heads/main"), "{text}");

    // A flipped bit.
    let mut body = work.push_body("refs/heads/main", Oid::ZERO);
    let middle = body.len() - 60;
    body[middle] ^= 4;
    let text = refused_push(&fixture, body, None).await;
    assert!(text.contains("ng refs/heads/main"), "{text}");
}
