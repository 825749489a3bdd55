//! What became of each message after the provider took it: an append-only log and its latest state.
//!
//! Start at [`build`]. `domain` holds the rules (which status wins, where a late one lies in time), `store` and `queries`
//! the tables, `service` the use cases, `feed` the live stream, `failures` what the sender is told.

mod config;
pub mod domain;
mod error;
mod failures;
mod feed;
mod grpc;
mod latency;
mod metrics;
mod queries;
mod service;
mod store;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, sync::Arc};

use ::store::{Store, StoreConfig};
use lifecycle::{OnExit, Readiness, Stop, Tasks};
use mesh::{Mesh, Server, ServiceName};
use model::{Ids, SharedClock};
use proto::delivery::v1::delivery_status_service_server::DeliveryStatusServiceServer;
use queue::{Queue, QueueConfig, QueueName};

pub use config::Config;
pub use error::Error;
pub use store::MIGRATIONS;

use failures::Reporter;
use grpc::Grpc;
use service::Deliveries;

/// What the service needs of its surroundings.
#[derive(Clone)]
pub struct Deps {
    /// The way to channel-sender.
    pub mesh: Mesh,
    /// Where the tables are.
    pub store: StoreConfig,
    /// How long a worker keeps its work.
    pub queue: QueueConfig,
    /// The time.
    pub clock: SharedClock,
    /// Ids of leases.
    pub ids: Ids,
}

/// The service, listening and not yet serving.
pub struct Service {
    server: Server,
    store: Store,
    deliveries: Deliveries,
    failures: Queue,
    reporter: Arc<Reporter>,
}

/// Binds, connects and migrates; fails early.
pub async fn build(config: Config, deps: Deps) -> Result<Service, Error> {
    let name = ServiceName::DeliveryStatus;
    let server = Server::bind(name, config.delivery_status_listen, &deps.mesh).await?;
    let store = Store::open_with(&deps.store, name.as_str(), MIGRATIONS, deps.clock, deps.ids).await?;
    let deliveries = Deliveries::new(store.clone());
    let reporter = Arc::new(Reporter::new(deliveries.clone(), &deps.mesh));
    let options = failures::options(deps.queue.queue_lease);
    let failures = Queue::new(store.clone(), QueueName::Background, options);
    let server = server
        .descriptors(proto::FILE_DESCRIPTOR_SET)
        .add_service(DeliveryStatusServiceServer::new(Grpc(deliveries.clone())))
        .add_service(queue::admin::server(store.clone()));
    Ok(Service { server, store, deliveries, failures, reporter })
}

impl Service {
    /// Where the gRPC server listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Ready while the database answers.
    pub fn readiness(&self) -> Readiness {
        let store = self.store.clone();
        Readiness::new().check("delivery-status.database", move || {
            let store = store.clone();
            async move { store.ping().await }
        })
    }

    /// Serves until told to stop, then finishes what is in hand.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        let Self { server, store, deliveries, failures, reporter } = self;
        let mut tasks = Tasks::new(stop.child());
        tasks.spawn(
            "delivery-status.grpc",
            OnExit::Stop,
            |stop| async move { Ok(server.serve(stop).await?) },
        );
        tasks.spawn("delivery-status.failures", OnExit::Stop, |stop| async move {
            failures.run(stop, reporter).await
        });
        tasks.spawn("delivery-status.feed", OnExit::Stop, |stop| async move {
            deliveries.feed().follow(stop).await;
            Ok(())
        });
        let ended = tasks.run_until_stopped().await;
        store.close().await;
        ended
    }
}
