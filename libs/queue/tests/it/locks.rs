//! Transactions of PostgreSQL that meet at a lane, one step at a time.

use std::time::Duration;

use queue::{LeaseLost, QueueName};
use store::{Store, StoreError, Tx, params};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

use crate::support::{Bench, LEASE, benches, job, payloads, postgres};

const SECOND: Duration = Duration::from_secs(1);

/// Keeps a lane's row locked until told otherwise, and does something else before it lets go.
fn hold_lane(
    store: &Store,
    last: impl for<'t> FnOnce(&'t mut Tx) -> futures::future::BoxFuture<'t, Result<(), StoreError>>
    + Send
    + 'static,
) -> (oneshot::Receiver<()>, oneshot::Sender<()>, tokio::task::JoinHandle<Result<(), StoreError>>) {
    let (locked, is_locked) = oneshot::channel();
    let (go, may_go) = oneshot::channel::<()>();
    let store = store.clone();
    let holding = tokio::spawn(async move {
        store
            .write_with("hold", move |tx| {
                Box::pin(async move {
                    tx.execute("SELECT depth FROM queue_lanes WHERE lane = 'lane' FOR UPDATE", params![])
                        .await?;
                    let _ = locked.send(());
                    let _ = may_go.await;
                    last(tx).await
                })
            })
            .await
    });
    (is_locked, go, holding)
}

async fn push_now(bench: &Bench, job: queue::NewJob) {
    timeout(5 * SECOND, bench.push(job)).await.expect("pushed in time");
}

#[tokio::test]
async fn an_urgent_row_pushed_while_the_head_before_it_is_acknowledged_is_not_overlooked() {
    let Some(bench) = postgres().await else { return };
    // A stuck head, overtaken by an urgent row that is in hand.
    push_now(&bench, job("lane", "stuck")).await;
    let stuck = bench.claim_one().await.unwrap();
    bench.again(&stuck, true, 600 * SECOND).await.unwrap();
    push_now(&bench, job("lane", "urgent").urgent()).await;
    let urgent = bench.claim_one().await.unwrap();
    // A second urgent row commits while the acknowledgement of the first waits for the lane.
    let second = job("lane", "second").urgent();
    let (locked, go, holding) =
        hold_lane(&bench.store, move |tx| Box::pin(async move { queue::push(tx, second).await }));
    locked.await.unwrap();
    let acknowledged = bench.ack(&urgent);
    let let_go = async {
        sleep(SECOND / 5).await;
        go.send(()).unwrap();
    };
    let (acknowledged, ()) = tokio::join!(acknowledged, let_go);
    acknowledged.unwrap();
    holding.await.unwrap().unwrap();
    assert_eq!(payloads(&bench.claim_one().await.expect("at once")), ["second"]);
}

#[tokio::test]
async fn a_late_acknowledgement_and_a_claim_of_the_same_lane_do_not_wait_for_each_other() {
    let Some(bench) = postgres().await else { return };
    for round in 0..30 {
        bench.clear().await;
        push_now(&bench, job("lane", "work")).await;
        let late = bench.claim_one().await.unwrap();
        bench.clock.advance(LEASE);
        let (acknowledged, claimed) = tokio::join!(bench.ack(&late), bench.claim(1, 1));
        match acknowledged {
            Ok(()) => assert!(claimed.is_empty(), "round {round}"),
            Err(LeaseLost::Lost) => assert_eq!(claimed.len(), 1, "round {round}"),
            Err(error) => panic!("round {round}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn a_claim_passes_over_a_lane_that_is_locked_and_never_waits() {
    let Some(bench) = postgres().await else { return };
    push_now(&bench, job("lane", "locked")).await;
    push_now(&bench, job("other", "free")).await;
    let (locked, go, holding) = hold_lane(&bench.store, |_| Box::pin(async { Ok(()) }));
    locked.await.unwrap();
    let leases = timeout(5 * SECOND, bench.claim(8, 1)).await.expect("no waiting");
    assert_eq!(leases.iter().flat_map(payloads).collect::<Vec<_>>(), ["free"]);
    go.send(()).unwrap();
    holding.await.unwrap().unwrap();
}

#[tokio::test]
async fn rows_that_are_due_give_way_to_whoever_holds_their_lane() {
    let Some(bench) = postgres().await else { return };
    push_now(&bench, job("lane", "first")).await;
    push_now(&bench, job("lane", "due").key("due").due_at(bench.now())).await;
    // Holds the lane and then wants the row that is on its way into it.
    let again = job("lane", "replaced").key("due").due_at(bench.now() + 60 * SECOND);
    let (locked, go, holding) =
        hold_lane(&bench.store, move |tx| Box::pin(async move { queue::push(tx, again).await }));
    locked.await.unwrap();
    let entering =
        bench.store.write_with("enter-due", move |tx| Box::pin(queue::enter_due(tx, QueueName::Inbox)));
    let let_go = async {
        sleep(SECOND / 20).await;
        go.send(()).unwrap();
    };
    let (entered, ()) = tokio::join!(entering, let_go);
    assert!(entered.is_err(), "the chore is the one that fails");
    holding.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_job_without_a_key_is_not_cancelled_by_an_empty_one() {
    for bench in benches().await {
        bench.push(job("lane", "later").due_at(bench.now() + SECOND)).await;
        bench.push(job("lane", "now")).await;
        assert!(!bench.cancel("").await);
        assert_eq!((bench.count("queue_scheduled").await, bench.count("queue_jobs").await), (1, 1));
    }
}
