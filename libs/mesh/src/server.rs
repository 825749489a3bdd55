//! A service's gRPC server.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use http::Request;
use lifecycle::Stop;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, HealthService};
use tower::{Layer, Service};
use tracing::info;

use crate::incoming::Common;
use crate::{Mesh, ServiceName};

/// How often an open connection is checked, and how long the peer may take to answer.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// Calls that one connection may have open at once: bounds what one client can make us hold.
const MAX_CONCURRENT_STREAMS: u32 = 1_024;

/// A gRPC server could not be started, or broke.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken or not ours.
    #[error("{service} cannot listen on {listen}: set {} to a free address", .service.listen_variable())]
    Bind {
        /// Whose server it is.
        service: ServiceName,
        /// The address asked for.
        listen: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address can be reached from other machines and nothing encrypts.
    #[error(
        "{service} must not listen on {listen} without TLS: set {} to a loopback address, or GRPC_ALLOW_INSECURE=true \
         where something else encrypts",
        .service.listen_variable()
    )]
    Insecure {
        /// Whose server it is.
        service: ServiceName,
        /// The address asked for.
        listen: SocketAddr,
    },
    /// The descriptor set given for reflection cannot be read.
    #[error("the descriptors of {service} cannot be read")]
    Descriptors {
        /// Whose server it is.
        service: ServiceName,
        /// What is wrong with them.
        source: tonic_reflection::server::Error,
    },
    /// The server broke while serving.
    #[error("the gRPC server of {service} broke")]
    Serve {
        /// Whose server it is.
        service: ServiceName,
        /// What happened.
        source: tonic::transport::Error,
    },
}

/// A service's gRPC server: bound, and not serving until [`serve`](Self::serve).
#[derive(Debug)]
pub struct Server {
    service: ServiceName,
    mesh: Mesh,
    listener: TcpListener,
    addr: SocketAddr,
    routes: Routes,
    names: Vec<&'static str>,
    descriptors: Option<&'static [u8]>,
}

impl Server {
    /// Binds a service's address; port 0 takes a free one.
    ///
    /// # Errors
    /// When it cannot be bound, or lies beyond loopback while nothing encrypts.
    pub async fn bind(service: ServiceName, listen: SocketAddr, mesh: &Mesh) -> Result<Self, ServerError> {
        if !listen.ip().is_loopback() && !mesh.allows_insecure() {
            return Err(ServerError::Insecure { service, listen });
        }
        let bound =
            TcpListener::bind(listen).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (addr, listener) = bound.map_err(|source| ServerError::Bind { service, listen, source })?;
        Ok(Self {
            service,
            mesh: mesh.clone(),
            listener,
            addr,
            routes: Routes::default(),
            names: Vec::new(),
            descriptors: None,
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The encoded `FileDescriptorSet` that reflection shows (`proto::FILE_DESCRIPTOR_SET`).
    #[must_use]
    pub fn descriptors(mut self, encoded: &'static [u8]) -> Self {
        self.descriptors = Some(encoded);
        self
    }

    /// Adds a generated server.
    #[must_use]
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self.names.push(S::NAME);
        self
    }

    /// Serves until the end is asked for, then finishes the calls that are open and ends the streams: over its socket,
    /// and inside this process for a mesh made by [`Mesh::in_process`]. Health is SERVING meanwhile.
    ///
    /// # Errors
    /// When the descriptors cannot be read, or the listener breaks.
    pub async fn serve(self, stop: Stop) -> Result<(), ServerError> {
        let Self { service, mesh, listener, addr, mut routes, names, descriptors } = self;
        let health = HealthReporter::new();
        for name in &names {
            health.set_service_status(name, ServingStatus::Serving).await;
        }
        let health_service = HealthService::from_health_reporter(health.clone());
        routes = routes.add_service(tonic_health::pb::health_server::HealthServer::new(health_service));
        if let Some(encoded) = descriptors {
            routes = with_reflection(routes, &names, encoded)
                .map_err(|source| ServerError::Descriptors { service, source })?;
        }
        let routes = routes.prepare();
        let common = Common::new(service, stop.clone());
        let registered = mesh.register(service, common.layer(routes.clone()));
        info!(service = service.as_str(), %addr, "{service} serves gRPC on {addr}");

        let stopping = async move {
            stop.requested().await;
            health.set_service_status("", ServingStatus::NotServing).await;
            for name in names {
                health.set_service_status(name, ServingStatus::NotServing).await;
            }
        };
        let served = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(KEEP_ALIVE.0))
            .http2_keepalive_timeout(Some(KEEP_ALIVE.1))
            .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
            .layer(common)
            .add_routes(routes)
            .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), stopping)
            .await;
        drop(registered);
        served.map_err(|source| ServerError::Serve { service, source })
    }
}

fn with_reflection(
    routes: Routes,
    names: &[&'static str],
    encoded: &'static [u8],
) -> Result<Routes, tonic_reflection::server::Error> {
    let builder = || {
        let builder = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(encoded)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("grpc.health.v1.Health");
        names.iter().fold(builder, |builder, name| builder.with_service_name(*name))
    };
    let v1 = builder().with_service_name("grpc.reflection.v1.ServerReflection").build_v1()?;
    let v1alpha = builder().with_service_name("grpc.reflection.v1alpha.ServerReflection").build_v1alpha()?;
    Ok(routes.add_service(v1).add_service(v1alpha))
}
