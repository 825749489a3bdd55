//! What can go wrong, and what it means to a caller.

use std::time::Duration;

use dealer::DealerError;
use model::{Classify, ErrorKind};
use store::StoreError;

use crate::domain::Refusal;
use crate::slots::NoSlot;

/// What can go wrong in the calendar.
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
    /// The state of things forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The same idempotency key is being booked at this moment.
    #[error("a booking with this idempotency_key is under way; try again")]
    Contended,
    /// The dealer's file cannot be used.
    #[error(transparent)]
    Dealer(#[from] DealerError),
    /// The store failed.
    #[error("the calendar's store failed")]
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
            Self::Invalid { .. } | Self::Refused(Refusal::NoSlot(NoSlot::BetweenSlots)) => ErrorKind::Invalid,
            Self::Refused(Refusal::Taken) => ErrorKind::Exists,
            Self::Refused(Refusal::NotFound | Refusal::NothingToReplace) => ErrorKind::NotFound,
            Self::Refused(_) => ErrorKind::Refused,
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
        let Self::Refused(refusal) = self else { return None };
        match refusal {
            Refusal::NoSlot(NoSlot::Closed) => Some("OUTSIDE_HOURS"),
            Refusal::NoSlot(NoSlot::BetweenSlots) => None,
            Refusal::NoSlot(NoSlot::TooSoon) => Some("TOO_SOON"),
            Refusal::NoSlot(NoSlot::TooFar) => Some("BEYOND_HORIZON"),
            Refusal::Taken => Some("SLOT_TAKEN"),
            Refusal::Stale => Some("STALE_FENCING_TOKEN"),
            Refusal::NotFound | Refusal::NothingToReplace => Some("APPOINTMENT_NOT_FOUND"),
            Refusal::Ended(_) => Some("APPOINTMENT_ENDED"),
            Refusal::HoldLost | Refusal::HoldTooLate => Some("HOLD_LOST"),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            Self::Refused(Refusal::NoSlot(NoSlot::BetweenSlots)) => Some("start"),
            _ => None,
        }
    }
}
