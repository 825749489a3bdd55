//! From a service's errors to what its callers see, and back.

use std::error::Error;
use std::time::Duration;

use model::{Classify, ErrorKind};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use tracing::error;

/// The domain of every `ErrorInfo` of ours.
pub const ERROR_DOMAIN: &str = "proefrit";

/// The status for an error, with its details: `ErrorInfo` always, `RetryInfo` and `BadRequest` where known.
///
/// An [`ErrorKind::Internal`] is logged here, once, with its causes; the caller reads a plain sentence.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub fn status<E>(error: E) -> Status
where
    E: Classify + Error,
{
    let kind = error.kind();
    let message = if kind == ErrorKind::Internal {
        error!(error = causes(&error), "internal error: {}", causes(&error));
        "internal error".to_owned()
    } else {
        error.to_string()
    };
    let mut details = ErrorDetails::new();
    if let Some(field) = error.field() {
        details.add_bad_request_violation(field, message.clone());
    }
    if let Some(delay) = error.retry_after() {
        details.set_retry_info(Some(delay));
    }
    let reason = error.reason().map_or_else(|| kind.as_str().to_uppercase(), str::to_owned);
    details.set_error_info(reason, ERROR_DOMAIN, std::collections::HashMap::new());
    Status::with_error_details(code_of(kind), message, details)
}

/// `INVALID_ARGUMENT` that names the field and how to mend it: `invalid("page_size", "must be at most 500")`.
pub fn invalid(field: &str, mend: &str) -> Status {
    let message = format!("{field} {mend}");
    let mut details = ErrorDetails::with_bad_request_violation(field, mend);
    details.set_error_info("INVALID", ERROR_DOMAIN, std::collections::HashMap::new());
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// `NOT_FOUND`: `not_found("appointment")`.
pub fn not_found(what: &str) -> Status {
    with_reason(Code::NotFound, "NOT_FOUND", format!("{what} does not exist"))
}

/// `FAILED_PRECONDITION` with a reason that callers can tell apart: `refused("OPTED_OUT", "contact has opted out")`.
pub fn refused(reason: &str, message: impl Into<String>) -> Status {
    with_reason(Code::FailedPrecondition, reason, message)
}

fn with_reason(code: Code, reason: &str, message: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, std::collections::HashMap::new());
    Status::with_error_details(code, message, details)
}

/// What a status means to whoever called.
pub fn kind_of(status: &Status) -> ErrorKind {
    match status.code() {
        Code::InvalidArgument | Code::OutOfRange => ErrorKind::Invalid,
        Code::Unauthenticated => ErrorKind::Unauthenticated,
        Code::PermissionDenied => ErrorKind::Denied,
        Code::NotFound => ErrorKind::NotFound,
        Code::AlreadyExists => ErrorKind::Exists,
        Code::FailedPrecondition => ErrorKind::Refused,
        Code::Aborted => ErrorKind::Contended,
        Code::ResourceExhausted => ErrorKind::Exhausted,
        // A call that was cut off by the transport is reported as cancelled.
        Code::Unavailable | Code::Cancelled => ErrorKind::Unavailable,
        Code::DeadlineExceeded => ErrorKind::Timeout,
        Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
            ErrorKind::Internal
        }
    }
}

const fn code_of(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::Invalid => Code::InvalidArgument,
        ErrorKind::Unauthenticated => Code::Unauthenticated,
        ErrorKind::Denied => Code::PermissionDenied,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::Exists => Code::AlreadyExists,
        ErrorKind::Refused => Code::FailedPrecondition,
        ErrorKind::Contended => Code::Aborted,
        ErrorKind::Exhausted => Code::ResourceExhausted,
        ErrorKind::Unavailable => Code::Unavailable,
        ErrorKind::Timeout => Code::DeadlineExceeded,
        ErrorKind::Internal => Code::Internal,
    }
}

/// The reason in a status's `ErrorInfo`, where the status is one of ours.
pub fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().filter(|info| info.domain == ERROR_DOMAIN).map(|info| info.reason)
}

/// How long a status asks its caller to wait.
pub fn retry_after(status: &Status) -> Option<Duration> {
    status.get_details_retry_info().and_then(|info| info.retry_delay)
}

fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct TestError {
        text: &'static str,
        kind: ErrorKind,
        #[source]
        cause: Option<std::io::Error>,
    }

    impl Classify for TestError {
        fn kind(&self) -> ErrorKind {
            self.kind
        }

        fn retry_after(&self) -> Option<Duration> {
            (self.kind == ErrorKind::Exhausted).then_some(Duration::from_secs(3))
        }

        fn reason(&self) -> Option<&'static str> {
            (self.kind == ErrorKind::Refused).then_some("OPTED_OUT")
        }

        fn field(&self) -> Option<&str> {
            (self.kind == ErrorKind::Invalid).then_some("phone")
        }
    }

    fn status_of(kind: ErrorKind) -> Status {
        status(TestError { text: "it is so", kind, cause: None })
    }

    #[test]
    fn every_kind_survives_the_way_through_a_status() {
        for kind in ErrorKind::ALL {
            assert_eq!(kind_of(&status_of(kind)), kind);
        }
    }

    #[test]
    fn details_say_what_is_known() {
        assert_eq!(retry_after(&status_of(ErrorKind::Exhausted)), Some(Duration::from_secs(3)));
        assert_eq!(reason(&status_of(ErrorKind::Refused)).as_deref(), Some("OPTED_OUT"));
        assert_eq!(reason(&status_of(ErrorKind::Exists)).as_deref(), Some("EXISTS"));
        let violations = status_of(ErrorKind::Invalid).get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, "phone");
        assert_eq!(violations[0].description, "it is so");
    }

    #[test]
    fn an_internal_error_is_not_told_to_the_caller() {
        let cause = Some(std::io::Error::other("password is wrong"));
        let told = status(TestError { text: "cannot open the vault", kind: ErrorKind::Internal, cause });
        assert_eq!(told.message(), "internal error");
    }

    #[test]
    fn ready_made_refusals_name_field_and_reason() {
        let wrong = invalid("page_size", "must be at most 500");
        assert_eq!((wrong.code(), wrong.message()), (Code::InvalidArgument, "page_size must be at most 500"));
        assert_eq!(wrong.get_details_bad_request().unwrap().field_violations[0].field, "page_size");
        assert_eq!(reason(&refused("OPTED_OUT", "contact has opted out")).as_deref(), Some("OPTED_OUT"));
        assert_eq!(kind_of(&not_found("appointment")), ErrorKind::NotFound);
        assert_eq!(reason(&Status::internal("theirs")), None);
    }
}
