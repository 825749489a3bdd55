//! The ingress as a whole: built, then run.

use std::net::SocketAddr;
use std::sync::Arc;

use ::twilio::TwilioAccount;
use lifecycle::{OnExit, Readiness, Stop, Tasks};
use mesh::{Mesh, ServiceName, Wire};
use model::{Ids, Rate, SharedClock};
use proto::delivery::v1::delivery_status_service_client::DeliveryStatusServiceClient;
use proto::orchestrator::v1::orchestrator_service_client::OrchestratorServiceClient;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::audit::{self, Audit};
use crate::local_limit::LocalLimit;
use crate::peers::{DedupLock, Probe};
use crate::twilio::{CALLBACKS_AT_A_TIME, Verifier};
use crate::{Config, Error, routes, server};

/// What the ingress is given beside its settings.
#[derive(Debug)]
pub struct Deps {
    /// The way to orchestrator, dedup-lock and delivery-status.
    pub mesh: Mesh,
    /// Wall time.
    pub clock: SharedClock,
    /// Ids of audit events.
    pub ids: Ids,
    /// Keys, account and public address.
    pub twilio: TwilioAccount,
}

/// What a request handler needs.
pub struct App {
    pub verifier: Verifier,
    pub orchestrator: OrchestratorServiceClient<Wire>,
    pub delivery_status: DeliveryStatusServiceClient<Wire>,
    pub dedup_lock: DedupLock,
    pub limit_per_phone: Rate,
    /// Stands in for the shared limit while dedup-lock is away.
    pub local_limit_per_phone: LocalLimit<String>,
    /// The budget of status callbacks.
    pub callback_turns: Semaphore,
    pub audit: Audit,
    pub clock: SharedClock,
}

/// The ingress, bound to its address and not serving yet.
pub struct Service {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
    audit_sender: audit::Sender,
    readiness: Readiness,
}

/// Binds the ingress to its address.
///
/// # Errors
/// When it cannot listen there.
pub async fn build(config: Config, deps: Deps) -> Result<Service, Error> {
    let Deps { mesh, clock, ids, twilio } = deps;
    let address = config.ingress_listen;
    let listen = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let verifier = Verifier::new(&config, &twilio);
    verifier.warn_at_start();
    let orchestrator =
        OrchestratorServiceClient::new(mesh.wire(ServiceName::Ingress, ServiceName::AgentOrchestrator));
    let (audit, audit_sender) = audit::buffer(orchestrator.clone(), Arc::clone(&clock), ids);
    let delivery_status =
        DeliveryStatusServiceClient::new(mesh.wire(ServiceName::Ingress, ServiceName::DeliveryStatus));
    let limit_per_phone = config.ingress_rate_limit_per_phone;
    let app = App {
        verifier,
        orchestrator,
        delivery_status,
        dedup_lock: DedupLock::new(&mesh),
        limit_per_phone,
        local_limit_per_phone: LocalLimit::new(limit_per_phone),
        callback_turns: Semaphore::new(CALLBACKS_AT_A_TIME),
        audit,
        clock,
    };
    Ok(Service { listener, address, app: Arc::new(app), audit_sender, readiness: readiness(&mesh) })
}

fn readiness(mesh: &Mesh) -> Readiness {
    let probe = |peer| {
        let probe = Arc::new(Probe::new(mesh, peer));
        move || {
            let probe = Arc::clone(&probe);
            async move { probe.ask().await }
        }
    };
    Readiness::new()
        .check("ingress.agent-orchestrator", probe(ServiceName::AgentOrchestrator))
        .degraded_without("ingress.dedup-lock", probe(ServiceName::DedupLock))
        .degraded_without("ingress.delivery-status", probe(ServiceName::DeliveryStatus))
}

impl Service {
    /// Where it listens; with port 0 asked for, the port it got.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Whether messages can be kept: the orchestrator must be there, the others can be missed.
    pub fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }

    /// Serves until told to stop; then answers what was begun and hands over the audit events that wait.
    ///
    /// # Errors
    /// When a task ends on its own, or cannot end in time.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        let Self { listener, app, audit_sender, .. } = self;
        let mut tasks = Tasks::new(stop.child());
        // Requests that are finished while stopping may still have something to note.
        let all_answered = Stop::new();
        let answered = all_answered.clone();
        tasks.spawn("ingress.server", OnExit::Stop, |stop| async move {
            server::serve(listener, routes::router(app), stop).await;
            answered.request();
            Ok(())
        });
        tasks.spawn("ingress.audit", OnExit::Log, |_| async move {
            audit_sender.run(all_answered).await;
            Ok(())
        });
        tasks.run_until_stopped().await
    }
}
