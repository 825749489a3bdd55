//! Binds and runs the simulated outside world.

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use ::twilio::TwilioAccount;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use lifecycle::{Readiness, Stop};
use model::{Ids, SharedClock};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::config::Config;
use crate::cut::{CutListener, Wire};
use crate::error::Error;
use crate::faults::Faults;
use crate::ledger::Ledger;
use crate::outside::Outside;
use crate::settings::Settings;
use crate::twilio::account::{Account, with_demo_values};
use crate::twilio::life::{self, Job};
use crate::twilio::world::Twilio;
use crate::{control, twilio};

/// Largest body taken; media come in with the control route as base64.
const MAX_BODY: usize = 24 * 1024 * 1024;
/// How long open connections may finish after a stop; answers that a fault holds up are cut then.
const DRAIN: Duration = Duration::from_secs(1);
/// Idle connections kept to each address that webhooks go to.
const IDLE_CONNECTIONS: usize = 128;
/// Twilio's own connect time-out.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the simulator is given.
#[derive(Clone, Debug)]
pub struct Deps {
    /// The account to play; what it lacks is the demo's ([`with_demo_values`]).
    pub twilio: TwilioAccount,
    /// Where time comes from.
    pub clock: SharedClock,
    /// Where ids come from.
    pub ids: Ids,
}

/// The simulated outside world, bound and not yet serving.
#[derive(Debug)]
pub struct Service {
    listener: TcpListener,
    addr: SocketAddr,
    twilio: Arc<Twilio>,
    lives: mpsc::Receiver<Job>,
}

/// Binds the port and sets the world up.
pub async fn build(config: Config, deps: Deps) -> Result<Service, Error> {
    let address = config.simulator_listen;
    let listen = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let addr = listener.local_addr().map_err(listen)?;
    if !addr.ip().is_loopback() {
        tracing::warn!(%addr, "the simulator listens beyond loopback, and its control routes ask for no password");
    }
    let account = with_demo_values(deps.twilio);
    let webhook_url = config.simulator_webhook_url.clone().unwrap_or_else(|| {
        account
            .public_base_url
            .as_ref()
            .map(|base| base.join("/webhooks/twilio/whatsapp"))
            .unwrap_or_default()
    });
    let http = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tcp_nodelay(true)
        .build()?;
    let outside = Outside {
        settings: RwLock::new(Settings::new(&config, webhook_url)),
        faults: Faults::default(),
        ledger: Ledger::new(config.simulator_event_capacity),
        clock: deps.clock,
        ids: deps.ids,
        http,
        base_url: format!("http://{addr}"),
    };
    let (twilio, lives) =
        Twilio::new(Arc::new(outside), Account::new(account)?, config.simulator_message_capacity);
    Ok(Service { listener, addr, twilio, lives })
}

impl Service {
    /// The address listened on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The simulated Twilio, for those who steer it from the same process.
    pub fn twilio(&self) -> Arc<Twilio> {
        Arc::clone(&self.twilio)
    }

    /// Sets where inbound messages are posted, for an ingress that chose its port after the simulator was built.
    pub fn set_webhook_url(&self, url: String) {
        self.twilio.outside.set_webhook_url(url);
    }

    /// Always ready: there is nothing it depends on.
    pub fn readiness(&self) -> Readiness {
        Readiness::new()
    }

    /// Serves until told to stop.
    pub async fn run(self, stop: Stop) -> anyhow::Result<()> {
        let Self { listener, addr, twilio, lives } = self;
        let app = Router::new()
            .merge(twilio::rest::routes())
            .merge(control::routes())
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(Arc::clone(&twilio));
        tracing::info!(%addr, "the simulated outside world listens on {addr}");
        let (ending, ledger) = (stop.clone(), twilio.outside.ledger.clone());
        let serving = axum::serve(CutListener(listener), app.into_make_service_with_connect_info::<Wire>())
            .with_graceful_shutdown(async move {
                ending.requested().await;
                ledger.close();
            });
        let drained = async {
            stop.requested().await;
            tokio::time::sleep(DRAIN).await;
        };
        let living = life::run(twilio, lives, stop.clone());
        let served = async {
            tokio::select! {
                served = serving => served,
                () = drained => Ok(()),
            }
        };
        let ((), served) = tokio::join!(living, served);
        served?;
        Ok(())
    }
}
