//! What every store of claims promises.

use std::time::Duration;

use dedup_lock::domain::{Claim, Token};
use dedup_lock::store::{DedupStore, Store};
use tokio::task::JoinSet;

use crate::{LONG, key, millis, on_every_store};

on_every_store!(dedup: [
    of_two_hundred_concurrent_claims_one_succeeds
    a_completed_claim_answers_completed_and_stays_so
    a_released_claim_can_be_taken_again
    a_token_that_does_not_hold_the_claim_changes_nothing
    a_claim_repeated_with_its_own_token_is_still_claimed
    a_claim_ends_after_its_time
    a_completed_claim_is_remembered_for_the_rest_of_its_time_only
    claims_of_different_keys_do_not_meet
]);

async fn of_two_hundred_concurrent_claims_one_succeeds(store: impl Store) {
    for round in 0..5 {
        let key = key(&format!("twilio:message:SM{round}"));
        let mut claims = JoinSet::new();
        for _ in 0..200 {
            let (store, key) = (store.clone(), key.clone());
            claims.spawn(async move { store.claim(&key, &Token::random(), LONG).await.unwrap() });
        }
        let outcomes = claims.join_all().await;
        let claimed = outcomes.iter().filter(|outcome| **outcome == Claim::Claimed).count();
        let in_progress = outcomes.iter().filter(|outcome| **outcome == Claim::InProgress).count();
        assert_eq!((claimed, in_progress), (1, 199), "round {round}");
    }
}

async fn a_completed_claim_answers_completed_and_stays_so(store: impl Store) {
    let (key, token) = (key("k"), Token::random());
    assert_eq!(store.claim(&key, &token, LONG).await, Ok(Claim::Claimed));
    assert_eq!(store.complete(&key, &token).await, Ok(true));
    assert_eq!(store.complete(&key, &token).await, Ok(true), "repeating it changes nothing");
    assert_eq!(DedupStore::release(&store, &key, &token).await, Ok(false));
    assert_eq!(store.claim(&key, &Token::random(), LONG).await, Ok(Claim::Completed));
    assert_eq!(store.claim(&key, &token, LONG).await, Ok(Claim::Completed));
}

async fn a_released_claim_can_be_taken_again(store: impl Store) {
    let (key, token) = (key("k"), Token::random());
    assert_eq!(store.claim(&key, &token, LONG).await, Ok(Claim::Claimed));
    assert_eq!(DedupStore::release(&store, &key, &token).await, Ok(true));
    assert_eq!(DedupStore::release(&store, &key, &token).await, Ok(false));
    assert_eq!(store.complete(&key, &token).await, Ok(false));
    assert_eq!(store.claim(&key, &Token::random(), LONG).await, Ok(Claim::Claimed));
}

async fn a_token_that_does_not_hold_the_claim_changes_nothing(store: impl Store) {
    let (key, token) = (key("k"), Token::random());
    assert_eq!(store.complete(&key, &token).await, Ok(false), "nobody claimed it");
    assert_eq!(store.claim(&key, &token, LONG).await, Ok(Claim::Claimed));
    assert_eq!(store.complete(&key, &Token::random()).await, Ok(false));
    assert_eq!(DedupStore::release(&store, &key, &Token::random()).await, Ok(false));
    assert_eq!(store.claim(&key, &Token::random(), LONG).await, Ok(Claim::InProgress));
}

async fn a_claim_repeated_with_its_own_token_is_still_claimed(store: impl Store) {
    let (key, token) = (key("k"), Token::random());
    assert_eq!(store.claim(&key, &token, LONG).await, Ok(Claim::Claimed));
    assert_eq!(store.claim(&key, &token, LONG).await, Ok(Claim::Claimed));
}

async fn a_claim_ends_after_its_time(store: impl Store) {
    let (key, first, second) = (key("k"), Token::random(), Token::random());
    assert_eq!(store.claim(&key, &first, millis(50)).await, Ok(Claim::Claimed));
    tokio::time::sleep(millis(120)).await;
    assert_eq!(store.complete(&key, &first).await, Ok(false));
    assert_eq!(store.claim(&key, &second, LONG).await, Ok(Claim::Claimed));
    assert_eq!(
        store.complete(&key, &first).await,
        Ok(false),
        "the late first must not complete the second's claim"
    );
}

async fn a_completed_claim_is_remembered_for_the_rest_of_its_time_only(store: impl Store) {
    let (key, token) = (key("k"), Token::random());
    let started = tokio::time::Instant::now();
    assert_eq!(store.claim(&key, &token, Duration::from_secs(2)).await, Ok(Claim::Claimed));
    assert_eq!(store.complete(&key, &token).await, Ok(true));
    assert_eq!(store.claim(&key, &Token::random(), LONG).await, Ok(Claim::Completed));
    tokio::time::sleep_until(started + millis(2_200)).await;
    assert_eq!(store.claim(&key, &Token::random(), LONG).await, Ok(Claim::Claimed));
}

async fn claims_of_different_keys_do_not_meet(store: impl Store) {
    for number in 0..50 {
        let key = key(&format!("waha:message:{number}"));
        assert_eq!(store.claim(&key, &Token::random(), LONG).await, Ok(Claim::Claimed));
    }
}
