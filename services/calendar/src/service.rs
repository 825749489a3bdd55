//! From a configuration to a running service.

use std::net::SocketAddr;
use std::sync::Arc;

use ::store::{Store, StoreConfig};
use dealer::{DealerConfig, LiveDealer};
use lifecycle::{OnExit, Readiness, Stop, Tasks};
use mesh::{Mesh, Server, ServiceName};
use model::{Ids, SharedClock};
use proto::calendar::v1::calendar_service_server::CalendarServiceServer;
use proto::privacy::v1::privacy_service_server::PrivacyServiceServer;
use queue::{Options, Queue, QueueConfig, QueueName};

use crate::calendar::Calendar;
use crate::config::Config;
use crate::error::Error;
use crate::grpc::Grpc;
use crate::release::Worker;
use crate::store::MIGRATIONS;

/// What the calendar needs from the process it lives in.
pub struct Deps {
    /// How other services reach it.
    pub mesh: Mesh,
    /// Where its tables are.
    pub store: StoreConfig,
    /// How long its queue's leases last.
    pub queue: QueueConfig,
    /// Who the dealer is.
    pub dealer: DealerConfig,
    /// Where time comes from.
    pub clock: SharedClock,
    /// Where ids come from.
    pub ids: Ids,
}

/// The calendar, bound and not yet serving.
pub struct Service {
    server: Server,
    calendar: Calendar,
    queue: Queue,
}

/// Reads the dealer's file, opens and migrates the store and binds the address; fails early.
///
/// # Errors
/// When any of these cannot be done; the text names the setting.
pub async fn build(config: Config, deps: Deps) -> Result<Service, Error> {
    let dealer = LiveDealer::open(&deps.dealer, None)?;
    let name = ServiceName::Calendar.as_str();
    let clock = deps.clock.clone();
    let store = Store::open_with(&deps.store, name, MIGRATIONS, clock, deps.ids).await?;
    let calendar = Calendar { store: store.clone(), clock: deps.clock, dealer };
    let grpc = Grpc(calendar.clone());
    let server = Server::bind(ServiceName::Calendar, config.calendar_listen, &deps.mesh)
        .await?
        .descriptors(proto::FILE_DESCRIPTOR_SET)
        .add_service(CalendarServiceServer::new(grpc.clone()))
        .add_service(PrivacyServiceServer::new(grpc))
        .add_service(queue::admin::server(store.clone()));
    let options = Options { lease: deps.queue.queue_lease, ..Options::default() };
    let queue = Queue::new(store, QueueName::Background, options);
    Ok(Service { server, calendar, queue })
}

impl Service {
    /// Where the gRPC server listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Ready when the database answers.
    pub fn readiness(&self) -> Readiness {
        let store = self.calendar.store.clone();
        Readiness::new().check("calendar.database", move || {
            let store = store.clone();
            async move { store.ping().await }
        })
    }

    /// Serves until told to stop, then finishes what is in hand and closes the store.
    ///
    /// # Errors
    /// When the server or the queue's workers break.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        let Self { server, calendar, queue } = self;
        let worker = Arc::new(Worker { store: calendar.store.clone() });
        let dealer = calendar.dealer.clone();
        let mut tasks = Tasks::new(stop.child());
        tasks.spawn("calendar.grpc", OnExit::Stop, |stop| async { Ok(server.serve(stop).await?) });
        tasks.spawn("calendar.background", OnExit::Stop, |stop| async move { queue.run(stop, worker).await });
        tasks.spawn("calendar.dealer", OnExit::Stop, |stop| async {
            dealer.follow(stop).await;
            Ok(())
        });
        let outcome = tasks.run_until_stopped().await;
        calendar.store.close().await;
        outcome
    }
}
