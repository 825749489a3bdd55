use std::net::SocketAddr;

/// Why the console cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Anybody on the network could read customers' messages.
    #[error("CONSOLE_LISTEN is {0}, beyond loopback: set CONSOLE_PASSWORD, or listen on 127.0.0.1")]
    OpenToAll(SocketAddr),
    /// A password of nothing protects nothing.
    #[error("CONSOLE_PASSWORD is empty: set a password, or leave the variable unset")]
    EmptyPassword,
    /// The address is in use or not ours.
    #[error("cannot listen on {addr}; choose another CONSOLE_LISTEN")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
}
