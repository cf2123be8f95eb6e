//! A service that runs when its token dies ends with it (D8, L13).

use std::fmt::Write as _;
use std::time::Duration;

use tessera_testkit::program::GitClient;
use tessera_testkit::{Client, TestApp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::git::access::url;
use crate::instance;

/// Begins a request to a service and leaves its body open, as a client does that is still packing.
async fn begin(app: &TestApp, token: &Client, service: &str, piece: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address()).await.unwrap();
    let mut request = format!("POST /root/demo.git/{service} HTTP/1.1\r\nHost: x\r\n");
    write!(request, "Private-Token: {}\r\nContent-Type: application/x-{service}-request\r\n", token.secret())
        .unwrap();
    write!(request, "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{piece}\r\n", piece.len()).unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// How long a test waits for what comes within a second on a machine that has nothing else to do, and never if it
/// does not work: a service whose client is silent goes on for minutes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Reads until the server closes the connection; the answer must not look complete.
async fn broken_off(mut stream: TcpStream) {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer));
    let ended = read.await.expect("the stream went on");
    let whole = answer.ends_with(b"0\r\n\r\n");
    assert!(ended.is_err() || !whole, "the answer looks whole: {}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn a_fetch_and_a_push_end_with_their_token() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["write_repository"]).await;
    let other = app.admin().project_token(project, "other", &["write_repository"]).await;
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    work.run(&["push", "-q", &url(&app, "x", &token.client, "root/demo"), "main"]).await.ok();
    let head = work.run(&["rev-parse", "HEAD"]).await.ok();

    let want = format!("0032want {}\n", head.trim());
    let fetch = begin(&app, &token.client, "git-upload-pack", &want).await;
    let update = format!("{} {} refs/heads/x\0 report-status", "0".repeat(40), "1".repeat(40));
    let push = format!("{:04x}{update}0000PACK", update.len() + 4);
    let push = begin(&app, &token.client, "git-receive-pack", &push).await;
    let mut bystander = begin(&app, &other.client, "git-upload-pack", &want).await;
    tokio::time::sleep(Duration::from_millis(300)).await;

    app.admin().delete(&format!("/projects/{project}/access_tokens/{}", token.id)).await.gone();
    broken_off(fetch).await;
    broken_off(push).await;

    // Another token's fetch goes on to its end meanwhile.
    bystander.write_all(b"d\r\n00000009done\n\r\n0\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 4096];
    let mut seen = Vec::new();
    while !seen.windows(4).any(|four| four == b"PACK") {
        let read = tokio::time::timeout(PATIENCE, bystander.read(&mut answer));
        let count = read.await.expect("the other fetch hangs").unwrap();
        assert!(count > 0, "the other fetch was cut: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&answer[..count]);
    }
}
