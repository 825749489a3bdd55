//! Why a model gave nothing to go by. Never with its words or the customer's: errors of the client library carry both.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Why the rules have to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer within `LLM_TIMEOUT`.
    #[error("did not answer in time")]
    Timeout,
    /// So many calls are under way that none came free in time.
    #[error("has too many calls under way")]
    Busy,
    /// Failed so often that it is left alone for a while.
    #[error("failed before and is left alone for a while")]
    Paused,
    /// Nothing is left of `LLM_DAILY_BUDGET`.
    #[error("has used up its budget of today")]
    OverBudget,
    /// Could not be reached.
    #[error("could not be reached")]
    Unreachable,
    /// Answered 429.
    #[error("asks to be left alone")]
    RateLimited {
        /// For how long, if it said so.
        rest: Option<Duration>,
    },
    /// Answered 401 or 403: `LLM_API_KEY` is not right.
    #[error("does not accept LLM_API_KEY")]
    Unauthorized,
    /// Answered another 4xx: `LLM_MODEL` or `LLM_BASE_URL` may not be right.
    #[error("refused the request with status {0}")]
    Refused(u16),
    /// Answered 5xx.
    #[error("answered with status {0}")]
    Server(u16),
    /// Answered nothing.
    #[error("answered nothing")]
    Empty,
    /// Answered what cannot be read.
    #[error("answered what cannot be read")]
    Garbage,
    /// Called a tool; it was given none.
    #[error("called a tool that does not exist")]
    ToolCall,
    /// Its answer was cut off.
    #[error("gave half an answer")]
    CutOff,
    /// Its provider's filter stepped in.
    #[error("was stopped by its provider's filter")]
    Filtered,
}

impl Failure {
    /// The word in metrics and on spans.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Busy => "busy",
            Self::Paused => "paused",
            Self::OverBudget => "over_budget",
            Self::Unreachable => "unreachable",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unauthorized => "unauthorized",
            Self::Refused(_) => "refused",
            Self::Server(_) => "server_error",
            Self::Empty => "empty",
            Self::Garbage => "garbage",
            Self::ToolCall => "tool_call",
            Self::CutOff => "cut_off",
            Self::Filtered => "filtered",
        }
    }

    /// Whether the same request may do better at once.
    pub(crate) const fn is_passing(self) -> bool {
        matches!(self, Self::Unreachable | Self::RateLimited { .. } | Self::Server(_))
    }

    /// Whether nothing was asked at all.
    pub(crate) const fn is_unasked(self) -> bool {
        matches!(self, Self::Busy | Self::Paused | Self::OverBudget)
    }
}

impl From<&genai::Error> for Failure {
    fn from(error: &genai::Error) -> Self {
        if let Some(status) = error.status() {
            return of_status(status, error.headers());
        }
        match error {
            genai::Error::WebModelCall { webc_error, .. }
            | genai::Error::WebAdapterCall { webc_error, .. } => match webc_error {
                genai::webc::Error::Reqwest(error) if error.is_timeout() => Self::Timeout,
                genai::webc::Error::Reqwest(error) if error.is_connect() || error.is_request() => {
                    Self::Unreachable
                }
                _ => Self::Garbage,
            },
            _ => Self::Garbage,
        }
    }
}

fn of_status(status: StatusCode, headers: Option<&HeaderMap>) -> Failure {
    match status.as_u16() {
        401 | 403 => Failure::Unauthorized,
        429 => Failure::RateLimited { rest: headers.and_then(rest) },
        code @ (408 | 500..) => Failure::Server(code),
        code => Failure::Refused(code),
    }
}

/// What `Retry-After` says, where it says seconds.
fn rest(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whose_fault_it_is() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "7".parse().unwrap())]);
        for (status, failure) in [
            (401, Failure::Unauthorized),
            (403, Failure::Unauthorized),
            (404, Failure::Refused(404)),
            (408, Failure::Server(408)),
            (429, Failure::RateLimited { rest: Some(Duration::from_secs(7)) }),
            (503, Failure::Server(503)),
        ] {
            assert_eq!(of_status(StatusCode::from_u16(status).unwrap(), Some(&headers)), failure);
        }
    }
}
