use model::{Classify, ErrorKind};
use queue::LeaseLost;
use store::StoreError;

/// What can go wrong in the orchestrator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of a request is missing or malformed.
    #[error("{field} {mend}")]
    Invalid {
        /// The field's name in the request.
        field: &'static str,
        /// What it must be.
        mend: String,
    },
    /// No conversation has this id.
    #[error("no conversation has this id; ListConversations shows those there are")]
    NoConversation,
    /// No task has this id.
    #[error("no task has this id; ListTasks shows those there are")]
    NoTask,
    /// The conversation changed while the agents thought: the turn is thought again.
    #[error("the conversation has changed since the turn began")]
    Moved,
    /// The dealer's files are missing or wrong.
    #[error("cannot use the dealer configuration: {0}")]
    Dealer(String),
    /// A newer worker committed for this contact.
    #[error("a newer worker holds this conversation")]
    StaleFence,
    /// The work was taken over.
    #[error(transparent)]
    Lease(#[from] LeaseLost),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server could not be bound.
    #[error("could not start the gRPC server; check AGENT_ORCHESTRATOR_LISTEN: {0}")]
    Serve(String),
}

impl Error {
    /// A field with what it must be.
    pub fn invalid(field: &'static str, mend: impl Into<String>) -> Self {
        Self::Invalid { field, mend: mend.into() }
    }
}

impl Classify for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { .. } => ErrorKind::Invalid,
            Self::NoConversation | Self::NoTask => ErrorKind::NotFound,
            Self::StaleFence | Self::Moved => ErrorKind::Contended,
            Self::Dealer(_) | Self::Serve(_) => ErrorKind::Internal,
            Self::Lease(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}
