use std::{net::SocketAddr, time::Duration};

/// Settings of the agent-orchestrator.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "agent_orchestrator")]
pub struct Config {
    /// Address the agent-orchestrator's gRPC server listens on.
    #[arg(
        long,
        env = "AGENT_ORCHESTRATOR_LISTEN",
        default_value = "127.0.0.1:50052",
        value_name = "ADDRESS"
    )]
    pub agent_orchestrator_listen: SocketAddr,
    /// Turns worked on at once in this process.
    #[arg(long, env = "TURN_WORKERS", default_value_t = 4, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub turn_workers: u32,
    /// Failed tries after which a turn is a dead letter.
    #[arg(long, env = "TURN_MAX_TRIES", default_value_t = 3, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub turn_max_tries: u32,
    /// The wait before a failed turn is tried again; it doubles with each try.
    #[arg(long, env = "TURN_RETRY_BASE", default_value = "2s", value_name = "DURATION", value_parser = model::parse::duration)]
    pub turn_retry_base: Duration,
    /// How long the lock on a conversation lasts unless renewed.
    #[arg(long, env = "LOCK_TTL", default_value = "30s", value_parser = model::parse::duration)]
    pub lock_ttl: Duration,
    /// How long a message that looks unfinished waits for its rest, in milliseconds; each further fragment waits as long again, 4 s in
    /// all. 0 answers every message at once.
    #[arg(long, env = "BURST_WINDOW_MS", default_value_t = 1500, value_name = "MILLISECONDS",
          value_parser = clap::value_parser!(u64).range(0..=4000))]
    pub burst_window_ms: u64,
    /// How long a human owns a conversation after the last human act, before the agents answer again.
    #[arg(long, env = "HANDOFF_TTL", default_value = "12h", value_name = "DURATION", value_parser = model::parse::duration)]
    pub handoff_ttl: Duration,
}
