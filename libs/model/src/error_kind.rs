//! What an error means to whoever called.

use std::fmt;
use std::time::Duration;

/// The closed set of meanings an error can have at the edge of a service. It decides the gRPC code, the HTTP
/// code and whether repeating helps; `mesh::status` makes a gRPC status of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong; the caller must change it.
    Invalid,
    /// Who calls is not known.
    Unauthenticated,
    /// Who calls may not do this.
    Denied,
    /// The thing named does not exist.
    NotFound,
    /// The thing exists already, or is taken.
    Exists,
    /// The request is well formed, but the state of things forbids it until someone changes that state
    /// (service window closed, stale fencing token).
    Refused,
    /// Somebody else was first; read again before trying again.
    Contended,
    /// A limit is used up; try again after the delay that came with it.
    Exhausted,
    /// Cannot be done now; nothing was done.
    Unavailable,
    /// No answer in time; it may or may not have been done.
    Timeout,
    /// A bug of ours.
    Internal,
}

/// Whether, and how, repeating a failed call can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Never: the answer would be the same.
    Never,
    /// After reading the state again.
    AfterReread,
    /// After the delay that came with the error, or a backoff.
    AfterDelay,
    /// With backoff.
    WithBackoff,
    /// With backoff, where doing it twice does no harm.
    IfIdempotent,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Denied,
        Self::NotFound,
        Self::Exists,
        Self::Refused,
        Self::Contended,
        Self::Exhausted,
        Self::Unavailable,
        Self::Timeout,
        Self::Internal,
    ];

    /// The word for logs and labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::Exists => "exists",
            Self::Refused => "refused",
            Self::Contended => "contended",
            Self::Exhausted => "exhausted",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status that says the same.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Denied => 403,
            Self::NotFound => 404,
            Self::Exists | Self::Refused | Self::Contended => 409,
            Self::Exhausted => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::Timeout => 504,
        }
    }

    /// Whether repeating helps.
    pub const fn repeat(self) -> Repeat {
        match self {
            Self::Invalid
            | Self::Unauthenticated
            | Self::Denied
            | Self::NotFound
            | Self::Exists
            | Self::Refused
            | Self::Internal => Repeat::Never,
            Self::Contended => Repeat::AfterReread,
            Self::Exhausted => Repeat::AfterDelay,
            Self::Unavailable => Repeat::WithBackoff,
            Self::Timeout => Repeat::IfIdempotent,
        }
    }

    /// True where the same call may succeed later without anybody changing it.
    pub const fn is_transient(self) -> bool {
        !matches!(self.repeat(), Repeat::Never)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An error that knows what it means to a caller.
pub trait Classify {
    /// What the error means.
    fn kind(&self) -> ErrorKind;

    /// How long the caller should wait before trying again, where that is known.
    fn retry_after(&self) -> Option<Duration> {
        None
    }

    /// A constant in upper case that tells this error from others of its kind (`SERVICE_WINDOW_CLOSED`); it goes
    /// into the status's `ErrorInfo`.
    fn reason(&self) -> Option<&'static str> {
        None
    }

    /// The request's field that is wrong, for errors of kind [`ErrorKind::Invalid`].
    fn field(&self) -> Option<&str> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_kinds_are_distinct() {
        let mut words: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ErrorKind::ALL.len());
    }

    #[test]
    fn only_kinds_that_may_pass_by_themselves_are_transient() {
        let transient: Vec<_> = ErrorKind::ALL.into_iter().filter(|kind| kind.is_transient()).collect();
        assert_eq!(
            transient,
            [ErrorKind::Contended, ErrorKind::Exhausted, ErrorKind::Unavailable, ErrorKind::Timeout]
        );
    }
}
