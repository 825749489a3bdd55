//! Why the simulator cannot start.

use std::net::SocketAddr;

use model::{Classify, ErrorKind};

/// Why the simulator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken or not ours to take.
    #[error("SIMULATOR_LISTEN: could not listen on {address}; choose a free port, or 0 for any")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The HTTP client for webhooks could not be made.
    #[error("could not make the HTTP client for webhooks")]
    Client(#[from] reqwest::Error),
    /// Two Twilio settings do not fit together.
    #[error(transparent)]
    Account(#[from] ::twilio::account::AccountError),
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Listen { .. } | Self::Account(_) => ErrorKind::Invalid,
            Self::Client(_) => ErrorKind::Internal,
        }
    }
}
