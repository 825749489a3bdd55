//! What can go wrong here, and what it means to a caller.

use model::{Classify, ErrorKind, Source};
use queue::LeaseLost;
use store::StoreError;

use crate::channel::{AskError, missing_configuration};
use crate::domain::Refusal;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Settings that do not fit together; the text names the variable and the mend.
    #[error("{0}")]
    Configuration(String),
    /// The HTTP client could not be made.
    #[error("could not make the http client")]
    HttpClient(#[source] reqwest::Error),
    /// The gRPC server could not be bound.
    #[error("could not listen; check CHANNEL_SENDER_LISTEN")]
    Listen(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else has the work now.
    #[error("the lease on the message has ended")]
    LeaseLost,
    /// A field of a request is wrong.
    #[error("{field} {mend}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What it must be.
        mend: &'static str,
    },
    /// The message may not go out.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A higher lock token was seen for the conversation.
    #[error("the fencing token is lower than one seen for this conversation: the lock has moved on")]
    StaleFencingToken,
    /// The source's channel is not configured.
    #[error("nothing can be sent over {0}: {missing}", missing = missing_configuration(*.0))]
    ChannelMissing(Source),
    /// No such message.
    #[error("no message with this id")]
    NoSuchMessage,
    /// It is not known yet whether the message was sent, so nothing can be said about its failure.
    #[error("an attempt at the message is under way; report its failure again later")]
    NotSettled,
    /// The provider could not be asked.
    #[error(transparent)]
    Ask(#[from] AskError),
}

impl From<LeaseLost> for Error {
    fn from(error: LeaseLost) -> Self {
        match error {
            LeaseLost::Lost => Self::LeaseLost,
            LeaseLost::Store(error) => Self::Store(error),
        }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Configuration(_) | Self::HttpClient(_) | Self::Listen(_) => ErrorKind::Internal,
            Self::Store(error) => error.kind(),
            Self::LeaseLost => ErrorKind::Contended,
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::Refused(_) | Self::StaleFencingToken | Self::ChannelMissing(_) => ErrorKind::Refused,
            Self::NoSuchMessage => ErrorKind::NotFound,
            Self::Ask(_) | Self::NotSettled => ErrorKind::Unavailable,
        }
    }

    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => Some(refusal.reason()),
            Self::StaleFencingToken => Some("STALE_FENCING_TOKEN"),
            Self::ChannelMissing(_) => Some("CHANNEL_NOT_CONFIGURED"),
            _ => None,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            _ => None,
        }
    }
}
