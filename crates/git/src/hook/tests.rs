//! Both sides of the hook together.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::server::HookServer;
use super::{HookRequest, HookVerdict, Nonce, RefUpdate, SOCKET_VARIABLE, wire};
use crate::Oid;

/// Not a test of its own: what the hook program of the other tests runs.
#[test]
#[ignore = "acts as the hook of other tests"]
fn acts_as_hook() {
    assert!(std::env::var_os(SOCKET_VARIABLE).is_some(), "only git may call this");
    std::process::exit(super::client::main().into());
}

fn updates(count: usize) -> HookRequest {
    let new: Oid = "1".repeat(40).parse().unwrap();
    let update =
        |index| RefUpdate { old: Oid::ZERO, new, name: format!("refs/heads/{}/{index}", "long".repeat(40)) };
    HookRequest { updates: (0..count).map(update).collect(), ..HookRequest::default() }
}

async fn ask(socket: PathBuf, message: Vec<u8>) -> HookVerdict {
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = UnixStream::connect(socket).unwrap();
        stream.write_all(&message).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    });
    wire::read_verdict(&answer.await.unwrap()).unwrap()
}

fn socket(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap().join("hook.sock")
}

#[tokio::test]
async fn a_number_works_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = HookServer::bind(folder.path()).await.unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let nonce = Nonce::new([9; 16]);
    let counter = Arc::clone(&calls);
    let registration = server
        .register(nonce, move |request| async move {
            counter.fetch_add(request.updates.len(), Ordering::SeqCst);
            HookVerdict::accepted()
        })
        .unwrap();
    assert!(server.register(nonce, |_| async { HookVerdict::accepted() }).is_err(), "in use");

    let message = wire::write_request(nonce, &updates(10_000)).unwrap();
    assert!(ask(socket(folder.path()), message.clone()).await.accept);
    assert_eq!(calls.load(Ordering::SeqCst), 10_000);
    let second = ask(socket(folder.path()), message).await;
    assert!(!second.accept);
    assert_eq!(second.messages, ["The server does not know this push."]);
    assert_eq!(calls.load(Ordering::SeqCst), 10_000);
    drop(registration);
}

#[tokio::test]
async fn unknown_and_ended_pushes_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = HookServer::bind(folder.path()).await.unwrap();
    let nonce = Nonce::new([1; 16]);
    drop(server.register(nonce, |_| async { HookVerdict::accepted() }).unwrap());
    for other in [nonce, Nonce::new([2; 16])] {
        let message = wire::write_request(other, &updates(1)).unwrap();
        assert!(!ask(socket(folder.path()), message).await.accept);
    }
}

#[tokio::test]
async fn a_cut_question_has_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let server = HookServer::bind(folder.path()).await.unwrap();
    let nonce = Nonce::new([3; 16]);
    let _registration = server.register(nonce, |_| async { panic!("must not be asked") }).unwrap();
    let mut message = wire::write_request(nonce, &updates(3)).unwrap();
    message.truncate(message.len() - 2);
    let path = socket(folder.path());
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = UnixStream::connect(path).unwrap();
        stream.write_all(&message).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    });
    assert_eq!(answer.await.unwrap(), b"");
}

#[tokio::test]
async fn the_socket_is_private_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("new");
    let first = HookServer::bind(&place).await.unwrap();
    // As after a crash: the file stays, nobody listens.
    std::mem::forget(first);
    let second = HookServer::bind(&place).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place), 0o700);
    assert_eq!(mode(&socket(&place)), 0o600);
    drop(second);
    assert!(!place.join("hook.sock").exists());
}
