//! What can go wrong, and what it means to a caller.

use std::time::Duration;

use dealer::DealerError;
use model::{Classify, ErrorKind};
use store::StoreError;

/// What can go wrong in the CRM.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of the request is wrong.
    #[error("{field} {problem}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// Nobody with this address was ever recorded.
    #[error("there is no contact with this phone; RecordInteraction makes one")]
    NoContact,
    /// The same idempotency key is being recorded at this moment.
    #[error("a call with this idempotency_key is under way; try again")]
    Contended,
    /// The dealer's file cannot be used.
    #[error(transparent)]
    Dealer(#[from] DealerError),
    /// The store failed.
    #[error("the crm's store failed")]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error(transparent)]
    Server(#[from] mesh::ServerError),
}

impl Error {
    /// The request's `field` is wrong.
    pub fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { field, problem: problem.into() }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::NoContact => ErrorKind::NotFound,
            Self::Contended => ErrorKind::Contended,
            Self::Store(error) => error.kind(),
            Self::Dealer(_) | Self::Server(_) => ErrorKind::Internal,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Store(error) => error.retry_after(),
            _ => None,
        }
    }

    fn reason(&self) -> Option<&'static str> {
        matches!(self, Self::NoContact).then_some("CONTACT_NOT_FOUND")
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            _ => None,
        }
    }
}
