//! Builds the service and runs it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::store::{Store, StoreConfig};
use alerts::Alerts;
use lifecycle::{OnExit, Readiness, Stop, Tasks};
use mesh::{Mesh, Server, ServiceName};
use model::{Ids, SharedClock};
use proto::channel::v1::channel_service_server::ChannelServiceServer;
use queue::{Backoff, Options, Queue, QueueConfig, QueueName};
use twilio::TwilioAccount;

use crate::channel::{Channel, Channels};
use crate::config::WhatsappProvider;
use crate::delivery::{Deliveries, RegisterWorker};
use crate::grpc::Grpc;
use crate::rate::RateWindow;
use crate::service::Sender;
use crate::twilio_channel::TwilioChannel;
use crate::worker::{SendWorker, Timing};
use crate::{Config, Error};

/// Workers that tell delivery-status what it missed.
const REGISTER_WORKERS: u32 = 4;
/// How long one step of a send may take, waiting for a place in the rate window included; far more than any takes.
const SEND_DEADLINE: Duration = Duration::from_mins(10);
/// Errors of ours, not of the provider, after which a message becomes a dead letter.
const MAX_INTERNAL_ERRORS: u32 = 10;

/// What the channel sender is given.
pub struct Deps {
    /// How other services are reached, and this one.
    pub mesh: Mesh,
    /// Where its tables are.
    pub store: StoreConfig,
    /// How long its workers' leases last.
    pub queue: QueueConfig,
    /// The Twilio account; without one nothing goes out over Twilio.
    pub twilio: TwilioAccount,
    /// Where a person is told of what needs one.
    pub alerts: Alerts,
    /// Where time comes from.
    pub clock: SharedClock,
    /// Where ids come from.
    pub ids: Ids,
}

/// The channel sender, bound and migrated, not yet serving.
pub struct Service {
    server: Server,
    store: Store,
    outgoing: Queue,
    background: Queue,
    send: Arc<SendWorker>,
    register: Arc<RegisterWorker>,
}

/// Binds, connects and migrates; fails early when the configuration does not fit together.
pub async fn build(config: Config, deps: Deps) -> Result<Service, Error> {
    let Deps { mesh, store, queue: QueueConfig { queue_lease: lease }, twilio, alerts, clock, ids } = deps;
    if config.whatsapp_provider == Some(WhatsappProvider::Waha) {
        let mend = "waha is not available in this version; unset WHATSAPP_PROVIDER or set twilio";
        return Err(Error::Configuration(mend.to_owned()));
    }
    let channels = channels(&twilio, &config)?;
    let name = ServiceName::ChannelSender.as_str();
    let store = Store::open_with(&store, name, crate::store::MIGRATIONS, clock.clone(), ids).await?;
    let policy = config.policy();
    let sender = Sender::new(store.clone(), channels.clone(), policy, alerts.clone());
    let queue = |name, options| Queue::new(store.clone(), name, options);
    let outgoing = queue(
        QueueName::Outgoing,
        Options {
            workers: config.send_concurrency,
            lease,
            deadline: SEND_DEADLINE,
            max_tries: MAX_INTERNAL_ERRORS,
            ..Options::default()
        },
    );
    let background = queue(
        QueueName::Background,
        Options {
            workers: REGISTER_WORKERS,
            lease,
            backoff: Backoff::new(Duration::from_secs(2), Duration::from_mins(5)),
            max_tries: MAX_INTERNAL_ERRORS,
            ..Options::default()
        },
    );
    let windows = channels
        .iter()
        .map(|channel| {
            let window = RateWindow::new(&mesh, channel.sender(), config.send_rate_limit);
            (channel.source(), window)
        })
        .collect::<HashMap<_, _>>();
    let deliveries = Deliveries::new(&mesh);
    let timing =
        Timing { policy, settle_after: config.send_settle_after, send_timeout: config.send_timeout, lease };
    let send = SendWorker::new(store.clone(), clock, channels, windows, deliveries.clone(), timing, alerts);
    let server = Server::bind(ServiceName::ChannelSender, config.channel_sender_listen, &mesh)
        .await
        .map_err(|error| Error::Listen(error.into()))?
        .descriptors(proto::FILE_DESCRIPTOR_SET)
        .add_service(ChannelServiceServer::new(Grpc::new(sender, config)))
        .add_service(queue::admin::server(store.clone()));

    let register = Arc::new(RegisterWorker(deliveries));
    Ok(Service { server, store, outgoing, background, send: Arc::new(send), register })
}

fn channels(twilio: &TwilioAccount, config: &Config) -> Result<Channels, Error> {
    let twilio = TwilioChannel::new(twilio, config.send_timeout)?;
    if twilio.is_none() {
        tracing::warn!("no message can go out over Twilio: TWILIO_ACCOUNT_SID is not set");
    }
    Ok(Channels::new(twilio.map(|channel| Arc::new(channel) as Arc<dyn Channel>)))
}

impl Service {
    /// Where its gRPC server listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Ready while the database answers.
    pub fn readiness(&self) -> Readiness {
        let store = self.store.clone();
        Readiness::new().check("channel-sender.database", move || {
            let store = store.clone();
            async move { store.ping().await }
        })
    }

    /// Serves and sends until told to stop, then finishes what is in hand.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        let Self { server, store, outgoing, background, send, register } = self;
        let mut tasks = Tasks::new(stop);
        tasks.spawn("channel-sender.grpc", OnExit::Stop, |stop| async move { Ok(server.serve(stop).await?) });
        tasks.spawn(
            "channel-sender.outgoing",
            OnExit::Stop,
            |stop| async move { outgoing.run(stop, send).await },
        );
        tasks.spawn("channel-sender.background", OnExit::Stop, |stop| async move {
            background.run(stop, register).await
        });
        let ended = tasks.run_until_stopped().await;
        store.close().await;
        ended
    }
}
