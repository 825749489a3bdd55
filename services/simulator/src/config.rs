//! Settings of the simulator.

use std::net::SocketAddr;
use std::time::Duration;

use crate::settings::ServiceWindow;

/// Settings of the simulator; those about behaviour are where [`crate::settings::Settings`] start.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "simulator")]
pub struct Config {
    /// Address the simulated outside world listens on.
    #[arg(long, env = "SIMULATOR_LISTEN", default_value = "127.0.0.1:4010")]
    pub simulator_listen: SocketAddr,
    /// Where inbound messages are posted [default: `PUBLIC_BASE_URL` and /webhooks/twilio/whatsapp].
    #[arg(long, env = "SIMULATOR_WEBHOOK_URL")]
    pub simulator_webhook_url: Option<String>,
    /// Pause before each next status of a message: sent, delivered, read.
    #[arg(long, env = "SIMULATOR_STATUS_DELAY", default_value = "150ms", value_parser = model::parse::duration)]
    pub simulator_status_delay: Duration,
    /// Whether recipients have read receipts on.
    #[arg(long, env = "SIMULATOR_READ_RECEIPTS", default_value_t = true, action = clap::ArgAction::Set)]
    pub simulator_read_receipts: bool,
    /// Time that creating a message takes.
    #[arg(long, env = "SIMULATOR_CREATE_LATENCY", default_value = "0ms", value_parser = model::parse::duration)]
    pub simulator_create_latency: Duration,
    /// Create requests at the same time before the next one is refused with 429.
    #[arg(long, env = "SIMULATOR_CONCURRENCY_LIMIT", default_value_t = 100)]
    pub simulator_concurrency_limit: usize,
    /// Whether free-form outside the 24-hour window fails, as it does in reality.
    #[arg(long, env = "SIMULATOR_SERVICE_WINDOW", value_enum, default_value_t = ServiceWindow::Enforced)]
    pub simulator_service_window: ServiceWindow,
    /// How many messages the log keeps; older ones are forgotten, counters stay exact.
    #[arg(long, env = "SIMULATOR_MESSAGE_CAPACITY", default_value_t = 50_000)]
    pub simulator_message_capacity: usize,
    /// How many events the ledger keeps; older ones are forgotten, counters stay exact.
    #[arg(long, env = "SIMULATOR_EVENT_CAPACITY", default_value_t = 50_000)]
    pub simulator_event_capacity: usize,
    /// Whether the ledger's events carry message texts; off saves work under load.
    #[arg(long, env = "SIMULATOR_LEDGER_BODIES", default_value_t = true, action = clap::ArgAction::Set)]
    pub simulator_ledger_bodies: bool,
}

impl Default for Config {
    /// The values of the flags, on a free port of the loopback interface.
    fn default() -> Self {
        Self {
            simulator_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            simulator_webhook_url: None,
            simulator_status_delay: Duration::from_millis(150),
            simulator_read_receipts: true,
            simulator_create_latency: Duration::ZERO,
            simulator_concurrency_limit: 100,
            simulator_service_window: ServiceWindow::Enforced,
            simulator_message_capacity: 50_000,
            simulator_event_capacity: 50_000,
            simulator_ledger_bodies: true,
        }
    }
}
