//! One service alone, as it runs in a mesh of many processes.

use std::net::{Ipv4Addr, SocketAddr};

use alerts::Alerts;
use lifecycle::{OnExit, Readiness, Stop, Tasks};
use mesh::{Mesh, ServiceName};
use model::{Ids, SharedClock, SystemClock};

use crate::Settings;

/// The command `serve`.
pub async fn run(service: ServiceName, mut settings: Settings) -> anyhow::Result<()> {
    // Nobody shows a table of traces here: they go to a collector.
    settings.telemetry.trace_table_size = 0;
    if service == ServiceName::Console {
        settings.show_dealers_time()?;
    }
    let telemetry = telemetry::init(&settings.telemetry, service.as_str())?;
    if settings.store.database_url.is_none() && keeps_rows(service) {
        tracing::warn!("{service} keeps its rows in SQLite: one replica only; set DATABASE_URL for more");
    }
    let mut tasks = Tasks::new(Stop::new()).with_signals();
    let admin_default = SocketAddr::from((Ipv4Addr::LOCALHOST, service.admin_port()));
    let admin_listen = settings.admin_listen.unwrap_or(admin_default);
    let (addr, readiness) = Box::pin(start(service, settings, &mut tasks)).await?;
    let readiness = readiness.until(tasks.stop());
    let admin = lifecycle::admin::bind(admin_listen, readiness, telemetry::render_metrics).await?;
    println!("{service} listens on {addr}, its admin server on {}", admin.addr());
    tasks.spawn("admin", OnExit::Stop, |stop| admin.serve(stop));
    let outcome = tasks.run_until_stopped().await;
    telemetry.shutdown();
    outcome
}

fn keeps_rows(service: ServiceName) -> bool {
    !matches!(service, ServiceName::Ingress | ServiceName::DedupLock | ServiceName::Console)
}

/// Builds the service and starts it; answers where it listens and when it is ready.
async fn start(
    service: ServiceName,
    settings: Settings,
    tasks: &mut Tasks,
) -> anyhow::Result<(SocketAddr, Readiness)> {
    let clock: SharedClock = SystemClock::shared();
    let ids = Ids::random(clock.clone());
    let mesh = Mesh::over_sockets(&settings.peers);
    settings.twilio.validate()?;
    let Settings { store, queue, dealer, twilio, .. } = settings;
    let (alerts, worker) = Alerts::new(&settings.alerts)?;
    tasks.spawn("alerts", OnExit::Stop, |stop| worker.run(stop));
    // Each service has its own types; what they share is how they are started.
    macro_rules! started {
        ($service:expr) => {{
            let service = $service;
            let (addr, readiness) = (service.addr(), service.readiness());
            tasks.spawn(stringify!($service), OnExit::Stop, |stop| service.run(stop));
            Ok((addr, readiness))
        }};
    }
    match service {
        ServiceName::Ingress => {
            let ingress =
                ingress::build(settings.ingress, ingress::Deps { mesh, clock, ids, twilio }).await?;
            started!(ingress)
        }
        ServiceName::DedupLock => {
            let dedup_lock = dedup_lock::build(settings.dedup_lock, dedup_lock::Deps { mesh, clock }).await?;
            started!(dedup_lock)
        }
        ServiceName::AgentOrchestrator => {
            let backend = settings.llm.build(alerts.clone())?;
            let deps = agent_orchestrator::Deps { mesh, store, queue, dealer, clock, ids, alerts, backend };
            let agent_orchestrator = agent_orchestrator::build(settings.agent_orchestrator, deps).await?;
            started!(agent_orchestrator)
        }
        ServiceName::ChannelSender => {
            let deps = channel_sender::Deps { mesh, store, queue, twilio, alerts, clock, ids };
            let channel_sender = channel_sender::build(settings.channel_sender, deps).await?;
            started!(channel_sender)
        }
        ServiceName::Crm => {
            let crm = crm::build(settings.crm, crm::Deps { mesh, store, dealer, clock, ids }).await?;
            started!(crm)
        }
        ServiceName::Calendar => {
            let deps = calendar::Deps { mesh, store, queue, dealer, clock, ids };
            let calendar = calendar::build(settings.calendar, deps).await?;
            started!(calendar)
        }
        ServiceName::DeliveryStatus => {
            let deps = delivery_status::Deps { mesh, store, queue, clock, ids };
            let delivery_status = delivery_status::build(settings.delivery_status, deps).await?;
            started!(delivery_status)
        }
        ServiceName::Console => {
            let console =
                console::build(settings.console, console::Deps { mesh, clock, traces: None }).await?;
            started!(console)
        }
    }
}

/// The command `simulator`.
pub async fn simulator(
    config: simulator::Config,
    twilio: twilio::TwilioAccount,
    telemetry: &telemetry::TelemetryConfig,
) -> anyhow::Result<()> {
    let telemetry = telemetry::init(telemetry, "simulator")?;
    let clock: SharedClock = SystemClock::shared();
    let ids = Ids::random(clock.clone());
    let mut tasks = Tasks::new(Stop::new()).with_signals();
    let simulator = simulator::build(config, simulator::Deps { twilio, clock, ids }).await?;
    println!("simulator listens on {}", simulator.addr());
    tasks.spawn("simulator", OnExit::Stop, |stop| simulator.run(stop));
    let outcome = tasks.run_until_stopped().await;
    telemetry.shutdown();
    outcome
}
