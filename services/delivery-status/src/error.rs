use model::{Classify, ErrorKind};
use store::StoreError;

/// What can go wrong here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing is known of this message or provider id.
    #[error("no delivery is known by this {0}")]
    Unknown(&'static str),
    /// The tables could not be read or written.
    #[error("the deliveries could not be read or written")]
    Store(#[from] StoreError),
    /// The gRPC server could not be started.
    #[error(transparent)]
    Server(#[from] mesh::ServerError),
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown(_) => ErrorKind::NotFound,
            Self::Store(error) => error.kind(),
            Self::Server(_) => ErrorKind::Internal,
        }
    }
}
