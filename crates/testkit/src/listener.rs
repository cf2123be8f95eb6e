//! A listener on the loopback interface, for git and other programs.

use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tessera_web::ClientAddress;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tower::ServiceExt;

use crate::app::App;

/// Serves connections until aborted.
pub(crate) fn serve(listener: TcpListener, app: App) -> AbortHandle {
    let accepting = async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let app = app.clone();
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let mut request: Request = request.map(Body::new);
                request.extensions_mut().insert(ClientAddress(peer.ip()));
                app.service().oneshot(request)
            });
            tokio::spawn(async move {
                // A client may go away as it likes.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    };
    tokio::spawn(accepting).abort_handle()
}
