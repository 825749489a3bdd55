//! Calling again, where that helps.

use std::future::Future;
use std::time::Duration;

use model::Repeat;
use rand::RngExt;
use tonic::Status;

use crate::{kind_of, retry_after, time_left};

/// How often and how patiently a call is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first included.
    pub max_tries: u32,
    /// The longest wait before the second try; it doubles with each further one.
    pub base: Duration,
    /// The longest wait before any try. A server that asks for more is not called again.
    pub cap: Duration,
    /// Whether a call that may have been done already may be done again.
    pub idempotent: bool,
}

impl RetryPolicy {
    /// Three tries within about a second, for calls that are safe to repeat (every RPC of the mesh says whether).
    pub const IDEMPOTENT: Self = Self {
        max_tries: 3,
        base: Duration::from_millis(100),
        cap: Duration::from_secs(2),
        idempotent: true,
    };

    /// The same for calls that must not be done twice: repeated only when they were certainly not done.
    pub const ONCE: Self = Self { idempotent: false, ..Self::IDEMPOTENT };
}

/// Calls until it works, repeating only where the error's kind allows it, with full jitter, and never beyond the time
/// that is left (see [`time_left`](crate::time_left)). `attempt` counts from 1.
///
/// # Errors
/// The last try's status.
pub async fn retry<T, F, Fut>(policy: RetryPolicy, mut call: F) -> Result<T, Status>
where
    F: FnMut(u32) -> Fut,
    Fut: Future<Output = Result<T, Status>>,
{
    let mut attempt = 1;
    loop {
        let status = match call(attempt).await {
            Ok(value) => return Ok(value),
            Err(status) => status,
        };
        let wait = if attempt < policy.max_tries { wait_before_next(policy, attempt, &status) } else { None };
        match wait {
            Some(wait) if time_left().is_none_or(|left| wait < left) => tokio::time::sleep(wait).await,
            _ => return Err(status),
        }
        attempt += 1;
    }
}

/// How long to wait before trying again; `None` where that cannot help.
fn wait_before_next(policy: RetryPolicy, attempt: u32, status: &Status) -> Option<Duration> {
    let asked = retry_after(status);
    let helps = match kind_of(status).repeat() {
        Repeat::Never | Repeat::AfterReread => false,
        Repeat::AfterDelay | Repeat::WithBackoff => true,
        Repeat::IfIdempotent => policy.idempotent,
    };
    if !helps || asked.is_some_and(|asked| asked > policy.cap) {
        return None;
    }
    let longest = policy.base.saturating_mul(1 << (attempt - 1).min(16)).min(policy.cap);
    let jittered = longest.mul_f64(rand::rng().random::<f64>());
    Some(asked.map_or(jittered, |asked| (asked + jittered).min(policy.cap)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tokio::time::Instant;

    async fn tries(policy: RetryPolicy, status: Status) -> u32 {
        let tries = Cell::new(0);
        let result: Result<(), _> = retry(policy, |attempt| {
            tries.set(attempt);
            let status = status.clone();
            async move { Err(status) }
        })
        .await;
        assert!(result.is_err());
        tries.get()
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_can_help_is_repeated() {
        let once = RetryPolicy::ONCE;
        let again = RetryPolicy::IDEMPOTENT;
        for (policy, status, expected) in [
            (once, Status::unavailable(""), 3),
            (once, Status::deadline_exceeded(""), 1),
            (again, Status::deadline_exceeded(""), 3),
            (again, Status::invalid_argument(""), 1),
            (again, Status::aborted(""), 1),
            (again, Status::internal(""), 1),
            (again, Status::failed_precondition(""), 1),
            (again, Status::resource_exhausted(""), 3),
        ] {
            let code = status.code();
            assert_eq!(tries(policy, status).await, expected, "{code:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_works_again_is_enough() {
        let value = retry(RetryPolicy::ONCE, |attempt| async move {
            if attempt < 3 { Err(Status::unavailable("")) } else { Ok(attempt) }
        })
        .await;
        assert_eq!(value.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_asks_for_is_kept_or_given_up() {
        use tonic_types::{ErrorDetails, StatusExt};
        let exhausted = |after| {
            let details = ErrorDetails::with_retry_info(Some(after));
            Status::with_error_details(tonic::Code::ResourceExhausted, "", details)
        };
        let started = Instant::now();
        assert_eq!(tries(RetryPolicy::ONCE, exhausted(Duration::from_secs(1))).await, 3);
        assert!(started.elapsed() >= Duration::from_secs(2));
        assert_eq!(tries(RetryPolicy::ONCE, exhausted(Duration::from_mins(1))).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_repeated_beyond_the_deadline() {
        let patient = RetryPolicy { max_tries: 1_000, base: Duration::from_secs(1), ..RetryPolicy::ONCE };
        let started = Instant::now();
        crate::with_deadline(Duration::from_secs(5), tries(patient, Status::unavailable(""))).await;
        assert!(started.elapsed() <= Duration::from_secs(5));
    }
}
