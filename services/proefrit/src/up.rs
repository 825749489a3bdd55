//! Every service in one process.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use alerts::Alerts;
use lifecycle::{OnExit, Readiness, Stop, Tasks, admin::Admin};
use mesh::Mesh;
use model::{Ids, SharedClock, SystemClock};
use simulator::twilio::{account::with_demo_values, world::Twilio};
use telemetry::Telemetry;

use crate::{Settings, in_turn::InTurn, migrate};

/// Where `up` listens for operators.
pub(crate) const ADMIN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);

/// Where everything listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// Webhooks.
    pub ingress: SocketAddr,
    /// The operator's page.
    pub console: SocketAddr,
    /// Health and metrics.
    pub admin: SocketAddr,
    /// gRPC.
    pub dedup_lock: SocketAddr,
    /// gRPC.
    pub agent_orchestrator: SocketAddr,
    /// gRPC.
    pub channel_sender: SocketAddr,
    /// gRPC.
    pub crm: SocketAddr,
    /// gRPC.
    pub calendar: SocketAddr,
    /// gRPC.
    pub delivery_status: SocketAddr,
    /// The simulated outside world, when there is one.
    pub simulator: Option<SocketAddr>,
}

/// The whole mesh, bound and connected.
pub struct Up {
    /// Where everything listens.
    pub addresses: Addresses,
    /// The way to its services, for tools in the same process.
    pub mesh: Mesh,
    /// The simulated Twilio, when there is one.
    pub twilio: Option<Arc<Twilio>>,
    tasks: Tasks,
}

/// Builds every service and starts it; [`Up::run`] keeps it going. `telemetry` is shared with the console.
pub async fn build(
    mut settings: Settings,
    demo: bool,
    telemetry: &Telemetry,
    stop: Stop,
) -> anyhow::Result<Up> {
    let clock: SharedClock = SystemClock::shared();
    let ids = Ids::random(clock.clone());
    let mesh = Mesh::in_process(&settings.peers);
    let mut tasks = Tasks::new(stop);

    let simulator = if demo { Some(build_simulator(&mut settings, &clock, &ids).await?) } else { None };
    settings.twilio.validate()?;
    settings.show_dealers_time()?;
    let (alerts, alert_worker) = Alerts::new(&settings.alerts)?;
    tasks.spawn("alerts", OnExit::Stop, |stop| alert_worker.run(stop));

    // The ingress is built first: whoever sends needs to know where callbacks arrive.
    let deps = ingress::Deps {
        mesh: mesh.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        twilio: settings.twilio.clone(),
    };
    let ingress = ingress::build(settings.ingress, deps).await?;
    if let Some(simulator) = &simulator {
        let public = format!("http://{}", ingress.addr());
        simulator.set_webhook_url(format!("{public}/webhooks/twilio/whatsapp"));
        settings.twilio.public_base_url = Some(public.parse().map_err(anyhow::Error::msg)?);
    }

    let deps = dedup_lock::Deps { mesh: mesh.clone(), clock: clock.clone() };
    let dedup_lock = dedup_lock::build(settings.dedup_lock, deps).await?;
    let deps = crm::Deps {
        mesh: mesh.clone(),
        store: settings.store.clone(),
        dealer: settings.dealer.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
    };
    let crm = crm::build(settings.crm, deps).await?;
    let deps = calendar::Deps {
        mesh: mesh.clone(),
        store: settings.store.clone(),
        queue: settings.queue.clone(),
        dealer: settings.dealer.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
    };
    let calendar = calendar::build(settings.calendar, deps).await?;
    let deps = delivery_status::Deps {
        mesh: mesh.clone(),
        store: settings.store.clone(),
        queue: settings.queue.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
    };
    let delivery_status = delivery_status::build(settings.delivery_status, deps).await?;
    let deps = channel_sender::Deps {
        mesh: mesh.clone(),
        store: settings.store.clone(),
        queue: settings.queue.clone(),
        twilio: settings.twilio,
        alerts: alerts.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
    };
    let channel_sender = channel_sender::build(settings.channel_sender, deps).await?;
    let deps = agent_orchestrator::Deps {
        mesh: mesh.clone(),
        store: settings.store.clone(),
        queue: settings.queue,
        dealer: settings.dealer,
        clock: clock.clone(),
        ids,
        backend: settings.llm.build(alerts.clone())?,
        alerts,
    };
    let agent_orchestrator = agent_orchestrator::build(settings.agent_orchestrator, deps).await?;
    migrate::reporting_views(&settings.store).await?;
    let deps = console::Deps { mesh: mesh.clone(), clock, traces: Some(telemetry.trace_table()) };
    let console = console::build(settings.console, deps).await?;

    let services = Services {
        ingress,
        console,
        agent_orchestrator,
        channel_sender,
        delivery_status,
        calendar,
        crm,
        dedup_lock,
        simulator,
    };
    let readiness = services.readiness().until(tasks.stop());
    let admin =
        lifecycle::admin::bind(settings.admin_listen.unwrap_or(ADMIN), readiness, telemetry::render_metrics)
            .await?;
    let addresses = services.addresses(admin.addr());
    let twilio = services.simulator.as_ref().map(simulator::Service::twilio);
    services.start(admin, &mut tasks);
    Ok(Up { addresses, mesh, twilio, tasks })
}

/// Every service, bound and not yet serving.
struct Services {
    ingress: ingress::Service,
    console: console::Service,
    agent_orchestrator: agent_orchestrator::Service,
    channel_sender: channel_sender::Service,
    delivery_status: delivery_status::Service,
    calendar: calendar::Service,
    crm: crm::Service,
    dedup_lock: dedup_lock::Service,
    simulator: Option<simulator::Service>,
}

impl Services {
    fn readiness(&self) -> Readiness {
        [
            self.ingress.readiness(),
            self.dedup_lock.readiness(),
            self.agent_orchestrator.readiness(),
            self.channel_sender.readiness(),
            self.crm.readiness(),
            self.calendar.readiness(),
            self.delivery_status.readiness(),
            self.console.readiness(),
        ]
        .into_iter()
        .fold(Readiness::new(), Readiness::merge)
    }

    fn addresses(&self, admin: SocketAddr) -> Addresses {
        Addresses {
            ingress: self.ingress.addr(),
            console: self.console.addr(),
            admin,
            dedup_lock: self.dedup_lock.addr(),
            agent_orchestrator: self.agent_orchestrator.addr(),
            channel_sender: self.channel_sender.addr(),
            crm: self.crm.addr(),
            calendar: self.calendar.addr(),
            delivery_status: self.delivery_status.addr(),
            simulator: self.simulator.as_ref().map(simulator::Service::addr),
        }
    }

    /// Starts them all; they end in this order, whoever calls before whoever is called.
    fn start(self, admin: Admin, tasks: &mut Tasks) {
        let mut in_turn = InTurn::new(tasks);
        in_turn.spawn("ingress", |stop| self.ingress.run(stop));
        in_turn.spawn("console", |stop| self.console.run(stop));
        in_turn.spawn("agent-orchestrator", |stop| self.agent_orchestrator.run(stop));
        in_turn.spawn("channel-sender", |stop| self.channel_sender.run(stop));
        in_turn.spawn("delivery-status", |stop| self.delivery_status.run(stop));
        in_turn.spawn("calendar", |stop| self.calendar.run(stop));
        in_turn.spawn("crm", |stop| self.crm.run(stop));
        in_turn.spawn("dedup-lock", |stop| self.dedup_lock.run(stop));
        if let Some(simulator) = self.simulator {
            in_turn.spawn("simulator", |stop| simulator.run(stop));
        }
        in_turn.spawn("admin", |stop| admin.serve(stop));
    }
}

/// The simulated outside world, and the settings pointed at it.
async fn build_simulator(
    settings: &mut Settings,
    clock: &SharedClock,
    ids: &Ids,
) -> anyhow::Result<simulator::Service> {
    settings.twilio = with_demo_values(std::mem::take(&mut settings.twilio));
    let deps = simulator::Deps { twilio: settings.twilio.clone(), clock: clock.clone(), ids: ids.clone() };
    let simulator = simulator::build(settings.simulator.clone(), deps).await?;
    // While the ingress may yet choose its port, signatures are checked against the request's own URL.
    let listen = settings.ingress.ingress_listen;
    settings.twilio.public_base_url = if listen.port() == 0 {
        None
    } else {
        Some(format!("http://{listen}").parse().map_err(anyhow::Error::msg)?)
    };
    settings.twilio.twilio_api_base_url = Some(format!("http://{}", simulator.addr()));
    Ok(simulator)
}

impl Up {
    /// Runs until told to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        self.tasks.run_until_stopped().await
    }
}

/// The command `up`.
pub async fn run(mut settings: Settings, demo: bool) -> anyhow::Result<()> {
    if demo {
        settings.keep_demo_apart();
    }
    let telemetry = telemetry::init(&settings.telemetry, "proefrit")?;
    let mut outer = Tasks::new(Stop::new()).with_signals();
    let up = Box::pin(build(settings, demo, &telemetry, outer.stop())).await?;
    let Addresses { ingress, console, admin, .. } = up.addresses;
    outer.spawn("up", OnExit::Stop, |_| up.run());
    println!("proefrit is up: webhooks http://{ingress}  console http://{console}  admin http://{admin}");
    let outcome = outer.run_until_stopped().await;
    telemetry.shutdown();
    outcome
}
