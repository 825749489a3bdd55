use std::time::Duration;

use rand::RngExt;

/// How long a failing job waits before it is tried again: the base doubles with each try up to a maximum, and each wait is drawn from
/// the upper half of that, so that jobs which failed together do not come back together.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The wait after the first failure.
    pub base: Duration,
    /// The longest wait.
    pub max: Duration,
}

impl Backoff {
    /// A back-off that starts at `base`, doubles, and stays at `max`.
    pub const fn new(base: Duration, max: Duration) -> Self {
        Self { base, max }
    }

    /// The wait after the given number of failures, from 1.
    pub fn delay(self, failures: u32) -> Duration {
        let doubled = self.base.saturating_mul(1_u32 << failures.saturating_sub(1).min(16));
        doubled.min(self.max).mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}
