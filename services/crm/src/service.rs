//! From a configuration to a running service.

use std::net::SocketAddr;

use ::store::{Store, StoreConfig};
use dealer::{DealerConfig, LiveDealer};
use lifecycle::{OnExit, Readiness, Stop, Tasks};
use mesh::{Mesh, Server, ServiceName};
use model::{Ids, SharedClock};
use proto::crm::v1::crm_service_server::CrmServiceServer;
use proto::privacy::v1::privacy_service_server::PrivacyServiceServer;

use crate::config::Config;
use crate::crm::Crm;
use crate::error::Error;
use crate::grpc::Grpc;
use crate::store::MIGRATIONS;

/// What the CRM needs from the process it lives in.
pub struct Deps {
    /// How other services reach it.
    pub mesh: Mesh,
    /// Where its tables are.
    pub store: StoreConfig,
    /// Who the dealer is.
    pub dealer: DealerConfig,
    /// Where time comes from.
    pub clock: SharedClock,
    /// Where ids come from.
    pub ids: Ids,
}

/// The CRM, bound and not yet serving.
pub struct Service {
    server: Server,
    crm: Crm,
}

/// Reads the dealer's file, opens and migrates the store and binds the address; fails early.
///
/// # Errors
/// When any of these cannot be done; the text names the setting.
pub async fn build(config: Config, deps: Deps) -> Result<Service, Error> {
    let dealer = LiveDealer::open(&deps.dealer, None)?;
    let store =
        Store::open_with(&deps.store, ServiceName::Crm.as_str(), MIGRATIONS, deps.clock, deps.ids).await?;
    let crm = Crm { store, dealer };
    let grpc = Grpc(crm.clone());
    let server = Server::bind(ServiceName::Crm, config.crm_listen, &deps.mesh)
        .await?
        .descriptors(proto::FILE_DESCRIPTOR_SET)
        .add_service(CrmServiceServer::new(grpc.clone()))
        .add_service(PrivacyServiceServer::new(grpc));
    Ok(Service { server, crm })
}

impl Service {
    /// Where the gRPC server listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Ready when the database answers.
    pub fn readiness(&self) -> Readiness {
        let store = self.crm.store.clone();
        Readiness::new().check("crm.database", move || {
            let store = store.clone();
            async move { store.ping().await }
        })
    }

    /// Serves until told to stop, then finishes the calls that are open and closes the store.
    ///
    /// # Errors
    /// When the server breaks.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        let Self { server, crm } = self;
        let dealer = crm.dealer.clone();
        let mut tasks = Tasks::new(stop.child());
        tasks.spawn("crm.grpc", OnExit::Stop, |stop| async { Ok(server.serve(stop).await?) });
        tasks.spawn("crm.dealer", OnExit::Stop, |stop| async {
            dealer.follow(stop).await;
            Ok(())
        });
        let outcome = tasks.run_until_stopped().await;
        crm.store.close().await;
        outcome
    }
}
