use std::net::SocketAddr;

/// Every setting of every service. Each is a flag and an environment variable; with none set everything starts.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Address of the admin server: /healthz, /readyz, /metrics [default: 127.0.0.1:9090, 9091 to 9098 for `serve`].
    #[arg(long, env = "ADMIN_LISTEN", value_name = "ADDRESS")]
    pub admin_listen: Option<SocketAddr>,
    /// Where the stores are.
    #[command(flatten)]
    pub store: store::StoreConfig,
    /// How the queues behave.
    #[command(flatten)]
    pub queue: queue::QueueConfig,
    /// Where the services find each other.
    #[command(flatten)]
    pub peers: mesh::Peers,
    /// Logs and traces.
    #[command(flatten)]
    pub telemetry: telemetry::TelemetryConfig,
    /// Where alerts go.
    #[command(flatten)]
    pub alerts: alerts::AlertConfig,
    /// The Twilio account.
    #[command(flatten)]
    pub twilio: twilio::TwilioAccount,
    /// Who the dealer is.
    #[command(flatten)]
    pub dealer: dealer::DealerConfig,
    /// Who reads the messages and words the replies.
    #[command(flatten)]
    pub llm: llm::Config,
    /// Settings of dedup-lock.
    #[command(flatten)]
    pub dedup_lock: dedup_lock::Config,
    /// Settings of the agent-orchestrator.
    #[command(flatten)]
    pub agent_orchestrator: agent_orchestrator::Config,
    /// Settings of the channel-sender.
    #[command(flatten)]
    pub channel_sender: channel_sender::Config,
    /// Settings of the CRM.
    #[command(flatten)]
    pub crm: crm::Config,
    /// Settings of the calendar.
    #[command(flatten)]
    pub calendar: calendar::Config,
    /// Settings of delivery-status.
    #[command(flatten)]
    pub delivery_status: delivery_status::Config,
    /// Settings of the ingress.
    #[command(flatten)]
    pub ingress: ingress::Config,
    /// Settings of the console.
    #[command(flatten)]
    pub console: console::Config,
    /// Settings of the simulated outside world.
    #[command(flatten)]
    pub simulator: simulator::Config,
}

impl Settings {
    /// Keeps a demo's rows in a folder of their own: nothing real is to end up at the simulator, and nothing of a demo at a customer's.
    pub fn keep_demo_apart(&mut self) {
        self.store.data_dir.push("demo");
        if self.store.database_url.is_some() {
            tracing::warn!("DATABASE_URL is set: the demo works in that database; give it one of its own");
        }
    }

    /// Lets the console show the dealer's time unless it was told which one.
    pub fn show_dealers_time(&mut self) -> Result<(), dealer::DealerError> {
        if self.console.console_timezone.is_none() {
            let dealer = dealer::Dealer::configured(&self.dealer, None)?;
            self.console.console_timezone = Some(dealer.timezone);
        }
        Ok(())
    }
}
