//! The bare HTTP stack: axum on tokio with two workers, replaying one captured answer and doing nothing else.

use crate::error::{Context, Result};
use crate::http::Answer;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::get;
use axum::serve::ListenerExt;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// Worker threads of the runtime: what the product uses.
const WORKERS: usize = 2;

/// The captured answer, as it lies in the file that the baseline reads at start.
#[derive(Debug, Serialize, Deserialize)]
pub struct Captured {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Captured {
    /// What of `answer` is to be replayed: all but the headers that the HTTP library itself writes.
    pub fn from_answer(answer: &Answer) -> Self {
        let own = ["date", "content-length", "transfer-encoding", "connection"];
        let replayed = |(name, _): &&(String, String)| !own.contains(&name.to_ascii_lowercase().as_str());
        Self {
            status: answer.status,
            headers: answer.headers.iter().filter(replayed).cloned().collect(),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }

    /// Writes it where [`serve`] reads it.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_vec(self).context("captured answer")?;
        std::fs::write(path, text).context("captured answer")
    }
}

struct Replay {
    status: StatusCode,
    headers: HeaderMap,
    body: axum::body::Bytes,
}

/// Serves the answer in `file` at `/api/v4/user` until it is ended by a signal.
pub fn serve(listen: SocketAddr, file: &Path) -> Result<()> {
    let text = std::fs::read(file).context("captured answer")?;
    let captured: Captured = serde_json::from_slice(&text).context("captured answer")?;
    let mut headers = HeaderMap::new();
    for (name, value) in &captured.headers {
        let name = HeaderName::try_from(name.as_str()).context("header")?;
        headers.append(name, HeaderValue::try_from(value.as_str()).context("header")?);
    }
    let status = StatusCode::from_u16(captured.status).context("status")?;
    let replay = Arc::new(Replay { status, headers, body: captured.body.into_bytes().into() });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    runtime.context("runtime")?.block_on(async move {
        let listener = tokio::net::TcpListener::bind(listen).await.context("listen")?;
        let listener = listener.tap_io(|stream| {
            stream.set_nodelay(true).ok();
        });
        let app = Router::new()
            .route("/api/v4/user", get(answer))
            .route("/-/readiness", get(async || "ok"))
            .with_state(replay);
        axum::serve(listener, app).await.context("serve")
    })
}

async fn answer(State(replay): State<Arc<Replay>>) -> Response<Body> {
    let mut response = Response::new(Body::from(replay.body.clone()));
    *response.status_mut() = replay.status;
    *response.headers_mut() = replay.headers.clone();
    response
}

#[cfg(test)]
mod tests {
    use super::Captured;
    use crate::http::Answer;

    #[test]
    fn headers_of_the_library_are_left_to_it() {
        let header = |name: &str| (name.to_owned(), "v".to_owned());
        let headers = vec![header("Date"), header("X-Request-Id"), header("content-length")];
        let captured = Captured::from_answer(&Answer { status: 200, headers, body: b"{}".to_vec() });
        assert_eq!(captured.headers, vec![header("X-Request-Id")]);
        assert_eq!(captured.body, "{}");
    }
}
