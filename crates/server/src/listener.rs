//! The HTTP listener: connections in, requests to the application, and an orderly end.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tessera_web::ClientAddress;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt;

/// A client that takes longer to send its headers is cut off.
const HEADER_TIME: Duration = Duration::from_secs(30);
/// Wait after a failed accept (out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const HEADER_BYTES: usize = 64 << 10;

/// Serves connections until told to stop, then lets requests in flight finish for a while.
pub(crate) async fn serve<S>(
    listener: TcpListener,
    app: S,
    proxies: Arc<Vec<IpAddr>>,
    mut stop: watch::Receiver<bool>,
    grace: Duration,
) where
    S: tower::Service<Request, Response = Response, Error = std::convert::Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => start(&graceful, stream, peer, app.clone(), Arc::clone(&proxies)),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            _ = stop.changed() => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still in flight at the end of the grace time");
    }
}

fn start<S>(
    graceful: &GracefulShutdown,
    stream: TcpStream,
    peer: SocketAddr,
    app: S,
    proxies: Arc<Vec<IpAddr>>,
) where
    S: tower::Service<Request, Response = Response, Error = std::convert::Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let app = app.clone();
        let mut request = request.map(Body::new);
        let address = client(peer.ip(), &request, &proxies);
        request.extensions_mut().insert(ClientAddress(address));
        app.oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A client that goes away is none of our faults.
        let _ = connection.await;
    });
}

/// The client's address: the peer's, unless the peer is a proxy that we were told to believe; then the
/// last address in `X-Forwarded-For` that is no such proxy.
fn client(peer: IpAddr, request: &Request, proxies: &[IpAddr]) -> IpAddr {
    if !proxies.contains(&peer) {
        return peer;
    }
    let forwarded =
        request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let addresses: Vec<IpAddr> = forwarded
        .flat_map(|list| list.split(','))
        .filter_map(|address| address.trim().parse().ok())
        .collect();
    addresses.into_iter().rev().find(|address| !proxies.contains(address)).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str) -> String {
        let request = Request::builder().header("x-forwarded-for", forwarded).body(Body::empty()).unwrap();
        client(peer.parse().unwrap(), &request, &["10.0.0.1".parse().unwrap()]).to_string()
    }

    #[test]
    fn only_known_proxies_are_believed() {
        assert_eq!(seen("192.0.2.9", "203.0.113.7"), "192.0.2.9");
        assert_eq!(seen("10.0.0.1", "203.0.113.7"), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.1"), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", "nonsense"), "10.0.0.1");
    }
}
