//! Who is reached which way.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::Status;
use tonic::body::Body;
use tonic::transport::Endpoint;
use tower::Service;
use url::Host;

use crate::balance::{Balanced, LOOK_UP_EVERY};
use crate::client::{self, Wire};
use crate::incoming::Incoming;
use crate::{Caller, Peers, ServiceName};

/// How long a call waits for a server of the same process that does not serve yet, deadline permitting.
const WAIT_FOR_SERVER: Duration = Duration::from_secs(2);

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How often an open connection is checked, and how long the peer may take to answer. Catches peers that vanished
/// without closing.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(5));

/// Knows how each service is reached. Cheap to clone; clones share the servers of this process.
#[derive(Clone, Debug)]
pub struct Mesh(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    peers: Peers,
    in_process: bool,
    slots: [watch::Sender<Slot>; ServiceName::ALL.len()],
}

/// What is known of a service of this process.
#[derive(Clone, Default)]
enum Slot {
    /// It does not serve yet.
    #[default]
    Awaited,
    /// It serves.
    Serving(Incoming),
    /// It served, and has stopped.
    Stopped,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Awaited => "Awaited",
            Self::Serving(_) => "Serving",
            Self::Stopped => "Stopped",
        })
    }
}

impl Mesh {
    /// Services call each other inside this process, except those whose `*_URL` is set on purpose.
    pub fn in_process(peers: &Peers) -> Self {
        Self::new(peers, true)
    }

    /// Every call goes over a socket.
    pub fn over_sockets(peers: &Peers) -> Self {
        Self::new(peers, false)
    }

    fn new(peers: &Peers, in_process: bool) -> Self {
        let slots = std::array::from_fn(|_| watch::Sender::default());
        Self(Arc::new(Inner { peers: peers.clone(), in_process, slots }))
    }

    /// A way for `caller` to reach `to`, with deadline, trace, caller's name and measurements on every call.
    ///
    /// Nothing is connected yet: a server in this process is looked up with each call, so that two services that call
    /// each other can be built in either order, and a socket is opened by the first call. Calls to a host name are
    /// spread over all its addresses. Must be called inside a
    /// tokio runtime.
    ///
    /// # Panics
    /// When an address was put into [`Peers`] that is none; those from the command line are checked there.
    pub fn wire(&self, caller: impl Into<Caller>, to: ServiceName) -> Wire {
        if self.0.in_process && self.0.peers.url(to).is_none() {
            return client::wire(Here { slot: self.0.slots[to.index()].subscribe(), to }, caller.into(), to);
        }
        let url = self.0.peers.address(to);
        let endpoint = move |address: String| {
            Endpoint::from_shared(address)
                .expect("addresses of peers are checked when they are read")
                .connect_timeout(CONNECT_TIMEOUT)
                .http2_keep_alive_interval(KEEP_ALIVE.0)
                .keep_alive_timeout(KEEP_ALIVE.1)
                .keep_alive_while_idle(true)
        };
        match url.host() {
            Some(Host::Domain(name)) => {
                let host = (name.to_owned(), url.port_or_known_default().unwrap_or(80));
                let look_up = move || {
                    let host = host.clone();
                    async move { Ok(tokio::net::lookup_host(host).await?.collect()) }
                };
                let origin = endpoint(url.to_string()).uri().clone();
                let one = move |address| endpoint(format!("http://{address}")).origin(origin.clone());
                client::wire(Balanced::new(look_up, LOOK_UP_EVERY, one), caller.into(), to)
            }
            _ => client::wire(endpoint(url.to_string()).connect_lazy(), caller.into(), to),
        }
    }

    pub(crate) fn allows_insecure(&self) -> bool {
        self.0.peers.grpc_allow_insecure
    }

    /// Makes a server reachable inside this process until the guard is dropped.
    pub(crate) fn register(&self, service: ServiceName, incoming: Incoming) -> Registered {
        self.0.slots[service.index()].send_replace(Slot::Serving(incoming));
        Registered { mesh: self.clone(), service }
    }
}

/// Keeps a server reachable inside this process.
pub(crate) struct Registered {
    mesh: Mesh,
    service: ServiceName,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.mesh.0.slots[self.service.index()].send_replace(Slot::Stopped);
    }
}

/// Reaches a server of this process by a function call.
#[derive(Clone)]
struct Here {
    slot: watch::Receiver<Slot>,
    to: ServiceName,
}

impl Here {
    async fn server(&mut self) -> Result<Incoming, Status> {
        let to = self.to;
        let found = match &*self.slot.borrow() {
            Slot::Serving(incoming) => Some(incoming.clone()),
            Slot::Stopped => return Err(Status::unavailable(format!("{to} has stopped"))),
            Slot::Awaited => None,
        };
        if let Some(incoming) = found {
            return Ok(incoming);
        }
        let served =
            timeout(WAIT_FOR_SERVER, self.slot.wait_for(|slot| matches!(slot, Slot::Serving(_)))).await;
        match served {
            Ok(Ok(slot)) => match &*slot {
                Slot::Serving(incoming) => Ok(incoming.clone()),
                Slot::Awaited | Slot::Stopped => Err(Status::unavailable(format!("{to} does not serve"))),
            },
            Ok(Err(_)) | Err(_) => Err(Status::unavailable(format!("{to} does not serve yet"))),
        }
    }
}

impl Service<Request<Body>> for Here {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let mut here = self.clone();
        Box::pin(async move {
            match here.server().await {
                Ok(mut incoming) => incoming.call(request).await,
                Err(status) => Ok(status.into_http()),
            }
        })
    }
}
