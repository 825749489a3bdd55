//! A sliding-window limit kept in this process alone: for unsigned requests per address, and per phone while
//! dedup-lock is away.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::Rate;
use tokio::time::Instant;

/// Keys remembered at most. With fifty moments each that is below ten megabytes.
const MAX_KEYS: usize = 10_000;

/// At most `rate.limit` allowed takes per key in any `rate.window`.
#[derive(Debug)]
pub struct LocalLimit<K> {
    rate: Rate,
    state: Mutex<State<K>>,
}

#[derive(Debug)]
struct State<K> {
    /// The moments of the allowed takes within the window, oldest first.
    taken: HashMap<K, VecDeque<Instant>>,
    /// Before this moment looking for forgotten keys again would be in vain or too dear.
    next_sweep: Instant,
}

impl<K: Eq + Hash> LocalLimit<K> {
    /// A limit that nothing was taken from.
    pub fn new(rate: Rate) -> Self {
        let state = State { taken: HashMap::new(), next_sweep: Instant::now() };
        Self { rate, state: Mutex::new(state) }
    }

    /// Takes one place for `key`, or says after how long there will be one.
    ///
    /// With [`MAX_KEYS`] keys in use a further key is not limited: memory stays bounded, and the limit is a
    /// protection, not a promise.
    pub fn take(&self, key: K) -> Result<(), Duration> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        if state.taken.len() >= MAX_KEYS && !state.taken.contains_key(&key) {
            if now >= state.next_sweep {
                let window = self.rate.window;
                state.taken.retain(|_, moments| moments.back().is_some_and(|last| *last + window > now));
                state.next_sweep = now + Duration::from_secs(1);
            }
            if state.taken.len() >= MAX_KEYS {
                return Ok(());
            }
        }
        let moments = state.taken.entry(key).or_default();
        while moments.front().is_some_and(|first| *first + self.rate.window <= now) {
            moments.pop_front();
        }
        match moments.front() {
            Some(first) if moments.len() >= self.rate.limit as usize => Err(*first + self.rate.window - now),
            _ => {
                moments.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_a_minute() -> LocalLimit<u32> {
        LocalLimit::new(Rate { limit: 3, window: Duration::from_mins(1) })
    }

    #[tokio::test(start_paused = true)]
    async fn the_fourth_within_the_window_is_refused_until_the_first_leaves_it() {
        let limit = three_a_minute();
        for _ in 0..3 {
            assert_eq!(limit.take(1), Ok(()));
            tokio::time::advance(Duration::from_secs(10)).await;
        }
        assert_eq!(limit.take(1), Err(Duration::from_secs(30)));
        assert_eq!(limit.take(2), Ok(()), "another key has a window of its own");
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(limit.take(1), Ok(()));
        assert_eq!(limit.take(1), Err(Duration::from_secs(10)));
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_forgotten_keys_make_room() {
        let limit = three_a_minute();
        for key in 0..20_000 {
            assert_eq!(limit.take(key), Ok(()));
        }
        assert_eq!(limit.state.lock().unwrap().taken.len(), MAX_KEYS);
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!(limit.take(20_000), Ok(()));
        assert_eq!(limit.state.lock().unwrap().taken.len(), 1);
    }
}
