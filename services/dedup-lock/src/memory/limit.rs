//! Sliding windows in memory.

use std::collections::VecDeque;
use std::time::Duration;

use model::Timestamp;

use super::MemoryStore;
use super::expiring::Expires;
use crate::domain::{Key, Take, Taken};
use crate::error::StoreError;
use crate::store::RateLimitStore;

/// The places taken lately, oldest first.
#[derive(Default)]
pub struct Log {
    taken: VecDeque<(Timestamp, u32)>,
    total: u32,
    until: Timestamp,
}

impl Expires for Log {
    fn expires_at(&self) -> Timestamp {
        self.until
    }
}

impl Log {
    fn take(&mut self, take: Take, now: Timestamp) -> Taken {
        // A clock that was set back must not close the window until it catches up: what lies ahead counts as of now.
        for (at, _) in self.taken.iter_mut().rev().take_while(|(at, _)| *at > now) {
            *at = now;
        }
        while let Some((at, cost)) = self.taken.front().copied()
            && at + take.window <= now
        {
            self.total -= cost;
            self.taken.pop_front();
        }
        if self.total + take.cost <= take.limit {
            self.taken.push_back((now, take.cost));
            self.total += take.cost;
            self.until = now + take.window;
            return Taken { allowed: true, remaining: take.limit - self.total, retry_after: Duration::ZERO };
        }
        let mut missing = (self.total + take.cost).saturating_sub(take.limit);
        let enough = self.taken.iter().find(|(_, cost)| {
            missing = missing.saturating_sub(*cost);
            missing == 0
        });
        let free_at = enough.map_or(now, |(at, _)| *at) + take.window;
        Taken {
            allowed: false,
            remaining: take.limit.saturating_sub(self.total),
            retry_after: free_at.since(now),
        }
    }
}

impl RateLimitStore for MemoryStore {
    async fn take(&self, key: &Key, take: Take) -> Result<Taken, StoreError> {
        let now = self.0.clock.now();
        Ok(self.0.limits.with(key, now, |slot| slot.get_or_insert_default().take(take, now)))
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    #[test]
    fn a_clock_set_back_closes_the_window_for_one_window_at_most() {
        let mut log = Log::default();
        let take = Take::new(2, Duration::from_secs(1), 1).unwrap();
        let start = Timestamp::from_seconds(10_000);
        assert!(log.take(take, start).allowed && log.take(take, start).allowed);
        let before = start - Duration::from_hours(1);
        let refused = log.take(take, before);
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after, Duration::from_secs(1));
        assert!(log.take(take, before + Duration::from_secs(1)).allowed);
    }

    #[test]
    fn the_delay_that_is_told_is_exactly_enough() {
        let mut log = Log::default();
        let window = Duration::from_secs(1);
        let start = Timestamp::from_seconds(10_000);
        for step in 0..4 {
            assert!(
                log.take(Take::new(4, window, 1).unwrap(), start + Duration::from_millis(step * 100)).allowed
            );
        }
        let now = start + Duration::from_millis(400);
        let three = Take::new(4, window, 3).unwrap();
        let refused = log.take(three, now);
        assert_eq!(refused.retry_after, Duration::from_millis(800));
        assert!(!log.take(three, now + refused.retry_after - Duration::from_micros(1)).allowed);
        assert!(log.take(three, now + refused.retry_after).allowed);
    }

    #[test]
    fn no_window_ever_holds_more_than_the_limit_and_none_is_refused_that_would_fit() {
        for seed in 0..200 {
            let mut random = StdRng::seed_from_u64(seed);
            let limit = random.random_range(1..=20);
            let window = Duration::from_micros(random.random_range(1_000..50_000));
            let (mut log, mut now) = (Log::default(), Timestamp::from_seconds(10_000));
            let mut allowed: Vec<(Timestamp, u32)> = Vec::new();
            for _ in 0..500 {
                now += Duration::from_micros(random.random_range(0..5_000));
                let take = Take::new(limit, window, random.random_range(1..=limit)).unwrap();
                let within = allowed.iter().filter(|(at, _)| *at + window > now);
                let fits = within.map(|(_, cost)| cost).sum::<u32>() + take.cost <= limit;
                let taken = log.take(take, now);
                assert_eq!(taken.allowed, fits, "seed {seed} at {now}");
                if taken.allowed {
                    allowed.push((now, take.cost));
                } else {
                    assert!(taken.retry_after > Duration::ZERO && taken.retry_after <= window, "seed {seed}");
                }
            }
        }
    }
}
