//! The HTTP server: accepts, bounds and, when the process stops, finishes what was begun.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::{Extensions, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use lifecycle::Stop;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

/// How long the headers of a request may take, and how long a connection may idle between two.
const HEADERS_READ: Duration = Duration::from_secs(10);
/// Largest head of a request, request line included. Twilio's are below 2 KiB.
const MAX_HEAD: usize = 16 * 1024;
/// Connections open at a time; further ones wait in the kernel's backlog.
const MAX_CONNECTIONS: usize = 4_096;
/// Pause after a connection could not be accepted, as when file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The address at the other end of a request's connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(IpAddr);

impl Peer {
    /// The peer that [`serve`] noted with a request.
    pub fn of(extensions: &Extensions) -> IpAddr {
        extensions.get::<Self>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0)
    }
}

/// Serves until the end is asked for; then accepts nothing more and returns once every request is answered.
pub async fn serve(listener: TcpListener, routes: Router, stop: Stop) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let connections = TaskTracker::new();
    while let Some((stream, peer, place)) = stop.or(accept(&listener, &places)).await {
        connections.spawn(converse(stream, peer, place, routes.clone(), stop.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place =
        Arc::clone(places).acquire_owned().await.expect("the semaphore of connections is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    _place: OwnedSemaphorePermit,
    routes: Router,
    stop: Stop,
) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "a connection is slower than need be");
    }
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        routes.call(request)
    });
    let mut conversation = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_READ)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        () = stop.requested() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection broke off");
    }
}
