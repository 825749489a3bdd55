//! What a lane promises, one sentence a test, on both engines.

use std::time::Duration;

use crate::support::{LEASE, benches, job, payloads};
use queue::LeaseLost;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn jobs_of_one_lane_come_one_at_a_time_in_the_order_of_their_commits() {
    for bench in benches().await {
        for payload in ["a", "b", "c"] {
            bench.push(job("lane", payload)).await;
        }
        for expected in ["a", "b", "c"] {
            let lease = bench.claim_one().await.expect("a head");
            assert_eq!(payloads(&lease), [expected]);
            assert!(bench.claim_one().await.is_none(), "the lane is under a lease");
            bench.ack(&lease).await.unwrap();
        }
        assert!(bench.claim_one().await.is_none());
        assert_eq!(bench.count("queue_jobs").await, 0, "finished rows leave the hot table");
    }
}

#[tokio::test]
async fn different_lanes_are_in_hand_side_by_side() {
    for bench in benches().await {
        for lane in ["one", "two", "three"] {
            bench.push(job(lane, lane)).await;
        }
        assert_eq!(bench.claim(10, 1).await.len(), 3);
    }
}

#[tokio::test]
async fn a_failing_head_holds_its_lane_until_its_back_off_ends() {
    for bench in benches().await {
        bench.push(job("lane", "head")).await;
        bench.push(job("lane", "behind")).await;
        let lease = bench.claim_one().await.unwrap();
        bench.again(&lease, true, 2 * SECOND).await.unwrap();
        bench.push(job("lane", "later")).await;
        assert!(bench.claim_one().await.is_none(), "held by its head");
        bench.clock.advance(2 * SECOND);
        let lease = bench.claim_one().await.unwrap();
        assert_eq!((payloads(&lease), lease.tries()), (vec!["head".to_owned()], 1));
    }
}

#[tokio::test]
async fn a_vanished_worker_gives_its_work_back_when_the_lease_ends_and_cannot_act_any_more() {
    for bench in benches().await {
        bench.push(job("lane", "work")).await;
        let vanished = bench.claim_one().await.unwrap();
        bench.clock.advance(LEASE);
        let second = bench.claim_one().await.expect("the lease has ended");
        assert_eq!((second.tries(), second.expiries()), (0, 1), "expiries are counted apart from tries");
        assert_eq!(second.batch_id(), vanished.batch_id());
        assert!(second.generation() > vanished.generation());
        assert!(matches!(bench.ack(&vanished).await, Err(LeaseLost::Lost)));
        assert!(matches!(bench.again(&vanished, true, SECOND).await, Err(LeaseLost::Lost)));
        bench.ack(&second).await.unwrap();
    }
}

#[tokio::test]
async fn a_batch_is_frozen_by_its_claim_and_a_retry_takes_the_same_set() {
    for bench in benches().await {
        for payload in ["a", "b", "c"] {
            bench.push(job("lane", payload)).await;
        }
        let lease = bench.claim(1, 2).await.pop().unwrap();
        assert_eq!(payloads(&lease), ["a", "b"]);
        bench.push(job("lane", "d")).await;
        bench.again(&lease, true, Duration::ZERO).await.unwrap();
        let retry = bench.claim(1, 10).await.pop().unwrap();
        assert_eq!(
            (payloads(&retry), retry.batch_id()),
            (vec!["a".to_owned(), "b".to_owned()], lease.batch_id())
        );
        bench.ack(&retry).await.unwrap();
        let rest = bench.claim(1, 10).await.pop().unwrap();
        assert_eq!(payloads(&rest), ["c", "d"]);
        assert_ne!(rest.batch_id(), lease.batch_id());
    }
}

#[tokio::test]
async fn a_set_frozen_under_a_larger_limit_stays_whole_under_a_smaller_one() {
    for bench in benches().await {
        for payload in ["a", "b", "c"] {
            bench.push(job("lane", payload)).await;
        }
        let lease = bench.claim(1, 3).await.pop().unwrap();
        bench.again(&lease, true, Duration::ZERO).await.unwrap();
        assert_eq!(payloads(&bench.claim_one().await.unwrap()), ["a", "b", "c"]);
    }
}

#[tokio::test]
async fn an_urgent_row_overtakes_a_stuck_head_which_keeps_its_place_and_its_moment() {
    for bench in benches().await {
        bench.push(job("lane", "stuck")).await;
        let stuck = bench.claim_one().await.unwrap();
        bench.again(&stuck, true, 60 * SECOND).await.unwrap();
        bench.push(job("lane", "urgent").urgent()).await;
        let urgent = bench.claim_one().await.expect("the urgent row");
        assert_eq!(payloads(&urgent), ["urgent"]);
        bench.ack(&urgent).await.unwrap();
        assert!(bench.claim_one().await.is_none(), "the stuck head waits for its moment");
        bench.clock.advance(60 * SECOND);
        assert_eq!(bench.claim_one().await.unwrap().batch_id(), stuck.batch_id());
    }
}

#[tokio::test]
async fn an_urgent_row_that_came_while_the_head_was_in_hand_is_next_when_the_head_fails() {
    for bench in benches().await {
        bench.push(job("lane", "head")).await;
        let head = bench.claim_one().await.unwrap();
        bench.push(job("lane", "urgent").urgent()).await;
        assert!(bench.claim_one().await.is_none(), "a job in hand is not interrupted");
        bench.again(&head, true, 60 * SECOND).await.unwrap();
        assert_eq!(payloads(&bench.claim_one().await.unwrap()), ["urgent"]);
    }
}

#[tokio::test]
async fn a_dead_letter_keeps_its_error_and_lets_the_lane_go_on() {
    for bench in benches().await {
        bench.push(job("lane", "poison")).await;
        bench.push(job("lane", "next")).await;
        let poison = bench.claim_one().await.unwrap();
        bench.bury(&poison).await.unwrap();
        assert_eq!(bench.count("queue_dead_letters").await, 1);
        assert_eq!(payloads(&bench.claim_one().await.unwrap()), ["next"]);
    }
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_by_its_key_and_one_in_hand_is_not() {
    for bench in benches().await {
        bench.push(job("lane", "first").key("first")).await;
        bench.push(job("lane", "second").key("second")).await;
        let first = bench.claim_one().await.unwrap();
        assert!(!bench.cancel("first").await, "a worker has it");
        assert!(bench.cancel("second").await);
        bench.ack(&first).await.unwrap();
        assert!(bench.claim_one().await.is_none());
        bench.push(job("lane", "third")).await;
        assert_eq!(payloads(&bench.claim_one().await.unwrap()), ["third"], "the lane's books are right");
    }
}

#[tokio::test]
async fn a_push_that_is_rolled_back_leaves_nothing() {
    for bench in benches().await {
        let job = job("lane", "never");
        let failed = bench
            .store
            .write_with("push", move |tx| {
                Box::pin(async move {
                    queue::push(tx, job).await?;
                    Err::<(), _>(store::StoreError::Closed)
                })
            })
            .await;
        assert!(failed.is_err());
        assert!(bench.claim_one().await.is_none());
    }
}

#[tokio::test]
async fn an_idle_lane_keeps_its_generation_growing() {
    for bench in benches().await {
        let mut last = 0;
        for _ in 0..3 {
            bench.push(job("lane", "work")).await;
            let lease = bench.claim_one().await.unwrap();
            assert!(lease.generation() > last);
            last = lease.generation();
            bench.ack(&lease).await.unwrap();
        }
    }
}
