//! Why the ingress does not start.

use std::net::SocketAddr;

/// Why the ingress does not start; the text names the variable and the mend.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not this machine's.
    #[error("cannot listen on INGRESS_LISTEN {address}: choose a free address of this machine")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}
