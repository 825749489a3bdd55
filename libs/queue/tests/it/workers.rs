//! The workers: several at once, on wake-ups, over retries, dead letters and rows due later.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::support::{Bench, eventually, job, live_benches, payloads};
use lifecycle::Stop;
use model::SystemClock;
use queue::{Backoff, Handler, Lease, Options, Queue, QueueName, Verdict};

fn options() -> Options {
    Options {
        backoff: Backoff::new(Duration::from_millis(5), Duration::from_millis(20)),
        ..Options::default()
    }
}

/// Notes the order of what it was given, fails now and then, and checks that no lane is in two hands.
#[derive(Default)]
struct Recorder {
    done: Mutex<BTreeMap<String, Vec<String>>>,
    in_hand: Mutex<HashSet<String>>,
    calls: AtomicU32,
    overlaps: AtomicU32,
    fail_every: u32,
}

impl Handler for Recorder {
    async fn handle(&self, lease: Lease) -> Verdict {
        let lane = lease.lane().as_str().to_owned();
        if !self.in_hand.lock().unwrap().insert(lane.clone()) {
            self.overlaps.fetch_add(1, Ordering::Relaxed);
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::time::sleep(Duration::from_micros(u64::from(call % 5) * 200)).await;
        self.in_hand.lock().unwrap().remove(&lane);
        if self.fail_every > 0 && call.is_multiple_of(self.fail_every) {
            return Verdict::Retry { error: "now and then".into(), after: None };
        }
        self.done.lock().unwrap().entry(lane).or_default().extend(payloads(&lease));
        Verdict::Ack
    }
}

impl Recorder {
    fn count(&self) -> usize {
        self.done.lock().unwrap().values().map(Vec::len).sum()
    }
}

fn queue(bench: &Bench, options: Options) -> Queue {
    Queue::new(bench.store.clone(), QueueName::Inbox, options)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_workers_keep_every_lane_in_order_and_lose_nothing() {
    for bench in live_benches().await {
        let stop = Stop::new();
        let recorder = Arc::new(Recorder { fail_every: 7, ..Recorder::default() });
        let options = Options { workers: 8, batch: 3, max_tries: 1000, ..options() };
        let replicas = if bench.store.engine() == store::Engine::Sqlite { 1 } else { 3 };
        let mut running = Vec::new();
        for _ in 0..replicas {
            let (queue, stop, recorder) = (queue(&bench, options), stop.clone(), Arc::clone(&recorder));
            running.push(tokio::spawn(async move { queue.run(stop, recorder).await }));
        }
        let (lanes, each) = (10, 20);
        for number in 0..each {
            for lane in 0..lanes {
                bench.push(job(&format!("lane-{lane}"), &format!("{number:03}"))).await;
            }
        }
        eventually("all work", async || recorder.count() == lanes * each).await;
        stop.request();
        for task in running {
            task.await.unwrap().unwrap();
        }
        let expected: Vec<String> = (0..each).map(|number| format!("{number:03}")).collect();
        for (lane, done) in recorder.done.lock().unwrap().iter() {
            assert_eq!(done, &expected, "{lane} on {:?}", bench.store.engine());
        }
        assert_eq!(recorder.overlaps.load(Ordering::Relaxed), 0);
        assert_eq!(bench.count("queue_jobs").await, 0);
    }
}

/// Fails always.
struct Failing;

impl Handler for Failing {
    async fn handle(&self, _lease: Lease) -> Verdict {
        Verdict::Retry { error: "always".into(), after: None }
    }
}

#[tokio::test]
async fn a_job_that_keeps_failing_becomes_a_dead_letter_after_its_tries() {
    for bench in live_benches().await {
        let stop = Stop::new();
        let running = tokio::spawn({
            let (queue, stop) = (queue(&bench, options()), stop.clone());
            async move { queue.run(stop, Arc::new(Failing)).await }
        });
        bench.push(job("lane", "poison")).await;
        eventually("a dead letter", async || bench.count("queue_dead_letters").await == 1).await;
        assert_eq!(bench.count("queue_jobs").await, 0);
        stop.request();
        running.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_row_due_later_enters_its_lane_when_due_and_a_periodic_one_comes_back() {
    for bench in live_benches().await {
        use model::Clock;
        let stop = Stop::new();
        let recorder = Arc::new(Recorder::default());
        let running = tokio::spawn({
            let (queue, stop, recorder) = (queue(&bench, options()), stop.clone(), Arc::clone(&recorder));
            async move { queue.run(stop, recorder).await }
        });
        let soon = SystemClock.now() + Duration::from_millis(100);
        bench.push(job("once", "late").key("once").due_at(soon + Duration::from_hours(1))).await;
        bench.push(job("once", "replaced").key("once").due_at(soon)).await;
        bench.push(job("once", "at once")).await;
        bench.push(job("clock", "tick").key("clock").every(Duration::from_millis(50))).await;
        eventually("three ticks and both rows", async || {
            let done = recorder.done.lock().unwrap();
            done.get("clock").map_or(0, Vec::len) >= 3 && done.get("once").map_or(0, Vec::len) == 2
        })
        .await;
        assert_eq!(recorder.done.lock().unwrap()["once"], ["at once", "replaced"]);
        stop.request();
        running.await.unwrap().unwrap();
    }
}

/// Works longer than its lease.
struct Slow(AtomicU32);

impl Handler for Slow {
    async fn handle(&self, _lease: Lease) -> Verdict {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(600)).await;
        Verdict::Ack
    }
}

#[tokio::test]
async fn a_long_job_renews_its_lease() {
    for bench in live_benches().await {
        let stop = Stop::new();
        let slow = Arc::new(Slow(AtomicU32::new(0)));
        let running = tokio::spawn({
            let queue = queue(&bench, Options { lease: Duration::from_millis(200), ..options() });
            let (stop, slow) = (stop.clone(), Arc::clone(&slow));
            async move { queue.run(stop, slow).await }
        });
        bench.push(job("lane", "long")).await;
        eventually("the end of the job", async || bench.count("queue_jobs").await == 0).await;
        stop.request();
        running.await.unwrap().unwrap();
        assert_eq!(slow.0.load(Ordering::Relaxed), 1, "nobody else got it");
    }
}
