//! Leaves a model alone that is away, so that customers do not wait for it in vain.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Failures in a row after which the model is left alone.
const FAILURES: u32 = 3;

/// How long it is left alone at first; twice as long after each further failure.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// How long it is left alone at most.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// How often a pause doubles before it is the longest.
const DOUBLINGS: u32 = 4;

/// Counts failures in a row.
#[derive(Debug, Default)]
pub struct Breaker {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    failures: u32,
    paused_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call is worth while now. After a pause one call tries; the next pause begins with it.
    pub fn lets_through(&self) -> bool {
        let mut seen = self.seen();
        match seen.paused_until {
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                // The others wait for what becomes of this one.
                seen.paused_until = Some(Instant::now() + pause(seen.failures));
                true
            }
            None => true,
        }
    }

    /// The model answered.
    pub fn answered(&self) {
        *self.seen() = Seen::default();
    }

    /// The model did not answer. `rest` is how long it asked to be left alone.
    pub fn failed(&self, rest: Option<Duration>) {
        let mut seen = self.seen();
        seen.failures = seen.failures.saturating_add(1);
        let now = Instant::now();
        if let Some(rest) = rest {
            seen.paused_until = Some(now + rest.min(LONGEST_PAUSE));
        } else if seen.failures >= FAILURES {
            seen.paused_until = Some(now + pause(seen.failures));
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(FAILURES).min(DOUBLINGS)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn three_failures_in_a_row_pause_and_then_one_call_tries() {
        let breaker = Breaker::default();
        breaker.failed(None);
        breaker.failed(None);
        assert!(breaker.lets_through());
        breaker.failed(None);
        assert!(!breaker.lets_through());
        tokio::time::advance(FIRST_PAUSE).await;
        assert!(breaker.lets_through(), "one tries");
        assert!(!breaker.lets_through(), "the others wait");
        breaker.answered();
        assert!(breaker.lets_through());
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_rest_gets_it_within_bounds() {
        let breaker = Breaker::default();
        breaker.failed(Some(Duration::from_secs(2)));
        assert!(!breaker.lets_through());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(breaker.lets_through());
        breaker.failed(Some(Duration::from_hours(24)));
        tokio::time::advance(LONGEST_PAUSE).await;
        assert!(breaker.lets_through());
    }
}
