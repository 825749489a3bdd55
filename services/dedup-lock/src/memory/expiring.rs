//! A map whose values end at a time of their own.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use model::Timestamp;

use crate::domain::Key;

/// How many locks the keys are spread over. Far above the number of cores, so that two callers seldom meet.
const SHARDS: usize = 64;

/// How many slots that are due one call looks at. More than one, so that the map shrinks faster than it grows; few, so that
/// no call pays for a crowd.
const SWEEP: usize = 4;

/// A value that ends by itself.
pub trait Expires {
    /// When it ends; from then on it counts as absent.
    fn expires_at(&self) -> Timestamp;
}

/// A map from keys to values that end. Every call sweeps away a bounded number of ended ones in the shard it touches.
pub struct Expiring<V> {
    shards: Box<[Mutex<Shard<V>>]>,
    hasher: RandomState,
}

/// One slot per key. A slot has exactly one entry in `due` from its making to its sweeping, however often its value changes.
struct Shard<V> {
    slots: HashMap<Arc<str>, Option<V>>,
    due: BinaryHeap<Reverse<(Timestamp, Arc<str>)>>,
}

impl<V> Default for Expiring<V> {
    fn default() -> Self {
        let shard = || Mutex::new(Shard { slots: HashMap::new(), due: BinaryHeap::new() });
        Self { shards: std::iter::repeat_with(shard).take(SHARDS).collect(), hasher: RandomState::new() }
    }
}

impl<V> std::fmt::Debug for Expiring<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Expiring")
    }
}

impl<V: Expires> Expiring<V> {
    /// Lets `change` look at and change the value of a key, alone. It finds `None` for a value that has ended.
    pub fn with<R>(&self, key: &Key, now: Timestamp, change: impl FnOnce(&mut Option<V>) -> R) -> R {
        let index = usize::try_from(self.hasher.hash_one(key.as_str()) % SHARDS as u64)
            .expect("a number below the number of shards fits");
        // A panic in `change` leaves a value that is whole: each is changed by assignment of finished parts.
        let mut shard = self.shards[index].lock().unwrap_or_else(PoisonError::into_inner);
        shard.sweep(now);
        if let Some(slot) = shard.slots.get_mut(key.as_str()) {
            if slot.as_ref().is_some_and(|value| value.expires_at() <= now) {
                *slot = None;
            }
            return change(slot);
        }
        let mut value = None;
        let answer = change(&mut value);
        if let Some(value) = value {
            let key: Arc<str> = key.as_str().into();
            shard.due.push(Reverse((value.expires_at(), Arc::clone(&key))));
            shard.slots.insert(key, Some(value));
        }
        answer
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().slots.len()).sum()
    }
}

impl<V: Expires> Shard<V> {
    fn sweep(&mut self, now: Timestamp) {
        for _ in 0..SWEEP {
            if self.due.peek().is_none_or(|Reverse((due, _))| *due > now) {
                return;
            }
            let Some(Reverse((_, key))) = self.due.pop() else { return };
            match self.slots.get(&key).and_then(Option::as_ref).map(Expires::expires_at) {
                Some(later) if later > now => self.due.push(Reverse((later, key))),
                _ => drop(self.slots.remove(&key)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Until(Timestamp);

    impl Expires for Until {
        fn expires_at(&self) -> Timestamp {
            self.0
        }
    }

    fn key(text: impl Into<String>) -> Key {
        Key::parse("key", text.into()).unwrap()
    }

    #[test]
    fn values_that_ended_are_swept_away_by_later_calls() {
        let map = Expiring::default();
        let start = Timestamp::from_seconds(1_000);
        for number in 0..1_000 {
            map.with(&key(format!("old:{number}")), start, |slot| {
                *slot = Some(Until(start + Duration::from_secs(1)));
            });
        }
        assert_eq!(map.len(), 1_000);
        let later = start + Duration::from_secs(10);
        for number in 0..2_000 {
            map.with(&key(format!("new:{number}")), later, |_| ());
        }
        assert_eq!(map.len(), 0);
    }

    #[test]
    fn a_value_that_was_prolonged_survives_its_first_end() {
        let map = Expiring::default();
        let start = Timestamp::from_seconds(1_000);
        let key = key("k");
        map.with(&key, start, |slot| *slot = Some(Until(start + Duration::from_secs(1))));
        map.with(&key, start, |slot| *slot = Some(Until(start + Duration::from_secs(100))));
        for second in 1..100 {
            assert!(map.with(&key, start + Duration::from_secs(second), |slot| slot.is_some()), "{second}");
        }
        assert!(map.with(&key, start + Duration::from_secs(100), |slot| slot.is_none()));
    }

    #[test]
    fn a_slot_emptied_and_filled_again_is_due_once() {
        let map = Expiring::default();
        let now = Timestamp::from_seconds(1_000);
        let key = key("k");
        for _ in 0..100 {
            map.with(&key, now, |slot| *slot = Some(Until(now + Duration::from_secs(1))));
            map.with(&key, now, |slot| *slot = None);
        }
        let due: usize = map.shards.iter().map(|shard| shard.lock().unwrap().due.len()).sum();
        assert_eq!(due, 1);
    }
}
