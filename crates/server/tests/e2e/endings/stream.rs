//! A clone or push that is under way when its right ends (D8, L13).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tessera_testkit::TestApp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::doors::{EMPTY_PACK, Key, Place, update};

/// How long a test waits for what never comes if it does not work: a service whose client is silent goes on for
/// minutes. Only a failing test waits for it.
const PATIENCE: Duration = Duration::from_mins(1);

/// A request to one of Git's services whose client has not said all yet.
pub(crate) struct Stream {
    /// The door.
    pub(super) door: &'static str,
    socket: TcpStream,
    /// What its client would say to the end, and what it would then be answered.
    rest: Vec<u8>,
    success: String,
}

impl Stream {
    /// Begins a clone; it has been let in when this returns.
    pub(super) async fn fetch(app: &TestApp, key: &Key, place: &Place) -> Self {
        let piece = format!("0032want {}\n", place.head).into_bytes();
        let socket = begin(app, key, place, "git-upload-pack", &piece).await;
        Self { door: "fetch", socket, rest: b"00000009done\n".to_vec(), success: "PACK".to_owned() }
    }

    /// Begins a push of a new branch; it has been let in when this returns.
    pub(super) async fn push(app: &TestApp, key: &Key, place: &Place) -> Self {
        let name = format!("refs/heads/{}", place.new_branch());
        let (first, rest) = EMPTY_PACK.split_at(4);
        let piece = [&update(&place.head, &name), first].concat();
        let socket = begin(app, key, place, "git-receive-pack", &piece).await;
        Self { door: "push", socket, rest: rest.to_vec(), success: format!("ok {name}") }
    }

    /// Reads until the server closes the connection; the answer must not look complete.
    pub(super) async fn ends(mut self) -> Result<(), String> {
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.socket.read_to_end(&mut answer));
        let Ok(ended) = read.await else { return Err("it goes on".to_owned()) };
        let whole = answer.ends_with(b"0\r\n\r\n");
        if ended.is_err() || !whole { Ok(()) } else { Err("its answer looks whole".to_owned()) }
    }

    /// Says the rest, and hears that all went well.
    pub(super) async fn goes_on(mut self) -> Result<(), String> {
        let mut said = format!("{:x}\r\n", self.rest.len()).into_bytes();
        said.extend_from_slice(&self.rest);
        said.extend_from_slice(b"\r\n0\r\n\r\n");
        self.socket.write_all(&said).await.map_err(|error| error.to_string())?;
        let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
        while !contains(&answer, self.success.as_bytes()) {
            let read = tokio::time::timeout(PATIENCE, self.socket.read(&mut piece)).await;
            match read.map_err(|_| "it hangs".to_owned())?.map_err(|error| error.to_string())? {
                0 => return Err(format!("it was cut: {}", String::from_utf8_lossy(&answer))),
                count => answer.extend_from_slice(&piece[..count]),
            }
        }
        Ok(())
    }
}

/// Sends the head of a request and the first piece of its body, and waits for the head of the answer: by then the
/// caller has been judged and the service runs.
async fn begin(app: &TestApp, key: &Key, place: &Place, service: &str, piece: &[u8]) -> TcpStream {
    let (_, login, secret) = key.basic();
    let mut socket = TcpStream::connect(app.address()).await.unwrap();
    let request = format!(
        "POST /{}.git/{service} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {}\r\n\
         Content-Type: application/x-{service}-request\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        place.path,
        STANDARD.encode(format!("{login}:{secret}")),
        piece.len()
    );
    socket.write_all(&[request.as_bytes(), piece, b"\r\n"].concat()).await.unwrap();
    let mut head = Vec::new();
    while !contains(&head, b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    let head = String::from_utf8_lossy(&head);
    assert!(head.starts_with("HTTP/1.1 200"), "{service} was not begun: {head}");
    socket
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
