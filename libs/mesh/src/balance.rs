//! Spreads calls over all addresses of a name, as a headless Service of Kubernetes gives them.
//!
//! One HTTP/2 connection stays with one Pod for ever, so each address gets its own, and each call takes the less busy
//! of two. The name is looked up again and again: new Pods get calls, vanished ones get none.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use tonic::Status;
use tonic::body::Body;
use tonic::transport::channel::Change;
use tonic::transport::{Channel, Endpoint};
use tower::{Service, ServiceExt};
use tracing::{debug, warn};

/// How often a name is looked up: a Pod is known at the latest this long after it became ready.
pub(crate) const LOOK_UP_EVERY: Duration = Duration::from_secs(5);

/// How long a call waits for the first look-up, deadline permitting.
const FIRST_LOOK_UP: Duration = Duration::from_secs(2);

/// Changes of addresses that may wait to be taken up.
const CHANGES: usize = 64;

/// Reaches whichever addresses a name has.
#[derive(Clone)]
pub(crate) struct Balanced {
    channel: Channel,
    known: watch::Receiver<Known>,
}

#[derive(Clone, Debug)]
enum Known {
    /// Nobody has looked yet.
    Nothing,
    /// There are addresses.
    Addresses,
    /// There are none, and this is why.
    NoAddress(String),
}

impl Balanced {
    /// Follows what `look_up` finds until the last clone is dropped; `endpoint` makes a way to one address.
    pub(crate) fn new<L, F>(
        look_up: L,
        every: Duration,
        endpoint: impl Fn(SocketAddr) -> Endpoint + Send + Sync + 'static,
    ) -> Self
    where
        L: Fn() -> F + Send + 'static,
        F: Future<Output = io::Result<Vec<SocketAddr>>> + Send,
    {
        let (channel, changes) = Channel::balance_channel(CHANGES);
        let (tell, known) = watch::channel(Known::Nothing);
        tokio::spawn(async move {
            let mut addresses = HashSet::new();
            loop {
                let found = look_up().await;
                if follow(&mut addresses, found, &changes, &endpoint, &tell).await.is_none() {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(every) => {}
                    () = tell.closed() => return,
                }
            }
        });
        Self { channel, known }
    }
}

/// Passes on what has changed; `None` once nobody listens any more.
async fn follow(
    addresses: &mut HashSet<SocketAddr>,
    found: io::Result<Vec<SocketAddr>>,
    changes: &Sender<Change<SocketAddr, Endpoint>>,
    endpoint: &(impl Fn(SocketAddr) -> Endpoint + Sync),
    tell: &watch::Sender<Known>,
) -> Option<()> {
    let found: HashSet<_> = match found {
        Ok(found) => found.into_iter().collect(),
        Err(error) if addresses.is_empty() => {
            tell.send(Known::NoAddress(error.to_string())).ok()?;
            return Some(());
        }
        Err(error) => {
            // The resolver may be away for a moment; the addresses are more likely right than gone.
            warn!(%error, "the addresses of a peer cannot be looked up, the old ones are used");
            return Some(());
        }
    };
    for added in found.difference(addresses) {
        debug!(address = %added, "a peer has a new address");
        changes.send(Change::Insert(*added, endpoint(*added))).await.ok()?;
    }
    for removed in addresses.difference(&found) {
        debug!(address = %removed, "a peer has lost an address");
        changes.send(Change::Remove(*removed)).await.ok()?;
    }
    *addresses = found;
    let known = if addresses.is_empty() {
        Known::NoAddress("the name has no address".to_owned())
    } else {
        Known::Addresses
    };
    tell.send(known).ok()
}

impl Service<Request<Body>> for Balanced {
    type Response = Response<Body>;
    type Error = tonic::transport::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self { channel, mut known } = self.clone();
        Box::pin(async move {
            match addresses_known(&mut known).await {
                Ok(()) => channel.oneshot(request).await,
                Err(why) => Ok(Status::unavailable(why).into_http()),
            }
        })
    }
}

/// Waits for the first look-up; an error says why there is nobody to call.
async fn addresses_known(known: &mut watch::Receiver<Known>) -> Result<(), String> {
    let looked =
        tokio::time::timeout(FIRST_LOOK_UP, known.wait_for(|known| !matches!(known, Known::Nothing))).await;
    match looked {
        Ok(Ok(known)) => match &*known {
            Known::Addresses => Ok(()),
            Known::NoAddress(why) => Err(format!("peer cannot be found: {why}")),
            Known::Nothing => Err("peer is still being looked up".to_owned()),
        },
        Ok(Err(_)) => Err("peer is no longer looked up".to_owned()),
        Err(_) => Err("peer is still being looked up".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    use tokio::task::JoinHandle;
    use tonic::transport::server::TcpIncoming;
    use tonic_health::ServingStatus;
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_client::HealthClient;

    const SOON: Duration = Duration::from_millis(10);

    /// A server that is told from others by the status it gives.
    async fn server(status: ServingStatus) -> (SocketAddr, JoinHandle<()>) {
        let (reporter, health) = tonic_health::server::health_reporter();
        reporter.set_service_status("", status).await;
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = incoming.local_addr().unwrap();
        let serving = tonic::transport::Server::builder().add_service(health).serve_with_incoming(incoming);
        (address, tokio::spawn(async move { serving.await.unwrap() }))
    }

    type Found = Arc<Mutex<Result<Vec<SocketAddr>, &'static str>>>;

    fn balanced(found: &Found) -> HealthClient<Balanced> {
        let found = found.clone();
        let look_up = move || {
            let found = found.lock().unwrap().clone().map_err(io::Error::other);
            std::future::ready(found)
        };
        let endpoint = |address: SocketAddr| Endpoint::from_shared(format!("http://{address}")).unwrap();
        HealthClient::new(Balanced::new(look_up, SOON, endpoint))
    }

    async fn statuses(client: &mut HealthClient<Balanced>) -> Result<HashSet<i32>, Status> {
        let mut statuses = HashSet::new();
        for _ in 0..50 {
            let answer = client.check(HealthCheckRequest::default()).await?;
            statuses.insert(answer.into_inner().status);
        }
        Ok(statuses)
    }

    #[tokio::test]
    async fn calls_spread_over_all_addresses_and_leave_those_that_vanish() {
        let (first, _serving) = server(ServingStatus::Serving).await;
        let (second, stopping) = server(ServingStatus::NotServing).await;
        let found: Found = Arc::new(Mutex::new(Ok(vec![first, second])));
        let mut client = balanced(&found);
        assert_eq!(statuses(&mut client).await.unwrap(), HashSet::from([1, 2]));
        *found.lock().unwrap() = Ok(vec![first]);
        tokio::time::sleep(SOON * 20).await;
        stopping.abort();
        assert_eq!(statuses(&mut client).await.unwrap(), HashSet::from([1]));
        *found.lock().unwrap() = Err("resolver is away");
        tokio::time::sleep(SOON * 20).await;
        assert_eq!(statuses(&mut client).await.unwrap(), HashSet::from([1]), "old addresses stay in use");
    }

    #[tokio::test]
    async fn a_name_without_addresses_is_unavailable_at_once_and_found_later() {
        let found: Found = Arc::new(Mutex::new(Err("no such host")));
        let mut client = balanced(&found);
        let status = client.check(HealthCheckRequest::default()).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::Unavailable);
        assert_eq!(status.message(), "peer cannot be found: no such host");
        let (address, _serving) = server(ServingStatus::Serving).await;
        *found.lock().unwrap() = Ok(vec![address]);
        tokio::time::sleep(SOON * 20).await;
        assert_eq!(statuses(&mut client).await.unwrap(), HashSet::from([1]));
    }
}
