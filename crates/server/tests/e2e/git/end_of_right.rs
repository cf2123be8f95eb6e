//! A service that runs when its token dies ends with it (D8, L13, B2). That every other end of a right ends it too
//! stands in the state table of endings.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;
use tessera_testkit::{Client, TestApp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::endings::{PERSONAL, Story};
use crate::instance;

/// How often a running service looks whether it may go on.
const LOOK: Duration = Duration::from_millis(500);

/// Asks with a dead token as often as a running service looks. Seconds would say how busy the machine is; what holds up
/// the looks of the service holds up these too.
async fn look(token: &Client, times: u32) {
    for _ in 0..times {
        tokio::time::sleep(LOOK).await;
        assert_eq!(token.get("/user").await.status, 401);
    }
}

#[tokio::test]
async fn a_silent_clone_and_push_end_within_a_few_looks() {
    let mut story = Story::begin().await.with(&[PERSONAL]).await;
    let token = story.ada.client.clone();
    token.delete("/personal_access_tokens/self").await.gone();
    // The one that was under way at the moment of the answer, the next one, and what it takes to end.
    tokio::select! {
        () = story.streams_end() => {}
        () = look(&token, 4) => panic!("the clone or the push goes on"),
    }
}

/// What does not get smaller by packing, in bytes.
const NOISE: usize = 9_000_000;

fn noise() -> String {
    let mut state = 88_172_645_463_325_252_u64;
    let bytes = (0..NOISE).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    });
    STANDARD_NO_PAD.encode(bytes.collect::<Vec<_>>())
}

/// Asks for all of a repository, and reads nothing but that it is let in.
async fn clone_without_reading(app: &TestApp, head: &str, token: &Client) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    let mut stream = socket.connect(app.address()).await.unwrap();
    let body = format!("0032want {head}\n00000009done\n");
    let request = format!(
        "POST /root/demo.git/git-upload-pack HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {}\r\n\
         Content-Type: application/x-git-upload-pack-request\r\nContent-Length: {}\r\n\r\n{body}",
        token.secret(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    stream
}

#[tokio::test]
async fn a_clone_on_its_way_ends_in_the_middle() {
    let app = instance().listening().start().await;
    let admin = app.admin();
    let project = admin.project_with(json!({ "name": "demo", "initialize_with_readme": true })).await;
    let repository = format!("/projects/{project}/repository");
    let wanted = json!({ "branch": "main", "content": noise(), "commit_message": "Add noise" });
    admin.post(&format!("{repository}/files/large"), wanted).await.created();
    let main = admin.get(&format!("{repository}/branches/main")).await.ok();
    let head = main["commit"]["id"].as_str().unwrap();
    let tokens = [
        admin.project_token(project, "cut", &["read_repository"]).await,
        admin.project_token(project, "whole", &["read_repository"]).await,
    ];
    let mut clones = Vec::new();
    for token in &tokens {
        clones.push(clone_without_reading(&app, head, &token.client).await);
    }
    admin.delete(&format!("/projects/{project}/access_tokens/{}", tokens[0].id)).await.gone();
    // Nobody reads, so both stand still; of the two only the one whose token lives can go on when somebody does.
    look(&tokens[0].client, 4).await;
    let mut read = [0, 0];
    for (clone, read) in clones.iter_mut().zip(&mut read) {
        let mut piece = vec![0; 256 * 1024];
        // The end may come as an error too. The connection of the one that goes on stays open after its answer.
        while let Ok(Ok(count @ 1..)) = tokio::time::timeout(20 * LOOK, clone.read(&mut piece)).await {
            *read += count;
            if piece[..count].ends_with(b"0\r\n\r\n") {
                break;
            }
        }
    }
    assert!(read[0] < NOISE * 2 / 3, "{} bytes came of the clone whose token is dead", read[0]);
    assert!(read[1] > NOISE, "{} bytes came of the other one", read[1]);
}
