//! What every store of locks promises, and the waiting built on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use dedup_lock::Error;
use dedup_lock::domain::{LockRequest, Token};
use dedup_lock::store::{Attempt, Attempted, LockStore, PLACE_TTL, Place, Store};
use dedup_lock::waiting::Locks;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::{LONG, key, millis, on_every_store};

on_every_store!(lock: [
    a_held_lock_is_refused_to_others
    an_attempt_repeated_with_its_own_token_gets_the_same_lease
    fencing_tokens_grow_under_random_interleavings
    a_fencing_token_is_above_the_floor_even_in_a_store_that_lost_everything
    fencing_tokens_outlive_the_lease
    a_renewed_lease_lasts_longer
    a_lease_that_ended_cannot_be_renewed
    a_token_that_does_not_hold_the_lock_changes_nothing
    the_first_in_line_is_served_first
    a_newcomer_does_not_overtake_the_line
    a_waiter_that_comes_back_late_goes_to_the_end_of_the_line
    a_dead_waiter_holds_the_line_up_for_a_short_time_only
    a_waiter_whose_call_is_dropped_leaves_the_line
    a_waiter_that_gives_up_leaves_no_ghost
    waiting_ends_when_the_lease_of_a_dead_holder_ends
    an_attempt_taken_back_frees_the_lock_it_had_taken
    waiters_of_two_replicas_all_get_their_turn_alone
]);

fn request(ttl: Duration, floor: i64) -> LockRequest {
    LockRequest::new(key("conversation:lock:k"), "test".to_owned(), ttl, floor).unwrap()
}

async fn attempt(store: &impl Store, lock_token: &Token, place: Place) -> Attempted {
    let request = request(LONG, 0);
    store.attempt(Attempt { request: &request, lock_token, place }).await.unwrap()
}

async fn ticket(store: &impl Store, lock_token: &Token, place: Place) -> Place {
    match attempt(store, lock_token, place).await {
        Attempted::Waiting { ticket, .. } => Place::Kept(ticket),
        granted @ Attempted::Granted { .. } => panic!("not expected to get the lock: {granted:?}"),
    }
}

fn is_granted(attempted: Attempted) -> bool {
    matches!(attempted, Attempted::Granted { .. })
}

async fn a_held_lock_is_refused_to_others(store: impl Store) {
    let locks = Locks::new(store);
    let held = locks.acquire(request(LONG, 0), Duration::ZERO).await.unwrap();
    let refused = locks.acquire(request(LONG, 0), Duration::ZERO).await;
    assert!(matches!(refused, Err(Error::LockBusy)), "{refused:?}");
    assert!(locks.release(&key("conversation:lock:k"), &held.lock_token).await.unwrap());
    assert!(locks.acquire(request(LONG, 0), Duration::ZERO).await.is_ok());
}

async fn an_attempt_repeated_with_its_own_token_gets_the_same_lease(store: impl Store) {
    let mine = Token::random();
    let first = attempt(&store, &mine, Place::None).await;
    assert!(is_granted(first));
    assert_eq!(attempt(&store, &mine, Place::None).await, first);
}

async fn fencing_tokens_grow_under_random_interleavings(store: impl Store) {
    let held = Arc::new(AtomicBool::new(false));
    let highest = Arc::new(AtomicU64::new(0));
    let mut workers = JoinSet::new();
    for worker in 0..6 {
        let (locks, held, highest) = (Locks::new(store.clone()), held.clone(), highest.clone());
        workers.spawn(async move {
            for round in 0..10 {
                let floor = rand::random_range(0..200);
                let lease = locks.acquire(request(LONG, floor), LONG).await.unwrap();
                assert!(!held.swap(true, Ordering::SeqCst), "two hold the lock");
                assert!(lease.fencing_token > floor.unsigned_abs());
                let before = highest.swap(lease.fencing_token, Ordering::SeqCst);
                assert!(
                    lease.fencing_token > before,
                    "worker {worker} round {round}: {before} then {lease:?}"
                );
                tokio::time::sleep(Duration::from_micros(rand::random_range(0..500))).await;
                held.store(false, Ordering::SeqCst);
                assert!(locks.release(&key("conversation:lock:k"), &lease.lock_token).await.unwrap());
            }
        });
    }
    workers.join_all().await;
}

async fn a_fencing_token_is_above_the_floor_even_in_a_store_that_lost_everything(store: impl Store) {
    let locks = Locks::new(store);
    let lease = locks.acquire(request(LONG, 41), Duration::ZERO).await.unwrap();
    assert_eq!(lease.fencing_token, 42);
    assert!(locks.release(&key("conversation:lock:k"), &lease.lock_token).await.unwrap());
    let lease = locks.acquire(request(LONG, 7), Duration::ZERO).await.unwrap();
    assert_eq!(lease.fencing_token, 43, "a lower floor does not take it back");
    assert!(locks.release(&key("conversation:lock:k"), &lease.lock_token).await.unwrap());
    let highest = 1 << 52;
    let lease = locks.acquire(request(LONG, highest), Duration::ZERO).await.unwrap();
    assert_eq!(lease.fencing_token, highest.unsigned_abs() + 1, "counted exactly up to the highest floor");
}

async fn fencing_tokens_outlive_the_lease(store: impl Store) {
    let locks = Locks::new(store);
    let first = locks.acquire(request(millis(30), 0), Duration::ZERO).await.unwrap();
    tokio::time::sleep(millis(80)).await;
    let second = locks.acquire(request(millis(30), 0), Duration::ZERO).await.unwrap();
    assert!(second.fencing_token > first.fencing_token);
    assert!(second.expires_at > first.expires_at);
}

async fn a_renewed_lease_lasts_longer(store: impl Store) {
    let locks = Locks::new(store.clone());
    let lease = locks.acquire(request(Duration::from_secs(2), 0), Duration::ZERO).await.unwrap();
    let renewed = store.renew(&key("conversation:lock:k"), &lease.lock_token, LONG).await.unwrap().unwrap();
    assert!(renewed > lease.expires_at + Duration::from_secs(50));
    tokio::time::sleep(millis(2_100)).await;
    assert!(matches!(locks.acquire(request(LONG, 0), Duration::ZERO).await, Err(Error::LockBusy)));
}

async fn a_lease_that_ended_cannot_be_renewed(store: impl Store) {
    let locks = Locks::new(store.clone());
    let lease = locks.acquire(request(millis(30), 0), Duration::ZERO).await.unwrap();
    tokio::time::sleep(millis(80)).await;
    assert_eq!(store.renew(&key("conversation:lock:k"), &lease.lock_token, LONG).await, Ok(None));
    let name = key("conversation:lock:k");
    assert_eq!(LockStore::release(&store, &name, &lease.lock_token).await, Ok(false));
    assert_eq!(store.renew(&key("never:held"), &lease.lock_token, LONG).await, Ok(None));
}

async fn a_token_that_does_not_hold_the_lock_changes_nothing(store: impl Store) {
    let name = key("conversation:lock:k");
    let mine = Token::random();
    assert_eq!(LockStore::release(&store, &name, &mine).await, Ok(false), "nobody holds it");
    assert!(is_granted(attempt(&store, &mine, Place::None).await));
    let other = Token::random();
    assert_eq!(store.renew(&name, &other, LONG).await, Ok(None));
    assert_eq!(LockStore::release(&store, &name, &other).await, Ok(false));
    store.withdraw(&name, &other, 1).await.unwrap();
    assert!(!is_granted(attempt(&store, &other, Place::None).await));
    assert_eq!(LockStore::release(&store, &name, &mine).await, Ok(true));
    assert_eq!(LockStore::release(&store, &name, &mine).await, Ok(false), "a second release says so");
}

async fn the_first_in_line_is_served_first(store: impl Store) {
    let name = key("conversation:lock:k");
    let mut holder = Token::random();
    assert!(is_granted(attempt(&store, &holder, Place::None).await));
    let waiters: Vec<_> = std::iter::repeat_with(Token::random).take(4).collect();
    let mut places = Vec::new();
    for (index, waiter) in waiters.iter().enumerate() {
        let Attempted::Waiting { ticket, ahead, free_in } = attempt(&store, waiter, Place::Last).await else {
            panic!("the lock is held")
        };
        assert_eq!(ahead, index as u64);
        assert!(free_in > Duration::ZERO && free_in <= LONG);
        places.push(Place::Kept(ticket));
    }
    for (index, waiter) in waiters.iter().enumerate() {
        assert!(LockStore::release(&store, &name, &holder).await.unwrap());
        for later in (index + 1..waiters.len()).rev() {
            assert!(
                !is_granted(attempt(&store, &waiters[later], places[later]).await),
                "{later} before {index}"
            );
        }
        assert!(is_granted(attempt(&store, waiter, places[index]).await), "{index} is first");
        holder = waiter.clone();
    }
}

async fn a_newcomer_does_not_overtake_the_line(store: impl Store) {
    let (holder, waiter) = (Token::random(), Token::random());
    assert!(is_granted(attempt(&store, &holder, Place::None).await));
    let place = ticket(&store, &waiter, Place::Last).await;
    assert!(LockStore::release(&store, &key("conversation:lock:k"), &holder).await.unwrap());
    assert!(!is_granted(attempt(&store, &Token::random(), Place::None).await));
    assert!(is_granted(attempt(&store, &waiter, place).await));
}

async fn a_waiter_that_comes_back_late_goes_to_the_end_of_the_line(store: impl Store) {
    let (holder, late, next) = (Token::random(), Token::random(), Token::random());
    assert!(is_granted(attempt(&store, &holder, Place::None).await));
    let place_of_late = ticket(&store, &late, Place::Last).await;
    tokio::time::sleep(PLACE_TTL + millis(100)).await;
    let place_of_next = ticket(&store, &next, Place::Last).await;
    let place_of_late = ticket(&store, &late, place_of_late).await;
    assert!(LockStore::release(&store, &key("conversation:lock:k"), &holder).await.unwrap());
    assert!(!is_granted(attempt(&store, &late, place_of_late).await));
    assert!(is_granted(attempt(&store, &next, place_of_next).await));
}

async fn a_dead_waiter_holds_the_line_up_for_a_short_time_only(store: impl Store) {
    let (holder, dead) = (Token::random(), Token::random());
    assert!(is_granted(attempt(&store, &holder, Place::None).await));
    ticket(&store, &dead, Place::Last).await;
    assert!(LockStore::release(&store, &key("conversation:lock:k"), &holder).await.unwrap());
    let asked = Instant::now();
    Locks::new(store).acquire(request(LONG, 0), LONG).await.unwrap();
    assert!(asked.elapsed() < PLACE_TTL * 10, "waited {:?}", asked.elapsed());
}

async fn a_waiter_whose_call_is_dropped_leaves_the_line(store: impl Store) {
    let locks = Locks::new(store);
    let holder = locks.acquire(request(LONG, 0), Duration::ZERO).await.unwrap();
    let waiting = tokio::spawn({
        let locks = locks.clone();
        async move { locks.acquire(request(LONG, 0), LONG).await }
    });
    tokio::time::sleep(millis(100)).await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    tokio::time::sleep(millis(100)).await;
    assert!(locks.release(&key("conversation:lock:k"), &holder.lock_token).await.unwrap());
    assert!(locks.acquire(request(LONG, 0), Duration::ZERO).await.is_ok(), "nobody stands before us");
}

async fn a_waiter_that_gives_up_leaves_no_ghost(store: impl Store) {
    let locks = Locks::new(store);
    let holder = locks.acquire(request(LONG, 0), Duration::ZERO).await.unwrap();
    let asked = Instant::now();
    let refused = locks.acquire(request(LONG, 0), millis(150)).await;
    assert!(matches!(refused, Err(Error::LockBusy)), "{refused:?}");
    assert!(asked.elapsed() >= millis(150));
    assert!(locks.release(&key("conversation:lock:k"), &holder.lock_token).await.unwrap());
    assert!(locks.acquire(request(LONG, 0), Duration::ZERO).await.is_ok(), "nobody stands before us");
}

async fn waiting_ends_when_the_lease_of_a_dead_holder_ends(store: impl Store) {
    let locks = Locks::new(store);
    let dead = locks.acquire(request(millis(200), 0), Duration::ZERO).await.unwrap();
    let lease = locks.acquire(request(LONG, 0), LONG).await.unwrap();
    assert!(lease.fencing_token > dead.fencing_token);
}

async fn an_attempt_taken_back_frees_the_lock_it_had_taken(store: impl Store) {
    let mine = Token::random();
    assert!(is_granted(attempt(&store, &mine, Place::None).await));
    store.withdraw(&key("conversation:lock:k"), &mine, 0).await.unwrap();
    assert!(is_granted(attempt(&store, &Token::random(), Place::None).await));
}

async fn waiters_of_two_replicas_all_get_their_turn_alone(store: impl Store) {
    let replicas = [Locks::new(store.clone()), Locks::new(store)];
    let held = Arc::new(AtomicBool::new(false));
    let mut waiters = JoinSet::new();
    for waiter in 0..20 {
        let (locks, held) = (replicas[waiter % 2].clone(), held.clone());
        waiters.spawn(async move {
            let lease = locks.acquire(request(LONG, 0), LONG).await.unwrap();
            assert!(!held.swap(true, Ordering::SeqCst), "two hold the lock");
            tokio::time::sleep(millis(2)).await;
            held.store(false, Ordering::SeqCst);
            assert!(locks.release(&key("conversation:lock:k"), &lease.lock_token).await.unwrap());
            lease.fencing_token
        });
    }
    let mut tokens = waiters.join_all().await;
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 20);
}
