//! What every store of limits promises.

use std::time::Duration;

use dedup_lock::domain::{Take, Taken};
use dedup_lock::store::Store;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::{LONG, key, millis, on_every_store};

on_every_store!(limit: [
    of_two_hundred_at_once_exactly_the_limit_is_allowed
    no_window_ever_holds_more_than_the_limit
    a_cost_is_taken_whole_or_not_at_all
    the_window_opens_again_after_the_delay_that_was_told
    limits_of_different_keys_do_not_meet
    a_lowered_limit_holds_at_once
]);

fn take(limit: u32, window: Duration, cost: u32) -> Take {
    Take::new(limit, window, cost).unwrap()
}

async fn of_two_hundred_at_once_exactly_the_limit_is_allowed(store: impl Store) {
    let mut takes = JoinSet::new();
    for _ in 0..200 {
        let store = store.clone();
        takes.spawn(async move { store.take(&key("k"), take(80, LONG, 1)).await.unwrap() });
    }
    let answers = takes.join_all().await;
    assert_eq!(answers.iter().filter(|taken| taken.allowed).count(), 80);
    let mut left: Vec<_> =
        answers.iter().filter(|taken| taken.allowed).map(|taken| taken.remaining).collect();
    left.sort_unstable();
    assert!(left.into_iter().eq(0..80), "each place is counted once");
}

async fn no_window_ever_holds_more_than_the_limit(store: impl Store) {
    const LIMIT: u32 = 20;
    let window = millis(200);
    let end = Instant::now() + millis(1_200);
    let mut takers = JoinSet::new();
    for _ in 0..4 {
        let store = store.clone();
        takers.spawn(async move {
            let mut allowed = Vec::new();
            while Instant::now() < end {
                let before = Instant::now();
                let taken = store.take(&key("k"), take(LIMIT, window, 1)).await.unwrap();
                if taken.allowed {
                    allowed.push((before, Instant::now()));
                }
                tokio::time::sleep(Duration::from_micros(rand::random_range(0..3_000))).await;
            }
            allowed
        });
    }
    let mut allowed: Vec<_> = takers.join_all().await.into_iter().flatten().collect();
    allowed.sort_unstable();
    // Each was allowed at some moment between its call and its answer. If the calls and answers of more than the limit lie within
    // one window, so do those moments.
    for (index, (first_call, _)) in allowed.iter().enumerate() {
        let within = allowed[index..].iter().filter(|(_, answer)| *answer < *first_call + window).count();
        assert!(within <= LIMIT as usize, "{within} within one window");
    }
    assert!(allowed.len() > LIMIT as usize, "the window must open again");
}

async fn a_cost_is_taken_whole_or_not_at_all(store: impl Store) {
    let three = take(5, LONG, 3);
    assert_eq!(
        store.take(&key("k"), three).await,
        Ok(Taken { allowed: true, remaining: 2, retry_after: Duration::ZERO })
    );
    let refused = store.take(&key("k"), three).await.unwrap();
    assert!(!refused.allowed && refused.remaining == 2, "{refused:?}");
    assert!(store.take(&key("k"), take(5, LONG, 2)).await.unwrap().allowed);
    assert!(!store.take(&key("k"), take(5, LONG, 1)).await.unwrap().allowed);
}

async fn the_window_opens_again_after_the_delay_that_was_told(store: impl Store) {
    let window = millis(300);
    assert!(store.take(&key("k"), take(2, window, 1)).await.unwrap().allowed);
    tokio::time::sleep(millis(60)).await;
    assert!(store.take(&key("k"), take(2, window, 1)).await.unwrap().allowed);
    let refused = store.take(&key("k"), take(2, window, 2)).await.unwrap();
    if refused.allowed {
        return; // The machine was asleep for longer than a window.
    }
    assert!(refused.retry_after > Duration::ZERO && refused.retry_after <= window, "{refused:?}");
    tokio::time::sleep(refused.retry_after).await;
    assert!(store.take(&key("k"), take(2, window, 2)).await.unwrap().allowed);
}

async fn limits_of_different_keys_do_not_meet(store: impl Store) {
    for number in 0..50 {
        assert!(store.take(&key(&format!("ratelimit:{number}")), take(1, LONG, 1)).await.unwrap().allowed);
    }
    assert!(!store.take(&key("ratelimit:7"), take(1, LONG, 1)).await.unwrap().allowed);
}

async fn a_lowered_limit_holds_at_once(store: impl Store) {
    assert!(store.take(&key("k"), take(10, LONG, 8)).await.unwrap().allowed);
    let refused = store.take(&key("k"), take(5, LONG, 1)).await.unwrap();
    assert!(!refused.allowed && refused.remaining == 0, "{refused:?}");
    assert!(refused.retry_after > Duration::ZERO && refused.retry_after <= LONG);
}
