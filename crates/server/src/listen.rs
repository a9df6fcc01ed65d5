//! The accept loop: what a peer may take its time over before it has said anything (D14, security statement 31).

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// A head that is not whole at this size is refused with 431 by the protocol itself; our own, smaller limits are in `limits`.
const MAX_HEAD: usize = 64 * 1024;

/// How long a peer may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Before the head of a request is whole; also between two requests of a connection.
    pub head: Duration,
    /// Between two pieces of a body.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), body: Duration::from_secs(10) }
    }
}

/// Serves until `stop` ends, then finishes the requests under way.
pub async fn serve(listener: TcpListener, router: Router, patience: Patience, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => {
                    tokio::spawn(connection(socket, peer, router.clone(), patience, graceful.watcher()));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: others must end before there is room.
                    tracing::warn!(error = %error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn connection(socket: TcpStream, peer: SocketAddr, router: Router, patience: Patience, watcher: Watcher) {
    // Without it pipelined answers would wait 40 ms (performance.md 1.3).
    let _ = socket.set_nodelay(true);
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(Body::new)
    });
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(MAX_HEAD);
    let served = builder.serve_connection_with_upgrades(TokioIo::new(socket), TowerToHyperService::new(service));
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(error = %error, "a connection ended early");
    }
}
