//! Settings.

use std::net::SocketAddr;

/// Settings of the CRM.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "crm")]
pub struct Config {
    /// Address the CRM's gRPC server listens on.
    #[arg(long, env = "CRM_LISTEN", default_value = "127.0.0.1:50054", value_name = "ADDRESS")]
    pub crm_listen: SocketAddr,
}
