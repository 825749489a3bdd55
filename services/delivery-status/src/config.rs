use std::net::SocketAddr;

/// Settings of the delivery log.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "delivery_status")]
pub struct Config {
    /// Address the gRPC server of delivery-status listens on.
    #[arg(long, env = "DELIVERY_STATUS_LISTEN", default_value = "127.0.0.1:50056", value_name = "ADDRESS")]
    pub delivery_status_listen: SocketAddr,
}
