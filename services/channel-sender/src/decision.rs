//! What follows from a failed attempt: another one soon, parking, or giving up.

use std::time::Duration;

use model::Timestamp;
use twilio::errors::{Class, explain};

/// How often and how long a message is tried.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Quick attempts, the first included.
    pub max_tries: u32,
    /// Pause between attempts once the quick ones are used up; no pause before is longer.
    pub park: Duration,
    /// How often a message is parked before it is given up.
    pub park_max: u32,
}

/// First pause between quick attempts; doubles with each.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Where a message stands when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Attempts of this round, the failed one included.
    pub tries: u32,
    /// How many of them failed with the same error code.
    pub same_code: u32,
    /// When free-form text may no longer leave; `None` where nothing bounds it.
    pub window_end: Option<Timestamp>,
    /// The present moment.
    pub now: Timestamp,
    /// From 0 to 1: how much of the jitter is added.
    pub jitter: f64,
}

/// What follows from a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Another attempt after a short pause.
    Retry(Duration),
    /// Another attempt after a long pause, and a person is told.
    Park(Duration),
    /// No further attempt.
    GiveUp {
        /// True when trying again can help once a person has mended something: the job becomes a dead letter.
        dead_letter: bool,
    },
}

/// Decides about a failure that is known not to have sent anything. `class` must not be ambiguous: that is settled first.
pub fn after_failure(
    policy: Policy,
    class: Class,
    code: Option<u32>,
    retry_after: Option<Duration>,
    standing: Standing,
) -> Decision {
    let repeats_used_up =
        code.and_then(|code| explain(code).max_repeats).is_some_and(|most| standing.same_code > most);
    match class {
        Class::Template | Class::Request | Class::Recipient | Class::OptOut => {
            Decision::GiveUp { dead_letter: false }
        }
        Class::Configuration | Class::Unknown | Class::Informational => {
            Decision::GiveUp { dead_letter: true }
        }
        Class::Retry | Class::Later | Class::Ambiguous if repeats_used_up => {
            Decision::GiveUp { dead_letter: true }
        }
        Class::Retry | Class::Ambiguous if standing.tries < policy.max_tries => {
            let pause = FIRST_PAUSE * 2_u32.saturating_pow(standing.tries.saturating_sub(1));
            let jittered = pause.mul_f64(1.0 + standing.jitter.clamp(0.0, 1.0) / 4.0);
            let pause = jittered.max(retry_after.unwrap_or_default()).min(policy.park);
            within_window(standing, pause, Decision::Retry)
        }
        Class::Later | Class::Retry | Class::Ambiguous => park(policy, standing),
    }
}

fn park(policy: Policy, standing: Standing) -> Decision {
    let parked_before = standing.tries.saturating_sub(policy.max_tries);
    if parked_before >= policy.park_max {
        return Decision::GiveUp { dead_letter: true };
    }
    within_window(standing, policy.park, Decision::Park)
}

/// A pause that outlasts the service window ends the trying: after it nothing free-form may leave.
fn within_window(standing: Standing, pause: Duration, decision: fn(Duration) -> Decision) -> Decision {
    if standing.window_end.is_some_and(|end| standing.now + pause >= end) {
        Decision::GiveUp { dead_letter: true }
    } else {
        decision(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { max_tries: 4, park: Duration::from_mins(5), park_max: 12 };
    const DEAD: Decision = Decision::GiveUp { dead_letter: true };
    const OVER: Decision = Decision::GiveUp { dead_letter: false };

    fn after(tries: u32) -> Standing {
        Standing {
            tries,
            same_code: 1,
            window_end: Some(Timestamp::from_seconds(100_000)),
            now: Timestamp::from_seconds(1_000),
            jitter: 0.0,
        }
    }

    fn retry(seconds: u64) -> Decision {
        Decision::Retry(Duration::from_secs(seconds))
    }

    #[test]
    fn one_try_and_three_quick_retries_then_twelve_times_parked_then_dead() {
        let decisions: Vec<_> =
            (1..=17).map(|tries| after_failure(POLICY, Class::Retry, None, None, after(tries))).collect();
        assert_eq!(decisions[..3], [retry(1), retry(2), retry(4)]);
        assert_eq!(decisions[3..15], [Decision::Park(POLICY.park); 12]);
        assert_eq!(decisions[15..], [DEAD; 2]);
    }

    #[test]
    fn each_class_has_its_own_consequence() {
        for (class, expected) in [
            (Class::Retry, retry(1)),
            (Class::Ambiguous, retry(1)),
            (Class::Later, Decision::Park(POLICY.park)),
            (Class::Template, OVER),
            (Class::Request, OVER),
            (Class::Recipient, OVER),
            (Class::OptOut, OVER),
            (Class::Configuration, DEAD),
            (Class::Unknown, DEAD),
            (Class::Informational, DEAD),
        ] {
            assert_eq!(after_failure(POLICY, class, None, None, after(1)), expected, "{class:?}");
        }
    }

    #[test]
    fn retry_after_is_honoured_up_to_the_parking_time() {
        let asked = |seconds| {
            after_failure(POLICY, Class::Retry, Some(20429), Some(Duration::from_secs(seconds)), after(1))
        };
        assert_eq!(asked(0), retry(1));
        assert_eq!(asked(30), retry(30));
        assert_eq!(asked(86_400), retry(300));
    }

    #[test]
    fn no_quick_pause_is_longer_than_parking() {
        let patient = Policy { max_tries: 100, ..POLICY };
        for tries in [10, 99] {
            let late = Standing { jitter: 1.0, ..after(tries) };
            assert_eq!(after_failure(patient, Class::Retry, None, None, late), retry(300));
        }
    }

    #[test]
    fn jitter_only_lengthens_a_pause() {
        let jittered = Standing { jitter: 1.0, ..after(2) };
        assert_eq!(
            after_failure(POLICY, Class::Retry, None, None, jittered),
            Decision::Retry(Duration::from_millis(2_500))
        );
    }

    #[test]
    fn nothing_is_tried_beyond_the_service_window() {
        let closing = Standing { window_end: Some(Timestamp::from_seconds(1_200)), ..after(4) };
        assert_eq!(after_failure(POLICY, Class::Retry, None, None, closing), DEAD);
        assert_eq!(
            after_failure(POLICY, Class::Retry, None, None, Standing { tries: 1, ..closing }),
            retry(1)
        );
        let unbounded = Standing { window_end: None, ..closing };
        assert_eq!(after_failure(POLICY, Class::Retry, None, None, unbounded), Decision::Park(POLICY.park));
    }

    #[test]
    fn a_code_that_may_be_repeated_once_is_repeated_once() {
        let first = after_failure(POLICY, Class::Later, Some(63011), None, after(1));
        assert_eq!(first, Decision::Park(POLICY.park));
        let again = Standing { same_code: 2, ..after(2) };
        assert_eq!(after_failure(POLICY, Class::Later, Some(63011), None, again), DEAD);
    }
}
