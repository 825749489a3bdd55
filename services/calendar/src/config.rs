//! Settings.

use std::net::SocketAddr;

/// Settings of the calendar.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "calendar")]
pub struct Config {
    /// Address the calendar's gRPC server listens on.
    #[arg(long, env = "CALENDAR_LISTEN", default_value = "127.0.0.1:50055", value_name = "ADDRESS")]
    pub calendar_listen: SocketAddr,
}
