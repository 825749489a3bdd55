use std::{net::SocketAddr, sync::Arc};

use alerts::Alerts;
use lifecycle::{OnExit, Readiness, Stop, Tasks};
use mesh::{Mesh, Server, ServiceName};
use model::{Ids, SharedClock};
use proto::orchestrator::v1::orchestrator_service_server::OrchestratorServiceServer;
use queue::{Backoff, Options, Queue, QueueConfig, QueueName};
use store::{Store, StoreConfig};

use crate::{
    Config, Error,
    handoff::Handoffs,
    knowledge::LiveKnowledge,
    outgoing::{Background, Outgoing},
    rpc::Rpc,
    store::MIGRATIONS,
    submit::Submissions,
    turn::{Locks, Turns},
};

/// The service's name and schema.
const NAME: &str = "agent-orchestrator";

/// What the orchestrator is given.
pub struct Deps {
    /// The way to its peers.
    pub mesh: Mesh,
    /// Where its tables are.
    pub store: StoreConfig,
    /// How long leases last.
    pub queue: QueueConfig,
    /// Who the dealer is.
    pub dealer: dealer::DealerConfig,
    /// The time.
    pub clock: SharedClock,
    /// Where ids come from.
    pub ids: Ids,
    /// Who is told when a human must look.
    pub alerts: Alerts,
    /// Who reads the messages and words the replies.
    pub backend: llm::AnyBackend,
}

/// The agent-orchestrator, bound and connected, not yet serving.
pub struct Service {
    server: Server,
    store: Store,
    queues: [Queue; 3],
    turns: Arc<Turns>,
    outgoing: Arc<Outgoing>,
    background: Arc<Background>,
    dealer: LiveKnowledge,
}

/// Opens the store, reads the dealer's files, binds the server.
pub async fn build(config: Config, deps: Deps) -> Result<Service, Error> {
    let dealer = LiveKnowledge::open(&deps.dealer).map_err(|error| Error::Dealer(error.to_string()))?;
    let store = Store::open_with(&deps.store, NAME, MIGRATIONS, deps.clock.clone(), deps.ids.clone()).await?;
    let wire = |to| deps.mesh.wire(ServiceName::AgentOrchestrator, to);
    let owner = format!("{NAME}/{}", deps.ids.token());
    let clock = deps.clock;
    let submissions = Submissions {
        store: store.clone(),
        dealer: dealer.clone(),
        burst_window: std::time::Duration::from_millis(config.burst_window_ms),
    };
    let handoffs = Handoffs {
        store: store.clone(),
        channel: wire(ServiceName::ChannelSender),
        ttl: config.handoff_ttl,
        dealer: dealer.clone(),
    };
    let rpc = Rpc {
        store: store.clone(),
        clock: clock.clone(),
        mesh: deps.mesh.clone(),
        dealer: dealer.clone(),
        submissions,
        handoffs: handoffs.clone(),
    };
    let server = Server::bind(ServiceName::AgentOrchestrator, config.agent_orchestrator_listen, &deps.mesh)
        .await
        .map_err(|error| Error::Serve(error.to_string()))?
        .descriptors(proto::FILE_DESCRIPTOR_SET)
        .add_service(OrchestratorServiceServer::new(rpc))
        .add_service(queue::admin::server(store.clone()));
    let queue = |name, options| Queue::new(store.clone(), name, options);
    Ok(Service {
        queues: [
            queue(QueueName::Inbox, inbox(&config, &deps.queue)),
            queue(QueueName::Outgoing, Options { workers: OUTGOING_WORKERS, ..outgoing(&deps.queue) }),
            queue(QueueName::Background, outgoing(&deps.queue)),
        ],
        turns: Arc::new(Turns {
            store: store.clone(),
            clock: clock.clone(),
            dealer: dealer.clone(),
            alerts: deps.alerts.clone(),
            locks: Locks::new(wire(ServiceName::DedupLock), owner, config.lock_ttl),
            calendar: wire(ServiceName::Calendar),
            crm: wire(ServiceName::Crm),
            handoff_ttl: config.handoff_ttl,
            backend: deps.backend,
        }),
        outgoing: Arc::new(Outgoing {
            handoffs: handoffs.clone(),
            store: store.clone(),
            alerts: deps.alerts.clone(),
            channel: wire(ServiceName::ChannelSender),
            calendar: wire(ServiceName::Calendar),
        }),
        background: Arc::new(Background {
            handoffs,
            clock: clock.clone(),
            alerts: deps.alerts,
            crm: wire(ServiceName::Crm),
        }),
        dealer,
        server,
        store,
    })
}

/// Messages of one contact that one turn answers at most.
const MESSAGES_IN_A_TURN: u32 = 20;

/// Hand-overs at once; each waits for one commit of the channel-sender.
const OUTGOING_WORKERS: u32 = 16;

fn inbox(config: &Config, queue: &QueueConfig) -> Options {
    Options {
        workers: config.turn_workers,
        batch: MESSAGES_IN_A_TURN,
        lease: queue.queue_lease,
        max_tries: config.turn_max_tries,
        backoff: Backoff { base: config.turn_retry_base, ..Options::default().backoff },
        ..Options::default()
    }
}

fn outgoing(queue: &QueueConfig) -> Options {
    Options { lease: queue.queue_lease, max_tries: 10, ..Options::default() }
}

impl Service {
    /// Where the gRPC server listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Ready when the database answers.
    pub fn readiness(&self) -> Readiness {
        let store = self.store.clone();
        Readiness::new().check("agent-orchestrator.database", move || {
            let store = store.clone();
            async move { store.ping().await }
        })
    }

    /// Serves until told to stop, then finishes what is in hand.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        let mut tasks = Tasks::new(stop);
        let Self { server, store, queues: [inbox, outgoing, background], dealer, .. } = self;
        tasks.spawn(
            "agent-orchestrator.grpc",
            OnExit::Stop,
            |stop| async move { Ok(server.serve(stop).await?) },
        );
        let turns = self.turns;
        tasks.spawn(
            "agent-orchestrator.turns",
            OnExit::Stop,
            |stop| async move { inbox.run(stop, turns).await },
        );
        let handler = self.outgoing;
        tasks.spawn("agent-orchestrator.outgoing", OnExit::Stop, |stop| async move {
            outgoing.run(stop, handler).await
        });
        let handler = self.background;
        tasks.spawn("agent-orchestrator.background", OnExit::Stop, |stop| async move {
            background.run(stop, handler).await
        });
        tasks.spawn("agent-orchestrator.dealer", OnExit::Stop, |stop| async {
            dealer.follow(stop).await;
            Ok(())
        });
        let outcome = tasks.run_until_stopped().await;
        store.close().await;
        outcome
    }
}
