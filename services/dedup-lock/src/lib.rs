//! Claims on message keys, named locks with fencing tokens and fair waiting, and sliding-window rate limits, for the whole mesh.
//!
//! Start at [`build`]. [`store`] says what is asked of a store; [`memory`] and [`mod@redis`] answer it. [`waiting`]
//! is what makes a lock wait its turn.

mod config;
pub mod domain;
mod error;
mod grpc;
pub mod memory;
mod metrics;
pub mod redis;
mod service;
pub mod store;
pub mod waiting;

use std::net::SocketAddr;

use lifecycle::{Readiness, Stop};
use mesh::{Mesh, Server, ServerError, ServiceName};
use model::SharedClock;
use proto::dedup::v1::dedup_service_server::DedupServiceServer;
use proto::lock::v1::lock_service_server::LockServiceServer;
use proto::ratelimit::v1::rate_limit_service_server::RateLimitServiceServer;
use tracing::{info, warn};

pub use config::{Config, InvalidRedis};
pub use error::{Error, StoreError};

use crate::grpc::Grpc;
use crate::memory::MemoryStore;
use crate::redis::RedisStore;
use crate::store::Store;

/// What dedup-lock is given.
#[derive(Clone, Debug)]
pub struct Deps {
    /// The mesh its server joins.
    pub mesh: Mesh,
    /// The clock of the store in memory; Redis has its own.
    pub clock: SharedClock,
}

/// Why dedup-lock could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Where Redis is cannot be understood.
    #[error(transparent)]
    Redis(#[from] InvalidRedis),
    /// The server could not be bound.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// Binds the server and looks for the store.
///
/// A Redis that does not answer is no failure: the service starts, is not ready, and answers UNAVAILABLE until Redis is there.
///
/// # Errors
/// [`BuildError`] for a wrong `REDIS_URL` or an address that cannot be bound.
pub async fn build(config: Config, deps: Deps) -> Result<Service, BuildError> {
    let address = config.redis_address()?;
    let server = Server::bind(ServiceName::DedupLock, config.dedup_lock_listen, &deps.mesh).await?;
    let Some(address) = address else {
        info!(store = "memory", "claims, locks and limits are in memory, for this process alone");
        return Ok(Service::new(server, MemoryStore::new(deps.clock)).await);
    };
    info!(store = "redis", "claims, locks and limits are in redis");
    let store = RedisStore::new(address, config.redis_key_prefix, config.redis_timeout);
    Ok(Service::new(server, store).await)
}

/// A dedup-lock that is bound and not serving yet.
#[derive(Debug)]
pub struct Service {
    server: Server,
    readiness: Readiness,
}

impl Service {
    async fn new<S: Store>(server: Server, store: S) -> Self {
        if let Err(error) = store.reach().await {
            warn!(%error, "the store does not answer; not ready until it does");
        }
        let grpc = Grpc::new(store.clone());
        let server = server
            .descriptors(proto::FILE_DESCRIPTOR_SET)
            .add_service(DedupServiceServer::new(grpc.clone()))
            .add_service(LockServiceServer::new(grpc.clone()))
            .add_service(RateLimitServiceServer::new(grpc));
        let readiness = Readiness::new().check("dedup-lock.store", move || {
            let store = store.clone();
            async move { store.reach().await }
        });
        Self { server, readiness }
    }

    /// Where the server listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Ready while the store can be reached.
    pub fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }

    /// Serves until told to stop.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        Ok(self.server.serve(stop).await?)
    }
}
