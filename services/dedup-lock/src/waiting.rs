//! Waiting for a lock: in line, first come first served across replicas, woken at once within one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::domain::{Key, Lease, LockRequest, Token};
use crate::store::{Attempt, Attempted, LockStore, PLACE_TTL, Place};
use crate::{Error, StoreError};

/// The first in line asks again after this long, spread over as much again and a half: a release by another replica is noticed
/// within 50 ms, and replicas do not ask in step.
const POLL_FIRST: Duration = Duration::from_millis(20);

/// Every place further back asks this much less often …
const POLL_PER_PLACE: Duration = Duration::from_millis(20);

/// … but often enough to keep its place.
const POLL_LAST: Duration = PLACE_TTL.checked_div(10).expect("ten is not zero");

/// Takes and gives back locks of a store, with waiting.
#[derive(Clone, Debug)]
pub struct Locks<S> {
    store: S,
    here: Arc<WaitersHere>,
}

impl<S: LockStore + Clone + 'static> Locks<S> {
    /// Makes the waiting room of this replica.
    pub fn new(store: S) -> Self {
        Self { store, here: Arc::default() }
    }

    /// Takes a lock, waiting in line for at most `wait`.
    ///
    /// Dropping the future leaves the line.
    ///
    /// # Errors
    /// [`Error::LockBusy`] when it was not free in time, [`Error::Store`] when the store is away.
    pub async fn acquire(&self, request: LockRequest, wait: Duration) -> Result<Lease, Error> {
        let give_up_at = Instant::now() + wait;
        let mut waiter = Waiter::new(self, request);
        let mut place = if wait.is_zero() { Place::None } else { Place::Last };
        loop {
            let attempt = Attempt { request: &waiter.request, lock_token: &waiter.lock_token, place };
            let (ticket, ahead, free_in) = match self.store.attempt(attempt).await? {
                Attempted::Granted { fencing_token, expires_at } => {
                    return Ok(Lease { lock_token: waiter.granted(), fencing_token, expires_at });
                }
                Attempted::Waiting { ticket, ahead, free_in } => (ticket, ahead, free_in),
            };
            let left = give_up_at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                waiter.leave().await;
                return Err(Error::LockBusy);
            }
            place = Place::Kept(ticket);
            let pause = pause(ahead, free_in).min(left);
            let woken = waiter.stand_at(ticket);
            let _ = tokio::time::timeout(pause, woken.notified()).await;
        }
    }

    /// Ends a lease and wakes the next in line. False when it had ended already.
    ///
    /// # Errors
    /// [`StoreError`] when the store is away.
    pub async fn release(&self, name: &Key, lock_token: &Token) -> Result<bool, StoreError> {
        let released = self.store.release(name, lock_token).await?;
        self.here.wake_first(name);
        Ok(released)
    }
}

/// How long to wait before asking again.
fn pause(ahead: u64, free_in: Duration) -> Duration {
    let behind = u32::try_from(ahead).unwrap_or(u32::MAX);
    let pause = POLL_FIRST.saturating_add(POLL_PER_PLACE.saturating_mul(behind)).min(POLL_LAST);
    let pause = pause.mul_f64(1.0 + 1.5 * rand::random::<f64>());
    if ahead == 0 && !free_in.is_zero() { pause.min(free_in) } else { pause }
}

/// Who waits in this process, by lock and place in line, so that a release here wakes the next one here at once.
#[derive(Debug, Default)]
struct WaitersHere(Mutex<HashMap<Key, BTreeMap<u64, Arc<Notify>>>>);

impl WaitersHere {
    fn add(&self, name: &Key, ticket: u64, woken: Arc<Notify>) {
        let mut waiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiters.entry(name.clone()).or_default().insert(ticket, woken);
    }

    fn remove(&self, name: &Key, ticket: u64) {
        let mut waiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = waiters.get_mut(name) {
            line.remove(&ticket);
            if line.is_empty() {
                waiters.remove(name);
            }
        }
    }

    fn wake_first(&self, name: &Key) {
        let waiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, first)) = waiters.get(name).and_then(BTreeMap::first_key_value) {
            first.notify_one();
        }
    }
}

/// One call of `acquire`. Dropped without a lease, it takes its attempt back: out of the line, here and in the store.
struct Waiter<S: LockStore + Clone + 'static> {
    locks: Locks<S>,
    request: LockRequest,
    lock_token: Token,
    woken: Arc<Notify>,
    ticket: u64,
    done: bool,
}

impl<S: LockStore + Clone + 'static> Waiter<S> {
    fn new(locks: &Locks<S>, request: LockRequest) -> Self {
        let woken = Arc::new(Notify::new());
        Self { locks: locks.clone(), request, lock_token: Token::random(), woken, ticket: 0, done: false }
    }

    /// Takes note of the place in the store's line, which may have changed.
    fn stand_at(&mut self, ticket: u64) -> &Notify {
        if ticket != self.ticket {
            self.locks.here.remove(&self.request.name, self.ticket);
            self.locks.here.add(&self.request.name, ticket, Arc::clone(&self.woken));
            self.ticket = ticket;
        }
        &self.woken
    }

    fn granted(&mut self) -> Token {
        self.done = true;
        self.locks.here.remove(&self.request.name, self.ticket);
        self.lock_token.clone()
    }

    /// Leaves the line before the answer goes out, so that whoever asks next does not stand behind a ghost.
    async fn leave(mut self) {
        if self.ticket == 0 {
            self.done = true;
            return;
        }
        // Failing to leave is no failure of the caller's: the place ends by itself.
        if self.locks.store.withdraw(&self.request.name, &self.lock_token, self.ticket).await.is_ok() {
            self.done = true;
        }
        self.locks.here.remove(&self.request.name, self.ticket);
        self.locks.here.wake_first(&self.request.name);
    }
}

impl<S: LockStore + Clone + 'static> Drop for Waiter<S> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        self.locks.here.remove(&self.request.name, self.ticket);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (locks, name) = (self.locks.clone(), self.request.name.clone());
        let (lock_token, ticket) = (self.lock_token.clone(), self.ticket);
        runtime.spawn(async move {
            // Best effort: the place, and a lease granted unseen, end by themselves.
            if locks.store.withdraw(&name, &lock_token, ticket).await.is_ok() {
                locks.here.wake_first(&name);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use model::{Clock, Timestamp};

    use super::*;
    use crate::memory::MemoryStore;

    /// Wall time that goes with tokio's, so that a paused test moves both.
    #[derive(Debug)]
    struct TokioClock(Instant);

    impl Clock for TokioClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(1_772_442_000) + self.0.elapsed()
        }
    }

    fn locks() -> Locks<MemoryStore> {
        Locks::new(MemoryStore::new(Arc::new(TokioClock(Instant::now()))))
    }

    fn request() -> LockRequest {
        let name = Key::parse("name", "k".to_owned()).unwrap();
        LockRequest::new(name, String::new(), Duration::from_secs(30), 0).unwrap()
    }

    const LONG: Duration = Duration::from_mins(10);

    #[tokio::test(start_paused = true)]
    async fn a_release_wakes_the_first_waiter_of_this_replica_at_once_and_then_the_next() {
        let locks = locks();
        let mut lease = locks.acquire(request(), Duration::ZERO).await.unwrap();
        let (granted, mut order) = tokio::sync::mpsc::channel(1);
        for waiter in 0..10 {
            let (locks, granted) = (locks.clone(), granted.clone());
            tokio::spawn(async move {
                let lease = locks.acquire(request(), LONG).await.unwrap();
                granted.send((waiter, Instant::now(), lease)).await.unwrap();
            });
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for expected in 0..10 {
            tokio::time::sleep(Duration::from_millis(7)).await;
            let released = Instant::now();
            assert!(locks.release(&request().name, &lease.lock_token).await.unwrap());
            let (waiter, at, next) = order.recv().await.unwrap();
            assert_eq!((waiter, at), (expected, released));
            lease = next;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_expired_lock_goes_to_the_next_in_line_when_it_expires() {
        let locks = locks();
        let started = Instant::now();
        let first = locks.acquire(request(), Duration::ZERO).await.unwrap();
        let second = locks.acquire(request(), LONG).await.unwrap();
        assert!(second.fencing_token > first.fencing_token);
        let waited = started.elapsed();
        assert!(waited >= Duration::from_secs(30) && waited < Duration::from_millis(30_060), "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_leaves_makes_room_for_the_one_behind_it() {
        let locks = locks();
        let lease = locks.acquire(request(), Duration::ZERO).await.unwrap();
        let impatient = tokio::spawn({
            let locks = locks.clone();
            async move { locks.acquire(request(), Duration::from_secs(5)).await }
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
        let patient = tokio::spawn({
            let locks = locks.clone();
            async move { locks.acquire(request(), LONG).await.map(|_| Instant::now()) }
        });
        assert!(matches!(impatient.await.unwrap(), Err(Error::LockBusy)));
        let released = Instant::now();
        locks.release(&request().name, &lease.lock_token).await.unwrap();
        assert_eq!(patient.await.unwrap().unwrap(), released);
        assert!(locks.here.0.lock().unwrap().is_empty(), "nobody is left in the waiting room");
    }
}
