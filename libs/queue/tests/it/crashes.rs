//! Workers that vanish, panic or meet each other, and what the lanes make of it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::support::{eventually, job, live_benches, payloads, postgres, sqlite};
use lifecycle::Stop;
use model::{Classify, Clock, SystemClock};
use queue::{Backoff, Handler, Lease, LeaseLost, Options, Queue, QueueName, Verdict};
use rand::RngExt;
use store::{Store, StoreError, Tx, params};
use tokio::time::sleep;

fn options() -> Options {
    Options {
        backoff: Backoff::new(Duration::from_millis(5), Duration::from_millis(20)),
        ..Options::default()
    }
}

fn queue(store: &Store, options: Options) -> Queue {
    Queue::new(store.clone(), QueueName::Inbox, options)
}

/// Writes down what it did in the transaction of its acknowledgement; a text that is already there would be a second doing.
struct Diary(Store);

impl Handler for Diary {
    async fn handle(&self, lease: Lease) -> Verdict {
        let pause = rand::rng().random_range(0..3_000);
        sleep(Duration::from_micros(pause)).await;
        let written = self.0.write_with("diary", move |tx| {
            Box::pin(async move {
                for text in payloads(&lease) {
                    tx.execute(
                        "INSERT INTO diary (lane, text, generation) VALUES ($1, $2, $3)",
                        params![lease.lane().as_str(), text, lease.generation()],
                    )
                    .await?;
                }
                lease.ack(tx).await
            })
        });
        match written.await {
            Ok(()) | Err(LeaseLost::Lost) => Verdict::Done,
            Err(error) => Verdict::Retry { error: format!("{:?}", error.kind()), after: None },
        }
    }
}

/// The number of an entry tells the order of the commits: whoever has a lane next begins after the commit before.
async fn make_diary(store: &Store) {
    let made = store.write_with("make-diary", |tx| {
        Box::pin(async move {
            let table = "CREATE TABLE diary (entry BIGINT GENERATED ALWAYS AS IDENTITY, lane TEXT NOT NULL,
                text TEXT NOT NULL, generation BIGINT NOT NULL, PRIMARY KEY (lane, text))";
            tx.execute(table, params![]).await?;
            Ok::<_, StoreError>(())
        })
    });
    made.await.unwrap();
}

/// Lanes with what was done in them, in the order of the commits, and under which generation.
async fn diary(store: &Store) -> BTreeMap<String, Vec<(String, i64)>> {
    let mut conn = store.read("diary").await.unwrap();
    let rows = conn.fetch_all("SELECT lane, text, generation FROM diary ORDER BY entry", params![]).await;
    let rows: Vec<(String, String, i64)> = rows.unwrap();
    let mut lanes = BTreeMap::<_, Vec<_>>::new();
    for (lane, text, generation) in rows {
        lanes.entry(lane).or_default().push((text, generation));
    }
    lanes
}

const LANES: usize = 6;
const EACH: usize = 40;

/// Replicas whose runs are cut at random moments, with all they have in hand, as a crash would.
async fn crash_now_and_then(queue: Queue, handler: Arc<Diary>, done: Arc<AtomicBool>) -> u32 {
    let mut crashes = 0;
    while !done.load(Ordering::Relaxed) {
        let life = Duration::from_millis(rand::rng().random_range(20..250));
        let run = queue.run(Stop::new(), Arc::clone(&handler));
        // Dropping the run drops its workers.
        if tokio::time::timeout(life, run).await.is_err() {
            crashes += 1;
        }
    }
    crashes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_crash_now_and_then_do_everything_once_and_in_order() {
    let Some(bench) = postgres().await else { return };
    let bench = bench.live().await;
    make_diary(&bench.store).await;
    let handler = Arc::new(Diary(bench.store.clone()));
    let options = Options {
        workers: 8,
        batch: 3,
        lease: Duration::from_millis(400),
        max_tries: 1000,
        max_expiries: 1000,
        ..options()
    };
    let done = Arc::new(AtomicBool::new(false));
    let replicas: Vec<_> = (0..3)
        .map(|_| {
            let (queue, handler, done) =
                (queue(&bench.store, options), Arc::clone(&handler), Arc::clone(&done));
            tokio::spawn(crash_now_and_then(queue, handler, done))
        })
        .collect();
    for number in 0..EACH {
        for lane in 0..LANES {
            bench.push(job(&format!("lane-{lane}"), &format!("{number:03}"))).await;
        }
    }
    eventually("all work", async || bench.count("queue_jobs").await == 0).await;
    done.store(true, Ordering::Relaxed);
    let mut crashes = 0;
    for replica in replicas {
        crashes += replica.await.unwrap();
    }
    assert!(crashes > 0, "a test of crashes needs some");
    assert_eq!(bench.count("queue_dead_letters").await, 0, "a vanished worker is nobody's failure");
    let expected: Vec<String> = (0..EACH).map(|number| format!("{number:03}")).collect();
    let diary = diary(&bench.store).await;
    assert_eq!(diary.len(), LANES);
    for (lane, entries) in diary {
        assert!(entries.is_sorted_by_key(|(_, generation)| *generation), "{lane}: a stale lease committed");
        let texts: Vec<String> = entries.into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, expected, "{lane}: once each, in order");
    }
}

/// Never answers; its run is cut.
struct Vanishing(AtomicU32);

impl Handler for Vanishing {
    async fn handle(&self, _lease: Lease) -> Verdict {
        self.0.fetch_add(1, Ordering::Relaxed);
        std::future::pending().await
    }
}

#[tokio::test]
async fn on_sqlite_a_restart_waits_for_no_lease_and_a_job_that_ends_every_worker_ends_itself() {
    let bench = sqlite().await.live().await;
    bench.push(job("lane", "poison")).await;
    bench.push(job("lane", "next")).await;
    let vanishing = Arc::new(Vanishing(AtomicU32::new(0)));
    let options = Options { lease: Duration::from_hours(1), max_expiries: 3, workers: 1, ..options() };
    for life in 1..=4 {
        let queue = queue(&bench.store, options);
        let run = queue.run(Stop::new(), Arc::clone(&vanishing));
        let called = eventually("a call", async || vanishing.0.load(Ordering::Relaxed) == life);
        tokio::select! {
            _ = run => unreachable!("nobody stops it"),
            () = called => {}
        }
        assert_eq!(bench.count("queue_dead_letters").await, 0);
    }
    let queue = queue(&bench.store, options);
    let run = queue.run(Stop::new(), Arc::clone(&vanishing));
    tokio::select! {
        _ = run => unreachable!("nobody stops it"),
        () = eventually("the next job", async || vanishing.0.load(Ordering::Relaxed) == 5) => {}
    }
    assert_eq!(bench.count("queue_dead_letters").await, 1, "four workers vanished, and the fifth gave up");
}

/// Panics, and panics again when asked what a dead letter calls for.
struct Panicking;

impl Handler for Panicking {
    async fn handle(&self, _lease: Lease) -> Verdict {
        panic!("told to")
    }
}

#[tokio::test]
async fn a_handler_that_panics_has_failed_a_try_and_holds_nothing() {
    for bench in live_benches().await {
        let stop = Stop::new();
        let running = tokio::spawn({
            let (queue, stop) = (queue(&bench.store, options()), stop.clone());
            async move { queue.run(stop, Arc::new(Panicking)).await }
        });
        bench.push(job("lane", "poison")).await;
        // Well before the lease of thirty seconds ends even once.
        eventually("a dead letter", async || bench.count("queue_dead_letters").await == 1).await;
        stop.request();
        running.await.unwrap().unwrap();
    }
}

/// Gives up, and cannot do what a dead letter calls for.
struct NoEnd;

impl Handler for NoEnd {
    async fn handle(&self, _lease: Lease) -> Verdict {
        Verdict::Dead { error: "never".into() }
    }

    async fn on_dead(&self, tx: &mut Tx, _lease: &Lease, _error: &str) -> Result<(), StoreError> {
        tx.execute("INSERT INTO nowhere VALUES (1)", params![]).await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_dead_letter_whose_last_rites_always_fail_is_buried_without_them_in_the_end() {
    for bench in live_benches().await {
        let stop = Stop::new();
        let running = tokio::spawn({
            let options = Options { lease: Duration::from_millis(30), max_expiries: 1, ..options() };
            let (queue, stop) = (queue(&bench.store, options), stop.clone());
            async move { queue.run(stop, Arc::new(NoEnd)).await }
        });
        bench.push(job("lane", "poison")).await;
        eventually("a dead letter", async || bench.count("queue_dead_letters").await == 1).await;
        stop.request();
        running.await.unwrap().unwrap();
    }
}

/// Always busy: each job is followed by another.
struct Endless(Store);

impl Handler for Endless {
    async fn handle(&self, lease: Lease) -> Verdict {
        if lease.lane().as_str() == "due" {
            return Verdict::Ack;
        }
        let written = self.0.write_with("again", move |tx| {
            Box::pin(async move {
                queue::push(tx, job(lease.lane().as_str(), "again")).await?;
                lease.ack(tx).await
            })
        });
        written
            .await
            .map_or_else(|error| Verdict::Retry { error: error.to_string(), after: None }, |()| Verdict::Done)
    }
}

#[tokio::test]
async fn a_row_due_later_comes_while_the_workers_are_never_idle() {
    for bench in live_benches().await {
        for lane in 0..8 {
            bench.push(job(&format!("busy-{lane}"), "first")).await;
        }
        bench.push(job("due", "due").due_at(SystemClock.now() + Duration::from_millis(100))).await;
        let stop = Stop::new();
        let running = tokio::spawn({
            let (queue, stop) = (queue(&bench.store, Options { workers: 2, ..options() }), stop.clone());
            let handler = Arc::new(Endless(bench.store.clone()));
            async move { queue.run(stop, handler).await }
        });
        eventually("the row that is due", async || bench.count("queue_scheduled").await == 0).await;
        eventually("its work", async || bench.count("queue_jobs WHERE lane = 'due'").await == 0).await;
        stop.request();
        running.await.unwrap().unwrap();
    }
}
