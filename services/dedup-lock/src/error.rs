//! What can go wrong, and what it means to a caller.

use std::sync::Arc;
use std::time::Duration;

use model::{Classify, ErrorKind};

/// How long a caller should wait when the store is away: about as long as a restart or a Sentinel's decision takes at best.
const STORE_RETRY_AFTER: Duration = Duration::from_secs(1);

/// What a request can fail with.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A field of the request is wrong.
    #[error("{field} {mend}")]
    Invalid {
        /// The field, as the contract spells it.
        field: &'static str,
        /// What it must be.
        mend: &'static str,
    },
    /// The lock was not free in time.
    #[error("the lock was not free in time")]
    LockBusy,
    /// The lease has ended, or was never the caller's.
    #[error("the lock is not held under this lock_token")]
    LockLost,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    pub(crate) const fn invalid(field: &'static str, mend: &'static str) -> Self {
        Self::Invalid { field, mend }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::LockBusy => ErrorKind::Contended,
            Self::LockLost => ErrorKind::Refused,
            Self::Store(error) => error.kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Store(error) => error.retry_after(),
            _ => None,
        }
    }

    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::LockBusy => Some("LOCK_BUSY"),
            Self::LockLost => Some("LOCK_LOST"),
            Self::Store(StoreError::Unavailable(_)) => Some("STORE_UNAVAILABLE"),
            _ => None,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            Self::Store(StoreError::OtherUse) => Some("key"),
            _ => None,
        }
    }
}

/// What the store behind claims, locks and limits can fail with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, or did not answer in time. The call may have taken effect; every call but Take can be repeated.
    #[error("could not reach redis: {0}")]
    Unavailable(Arc<str>),
    /// The key holds something that is no claim, lock or limit, as the case may be.
    #[error("key is in use for something else")]
    OtherUse,
    /// It answered something that makes no sense.
    #[error("redis answered unexpectedly: {0}")]
    Unexpected(Arc<str>),
}

impl Classify for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::OtherUse => ErrorKind::Invalid,
            Self::Unexpected(_) => ErrorKind::Internal,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Unavailable(_)).then_some(STORE_RETRY_AFTER)
    }
}
