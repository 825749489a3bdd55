use model::{Classify, ErrorKind};
use store::StoreError;

/// What can go wrong here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of a request is wrong.
    #[error("{field} {mend}")]
    Invalid {
        /// The field, as the contract spells it.
        field: &'static str,
        /// What it must be.
        mend: String,
    },
    /// Nothing is known of this message or provider id.
    #[error("no delivery is known by this {0}")]
    Unknown(&'static str),
    /// The tables could not be read or written.
    #[error("the deliveries could not be read or written")]
    Store(#[from] StoreError),
}

impl Error {
    pub(crate) fn invalid(field: &'static str, mend: impl Into<String>) -> Self {
        Self::Invalid { field, mend: mend.into() }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Unknown(_) => ErrorKind::NotFound,
            Self::Store(error) => error.kind(),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            _ => None,
        }
    }
}
